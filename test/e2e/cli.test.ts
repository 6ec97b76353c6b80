import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { CLI as cli, ensureBuilt } from "../helpers/built.ts";
import { type ImportedCommit, importGraph } from "../helpers/import-graph.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";
import { workPackage } from "../helpers/work-package.ts";

beforeAll(ensureBuilt);

const repository = makeRepository({ bare: true, onFinish: afterAll });

/** A main branch with so many history entries, ten commits of a work package each per feature. */
function writeHistory(entries: number): TestRepository {
  const commits = 100;
  const made = makeRepository({ bare: true });
  const oids = importGraph(
    made,
    Array.from({ length: commits }, (_, index): ImportedCommit => {
      const log = Array.from({ length: entries / commits }, (__, line) => {
        const time = new Date(Date.UTC(2025, 0, 1) + (index * 1000 + line) * 1000).toISOString().replace(".000Z", "Z");
        return `${time} – claude – entry ${index} ${line} says something that is about as long as such entries are`;
      });
      const feature = `kitty-specs/${String(index % 50).padStart(3, "0")}-part`;
      return {
        files: { [`${feature}/tasks/WP${String(Math.floor(index / 50)).padStart(2, "0")}-x.md`]: workPackage({ log }) },
      };
    }),
  );
  made.git("update-ref", "refs/heads/main", oids.at(-1) ?? "");
  return made;
}

function run(args: string[], { cwd = repository.path, env = {}, node = [] as string[] } = {}) {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 28, encoding: "utf8" as const };
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...node, cli, ...args], options);
  return { status, signal, stdout, stderr };
}

describe("the built command", () => {
  test("prints lines that its own validator takes", () => {
    const [oid = ""] = importGraph(repository, [
      { files: { "kitty-specs/001-x/tasks/WP01-x.md": workPackage({ lane: "done" }) } },
    ]);
    repository.git("update-ref", "refs/heads/main", oid);
    const { status, stdout, stderr } = run(["events", "infer"]);
    expect([status, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(3);
    const validated = spawnSync(process.execPath, [cli, "events", "validate", "-"], {
      input: stdout,
      encoding: "utf8",
    });
    expect(validated.status).toBe(0);
    expect(validated.stdout.match(/"valid":true/g)).toHaveLength(lines.length);
  });

  test.each<[string, string[], number]>([
    ["an unknown revision", ["events", "infer", "nowhere"], 1],
    ["a wrong option", ["events", "infer", "--nothing"], 2],
    ["no such directory", ["events", "infer", "--repo", "/nowhere"], 1],
  ])("ends with its status and two lines: %s", (_, args, expected) => {
    const { status, stdout, stderr } = run(args);
    expect([status, stdout]).toEqual([expected, ""]);
    expect(stderr).toMatch(/^.+\n.+\n$/);
  });

  test("outside a repository it says so", () => {
    const { status, stderr } = run(["events", "infer"], { cwd: dirname(repository.path) });
    expect(status).toBe(1);
    expect(stderr).toContain("is not in a git repository");
  });

  test("writes nothing into the repository", () => {
    const list = (): string[] => readdirSync(repository.path, { recursive: true, encoding: "utf8" }).sort();
    const before = list();
    run(["events", "infer", "--all"]);
    expect(list()).toEqual(before);
  });

  test("a reader that leaves ends it quietly", async () => {
    const { path } = writeHistory(20_000);
    const child = spawn(process.execPath, [cli, "events", "infer"], { cwd: path, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const [status, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      child.on("close", (...end) => resolve(end)),
    );
    expect([status, signal, said]).toEqual([0, null, ""]);
  });

  test("an interrupt ends it with 130 and no word, and its git processes with it", async () => {
    const { path } = writeHistory(20_000);
    const child = spawn(process.execPath, [cli, "events", "infer"], { cwd: path, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stdout.once("data", () => {
      child.kill("SIGINT");
      child.stdout.resume();
    });
    const [status, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      child.on("close", (...end) => resolve(end)),
    );
    expect([status, signal, said]).toEqual([130, null, ""]);
  });

  test("events are not kept: 60,000 of them, 40 MB of JSON, are told in a heap of 64 MB", () => {
    const { status, stdout } = run(["events", "infer", "--type", "HistoryAdded"], {
      cwd: writeHistory(60_000).path,
      node: ["--max-old-space-size=64"],
    });
    expect(status).toBe(0);
    expect(stdout.split("\n").length).toBeGreaterThan(60_000);
    expect(stdout.length).toBeGreaterThan(40_000_000);
  });
});

describe("the demo", () => {
  test("that is interrupted leaves nothing behind", async () => {
    const folder = mkdtempSync(join(tmpdir(), "spec-kitty-demo-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const child = spawn(process.execPath, [cli, "demo", "--exit"], {
      cwd: folder,
      env: { ...process.env, TMPDIR: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.once("data", () => child.kill("SIGINT"));
    child.stdout.resume();
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect([0, 130]).toContain(status);
    expect(readdirSync(folder)).toEqual([]);
  });
});
