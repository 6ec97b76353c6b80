import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { runCli } from "../../src/commands/run-cli.ts";
import { CLI, ensureBuilt } from "../helpers/built.ts";
import { startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { makeFolder } from "../helpers/folder.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";
import { targetOf } from "../helpers/sync-world.ts";
import { workPackage } from "../helpers/work-package.ts";
import { makeContext } from "./cli-context.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const TASK = "kitty-specs/001-x/tasks/WP01-x.md";

beforeAll(ensureBuilt);

interface StartOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly isTTY?: boolean;
  /** Is told each text before the demo goes on; may end it. */
  readonly onWrite?: (text: string, stop: (signal: string) => void) => unknown;
}

/** Starts the demo in this process, with a temporary folder of its own. */
function start(args: string[], { env = {}, isTTY = false, onWrite = () => undefined }: StartOptions = {}) {
  const folder = makeFolder();
  for (const name of ["TMPDIR", "TMP", "TEMP"]) vi.stubEnv(name, folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const controller = new AbortController();
  const { signal } = controller;
  const stop = (name: string): void => controller.abort(name);
  const { context, written } = makeContext({ cwd: folder, env: { ...process.env, ...env }, signal });
  const write = async (text: string): Promise<void> => {
    await context.stdout.write(text);
    onWrite(text, stop);
  };
  const ended = runCli(["demo", ...args], { ...context, stdout: { isTTY, columns: 100, write } });
  return {
    ended,
    written,
    stop,
    /** What the demo leaves behind. */
    left: () => readdirSync(folder),
  };
}

function makeOwn(): TestRepository {
  const repository = makeRepository();
  repository.commit("Plan", { files: { [TASK]: workPackage() } });
  repository.commit("Done", { files: { [TASK]: workPackage({ lane: "done" }) } });
  return repository;
}

test("the story is told by hooks alone, delivered to a board of its own, leaves nothing behind, and is what the README shows", async () => {
  const users = await startFaultServer(takeAll);
  const { ended, written, left } = start(["--exit"], { env: targetOf(users.url) });
  expect([await ended, written.stderr, left(), users.requests]).toEqual([0, "", [], []]);
  const { stdout } = written;
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

test("as a program, too: a repository of one's own is shown by a clone; itself it is not touched", () => {
  const { path } = makeOwn();
  const list = (): string[] => readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
  const [before, folder] = [list(), makeFolder()];
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, "demo", "--exit", path], {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder },
    encoding: "utf8",
  });
  expect([status, stderr, readdirSync(folder)]).toEqual([0, "", []]);
  expect(stdout).toMatch(/^6 events of 2 commits in a clone of .*\n6 delivered, /);
  expect(list()).toEqual(before);
});

test("what is committed in the clone is on the board soon, until somebody ends the demo", async () => {
  const { path } = makeOwn();
  const { ended, written, stop, left } = start([path]);
  const find = (pattern: RegExp): string => pattern.exec(written.stdout)?.[1] ?? "";
  await expect.poll(() => find(/Commit in (.*) and watch/), { timeout: 30_000 }).not.toBe("");
  const [clone, url, token] = [find(/Commit in (.*) and watch/), find(/Board: (.*)\//), find(/token once: (.*)/)];
  const countEvents = async (): Promise<number> => {
    const answer = await fetch(`${url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` } });
    const { events }: { events: unknown[] } = JSON.parse(await answer.text());
    return events.length;
  };
  expect(await countEvents()).toBe(6);
  const begin = `sed -i.old 's/^lane: .*/lane: "doing"/' ${TASK} && rm ${TASK}.old &&
    git -c user.name=A -c user.email=a@example.invalid commit --quiet --all -m Begin`;
  expect(spawnSync("sh", ["-c", begin], { cwd: clone }).status).toBe(0);
  await expect.poll(countEvents, { timeout: 30_000 }).toBe(7);
  stop("SIGINT");
  expect([await ended, written.stderr, left()]).toEqual([130, "", []]);
});

test("a signal ends it in the middle of its story, which a terminal shows in colours; nothing of it is left", async () => {
  const { ended, written, left } = start([], {
    isTTY: true,
    env: { NO_COLOR: undefined, TERM: "xterm" },
    onWrite: (text, stop) => text.includes("feature of 3") && stop("SIGTERM"),
  });
  expect([await ended, left()]).toEqual([143, []]);
  expect(written.stdout).toContain("\u001b[2mwhen (UTC)");
  expect(written.stdout).not.toContain("codex reviews it");
});

test("a signal ends it while it delivers, too, and that is no failure of the demo", async () => {
  const { path } = makeOwn();
  const { ended, written, left } = start([path], {
    onWrite: (text, stop) => text.includes("in a clone of") && stop("SIGINT"),
  });
  expect([await ended, written.stderr, left()]).toEqual([130, "", []]);
});

test("what is no repository is named, with what to do", async () => {
  const { ended, written, left } = start(["/nowhere", "--exit"]);
  expect([await ended, written.stdout, left()]).toEqual([1, "", []]);
  expect(written.stderr).toMatch(/^\/nowhere cannot be cloned: .*\nName the folder of a git repository, or give none/);
});
