import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { CLI as cli, ensureBuilt } from "../helpers/built.ts";
import { makeRepository } from "../helpers/repository.ts";
import { workPackage } from "../helpers/work-package.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

beforeAll(ensureBuilt);

/** Runs the demo to its end, with a temporary folder of its own. */
function demo(args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "spec-kitty-demo-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const env = { ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "demo", "--exit", ...args], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr, left: readdirSync(folder) };
}

test("the story is told by hooks alone, delivered to a board, leaves nothing behind, and is what the README shows", () => {
  const { status, stdout, stderr, left } = demo([]);
  expect([status, stderr, left]).toEqual([0, "", []]);
  const moves = [...stdout.matchAll(/(WP\d\d) {2}(\w+ → \w+)/g)].map(([, id, move]) => `${id} ${move}`);
  expect(moves).toEqual([
    "WP01 planned → doing",
    "WP01 doing → for_review",
    "WP01 for_review → doing",
    "WP01 doing → planned",
    "WP01 planned → doing",
    "WP01 doing → for_review",
    "WP01 for_review → done",
    "WP02 planned → doing",
    "WP03 planned → doing",
    "WP03 doing → for_review",
    "WP02 doing → for_review",
  ]);
  expect(stdout).toMatch(/\n34 events of 1 feature: .*\n34 delivered, 0 duplicates, 0 skipped, 0 pending, 0 dead\n/);
  expect(stdout).toMatch(/\nBoard: http:\/\/127\.0\.0\.1:\d+\/\n/);
  expect(stdout).not.toContain("\u001b");
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const captured = /\$ npm start\n(.*?)\n…\n/s.exec(readme)?.[1] ?? "no capture";
  const timeless = (text: string): string => text.replaceAll(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}/g, "<when>");
  expect(timeless(stdout)).toContain(timeless(captured));
});

test("a repository of one's own is shown by a clone; itself it is not touched", () => {
  const repository = makeRepository();
  repository.commit("Plan", { files: { "kitty-specs/001-x/tasks/WP01-x.md": workPackage() } });
  repository.commit("Done", { files: { "kitty-specs/001-x/tasks/WP01-x.md": workPackage({ lane: "done" }) } });
  const list = (): string[] => readdirSync(repository.path, { recursive: true, encoding: "utf8" }).sort();
  const before = list();
  const { status, stdout, stderr, left } = demo([repository.path]);
  expect([status, stderr, left]).toEqual([0, "", []]);
  expect(stdout).toMatch(/^6 events of 2 commits in a clone of .*\n6 delivered, /);
  expect(list()).toEqual(before);
});

test("what is no repository is named, with what to do", () => {
  const { status, stdout, stderr, left } = demo(["/nowhere"]);
  expect([status, stdout, left]).toEqual([1, "", []]);
  expect(stderr).toMatch(/^\/nowhere cannot be cloned: .*\nName the folder of a git repository, or give none/);
});
