import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createGit } from "../../src/git/git.ts";
import { openRepository } from "../../src/git/repository.ts";
import { makeRepository } from "../helpers/repository.ts";

function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spec-kitty-test-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const gitIn = (cwd: string) => createGit(cwd, { env: process.env, explicit: true });

test("a folder that is in no repository is a Failure that says what to do", async () => {
  const folder = makeFolder();
  await expect(openRepository(gitIn(folder))).rejects.toMatchObject({
    code: "failed",
    message: `${folder} is not in a git repository.`,
    nextStep: expect.stringContaining("a clone of your project"),
  });
});

test("a folder that is not there is a Failure that names it", async () => {
  const folder = join(makeFolder(), "gone");
  await expect(openRepository(gitIn(folder))).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining(folder),
    nextStep: expect.stringContaining("git --version"),
  });
});

test("a configuration that git cannot read is a Failure in git's words", async () => {
  const repository = makeRepository();
  writeFileSync(join(repository.path, ".git/config"), "[core\n");
  await expect(openRepository(gitIn(repository.path))).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining("bad config"),
  });
});

test.skipIf(process.getuid?.() !== 0)("somebody else's repository is a Failure that says how to trust it", async () => {
  const repository = makeRepository();
  for (const path of [repository.path, join(repository.path, ".git")]) chownSync(path, 12345, 12345);
  await expect(openRepository(gitIn(repository.path))).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining("belongs to somebody else"),
    nextStep: expect.stringContaining("safe.directory"),
  });
});

test("folders may have any name", async () => {
  const folder = join(makeFolder(), "line\nbreak ä '\"$(x)");
  mkdirSync(folder);
  const main = gitIn(folder);
  await main.run(["init", "-q"]);
  const gitDir = join(folder, ".git");
  expect(await openRepository(main)).toMatchObject({ gitDir, commonDir: gitDir, bare: false });
});

test("a bare repository, and one whose git directory the caller of git named", async () => {
  const bare = makeRepository({ bare: true });
  expect(await openRepository(gitIn(bare.path))).toMatchObject({ gitDir: bare.path, bare: true });
  const named = makeRepository();
  const env = { ...process.env, GIT_DIR: join(named.path, ".git"), GIT_WORK_TREE: "/nowhere" };
  const gitDir = join(named.path, ".git");
  expect(await openRepository(createGit(dirname(named.path), { env, explicit: false }))).toMatchObject({ gitDir });
  expect(await openRepository(createGit(bare.path, { env, explicit: true }))).toMatchObject({ gitDir: bare.path });
});
