import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { answerHook, type FiredHook } from "../../src/commands/answer-hook.ts";
import { type Captured, makeCaptured, queuedMoves } from "../helpers/capture.ts";
import { makeFolder } from "../helpers/folder.ts";

const CLOSED = 1_000_000;

/** Answers a hook of a repository; what it tells whoever runs git is in the result, what it logs stays in the folder. */
async function answer({ path }: Pick<Captured, "path">, changes: Partial<FiredHook> = {}): Promise<string> {
  const file = join(makeFolder(), "terminal");
  const terminal = openSync(file, "w");
  onTestFinished(() => closeSync(terminal));
  await answerHook({
    gitDir: join(path, ".git"),
    hook: "post-commit",
    specsRoot: "kitty-specs",
    wait: 0,
    terminal,
    env: process.env,
    pid: process.pid,
    ...changes,
  });
  return readFileSync(file, "utf8");
}

const logOf = ({ folder }: Captured): string => readFileSync(join(folder, "hook.log"), "utf8");

test("what happened is queued without a word, and one line only where git's configuration asks for it", async () => {
  const repository = makeCaptured();
  repository.move("doing");
  expect(await answer(repository)).toBe("");
  repository.git("config", "spec-kitty.notify", "true");
  expect(await answer(repository)).toBe(""); // nothing new
  repository.move("for_review");
  expect(await answer(repository)).toMatch(/^spec-kitty: 1 event queued \[Offline\] \(2 pending, oldest \d+ \w+\)\n$/);
  repository.move("done");
  await answer(repository, { terminal: CLOSED });
  expect(queuedMoves(repository)).toEqual(["WP01 planned>doing", "WP01 doing>for_review", "WP01 for_review>done"]);
  expect(existsSync(join(repository.folder, "hook.log"))).toBe(false);
});

test("a detached HEAD is no reason to be silent", async () => {
  const repository = makeCaptured();
  repository.git("checkout", "--quiet", "--detach");
  repository.move("doing");
  await answer(repository);
  expect(queuedMoves(repository)).toEqual(["WP01 planned>doing"]);
});

test("in a linked worktree it is that one's work packages, in the queue of all", async () => {
  const repository = makeCaptured();
  const path = repository.beside("w");
  repository.git("worktree", "add", "--quiet", "-b", "topic", path);
  repository.move("doing", { at: path });
  await answer(repository, { gitDir: repository.git("-C", path, "rev-parse", "--absolute-git-dir") });
  expect(queuedMoves(repository)).toEqual(["WP01 planned>doing"]);
});

test("a failure is one line of the log, in words; a bug is one with its stack; none is thrown", async () => {
  const repository = makeCaptured();
  repository.git("config", "spec-kitty.project", "not-a-uuid");
  expect(await answer(repository)).toBe("");
  expect(logOf(repository)).toMatch(
    /^\d{4}-\S+Z post-commit git config spec-kitty.project is "not-a-uuid", which is no UUID\. Set it to .*\n$/,
  );
  repository.git("config", "--unset", "spec-kitty.project");
  rmSync(join(repository.folder, "state"), { recursive: true, force: true });
  writeFileSync(join(repository.folder, "state"), "");
  repository.move("doing");
  await answer(repository);
  expect(logOf(repository)).toMatch(/Z post-commit Error: E\w+: .*\n {4}at /);
  expect(statSync(join(repository.folder, "hook.log")).mode & 0o777).toBe(0o600);
});

test("a long log becomes the old one", async () => {
  const repository = makeCaptured();
  const log = join(repository.folder, "hook.log");
  const long = "x".repeat(256 * 1024 + 1);
  writeFileSync(log, long);
  repository.git("config", "spec-kitty.project", "not-a-uuid");
  await answer(repository);
  expect(logOf(repository).split("\n")).toHaveLength(2);
  expect(readFileSync(`${log}.old`, "utf8")).toBe(long);
});

test("where there is no repository, nothing happens and nothing is written", async () => {
  const path = makeFolder();
  expect(await answer({ path })).toBe("");
  expect(existsSync(join(path, ".git"))).toBe(false);
});
