import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { isRebasing, listWorktrees, type Worktree } from "../../src/git/list-worktrees.ts";
import { openAt, run } from "../helpers/hook-repository.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";

/** A repository with a commit, and the path of something beside it. */
function start() {
  const repository = makeRepository();
  const oid = repository.commit("Start", { files: { "README.md": "1\n" } });
  return { repository, oid, beside: (name: string) => join(dirname(repository.path), name) };
}

const list = async (path: string): Promise<Worktree[]> => await listWorktrees(await openAt(path));
const commonDirOf = ({ path }: TestRepository) => join(path, ".git");

test("the main worktree alone", async () => {
  const { repository, oid } = start();
  expect(await list(repository.path)).toEqual([
    {
      key: "main",
      path: repository.path,
      gitDir: commonDirOf(repository),
      head: oid,
      branch: "main",
      createdAt: undefined,
    },
  ]);
});

test("linked worktrees follow, each with its own git directory, wherever one asks", async () => {
  const { repository, oid, beside } = start();
  const before = Date.now();
  repository.git("worktree", "add", "-q", "-b", "lanes/topic", beside("a lane"));
  repository.git("worktree", "add", "-q", "--detach", beside("b"));
  const worktrees = await list(repository.path);
  expect(worktrees).toEqual([
    expect.objectContaining({ key: "main" }),
    {
      key: `a-lane@${worktrees[1]?.createdAt}`,
      path: beside("a lane"),
      gitDir: join(commonDirOf(repository), "worktrees/a-lane"),
      head: oid,
      branch: "lanes/topic",
      createdAt: expect.any(Number),
    },
    expect.objectContaining({ path: beside("b"), head: oid, branch: undefined }),
  ]);
  // The clock of a file system may lag behind by a tick.
  expect(worktrees[1]?.createdAt).toBeGreaterThan(before - 1000);
  expect(worktrees[1]?.createdAt).toBeLessThan(Date.now() + 1000);
  expect(await list(beside("a lane"))).toEqual(worktrees);
});

test("a worktree's path may hold anything", async () => {
  const { repository, beside } = start();
  const paths = ["a\nb", "c\n\nd", " e ", "ä – 猫", "f\tg", '"h"'].map((name) => join(beside(name), "w"));
  for (const path of paths) repository.git("worktree", "add", "-q", "--detach", path);
  const listed = (await list(repository.path)).slice(1).map(({ path }) => path);
  expect(listed.sort()).toEqual(paths.sort());
});

test("a bare repository has its linked worktrees only", async () => {
  const { repository, oid, beside } = start();
  const bare = beside("bare.git");
  repository.git("clone", "-q", "--bare", repository.path, bare);
  expect(await list(bare)).toEqual([]);
  repository.git("--git-dir", bare, "worktree", "add", "-q", beside("w"), "main");
  const worktrees = await list(bare);
  expect(worktrees).toEqual([
    expect.objectContaining({ path: beside("w"), gitDir: join(bare, "worktrees/w"), head: oid, branch: "main" }),
  ]);
  expect(await list(beside("w"))).toEqual(worktrees);
});

test("a submodule's git directory is its own, and so is its worktree", async () => {
  const { repository, oid, beside } = start();
  const parent = beside("parent");
  repository.git("init", "-q", "-b", "main", parent);
  repository.git("-C", parent, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repository.path, "s");
  expect(await list(join(parent, "s"))).toEqual([
    expect.objectContaining({ key: "main", gitDir: join(parent, ".git/modules/s"), head: oid, branch: "main" }),
  ]);
});

test("a separate git directory is where git keeps it", async () => {
  const { repository, beside } = start();
  repository.git("init", "-q", "--separate-git-dir", beside("elsewhere.git"));
  expect(await list(repository.path)).toEqual([
    expect.objectContaining({ key: "main", gitDir: beside("elsewhere.git"), branch: "main" }),
  ]);
});

test("before the first commit there is a branch and no HEAD; so too on an orphan branch", async () => {
  const repository = makeRepository();
  expect(await list(repository.path)).toEqual([expect.objectContaining({ head: undefined, branch: "main" })]);
  repository.commit("Start");
  repository.git("checkout", "-q", "--orphan", "other");
  expect(await list(repository.path)).toEqual([expect.objectContaining({ head: undefined, branch: "other" })]);
});

test("a HEAD whose ref is broken counts as none", async () => {
  const { repository, beside } = start();
  repository.git("worktree", "add", "-q", "-b", "topic", beside("w"));
  writeFileSync(join(commonDirOf(repository), "refs/heads/topic"), "nonsense\n");
  const heads = (await list(repository.path)).map(({ head }) => head !== undefined);
  expect(heads).toEqual([true, false]);
});

test("a worktree keeps its key when it is moved, and one made later under its name has another", async () => {
  const { repository, beside } = start();
  const keyOf = async () => (await list(repository.path))[1]?.key;
  repository.git("worktree", "add", "-q", "--detach", beside("w"));
  const first = await keyOf();
  repository.git("worktree", "move", beside("w"), beside("moved"));
  expect(await keyOf()).toBe(first);
  repository.git("worktree", "remove", beside("moved"));
  expect(await keyOf()).toBeUndefined();
  repository.git("worktree", "add", "-q", "--detach", beside("w"));
  // Two worktrees in one tick of the file system's clock would be one.
  const commondir = join(commonDirOf(repository), "worktrees/w/commondir");
  utimesSync(commondir, new Date(), new Date(Date.now() + 1000));
  expect(await keyOf()).toMatch(/^w@\d+$/);
  expect(await keyOf()).not.toBe(first);
});

test("a worktree that is half made or half removed is left out", async () => {
  const { repository, beside } = start();
  repository.git("worktree", "add", "-q", "--detach", beside("w"));
  mkdirSync(join(commonDirOf(repository), "worktrees/empty"));
  rmSync(join(commonDirOf(repository), "worktrees/w/commondir"));
  expect((await list(repository.path)).map(({ key }) => key)).toEqual(["main"]);
});

test.each(["--merge", "--apply"])("a rebase (%s) is under way in its own worktree only", async (backend) => {
  const { repository, beside } = start();
  repository.git("switch", "-q", "-c", "topic");
  repository.commit("Mine", { files: { "README.md": "2\n" } });
  repository.git("switch", "-q", "main");
  repository.commit("Theirs", { files: { "README.md": "3\n" } });
  repository.git("worktree", "add", "-q", beside("w"), "topic");
  expect((await list(repository.path)).map(isRebasing)).toEqual([false, false]);
  expect(run("git", ["-C", beside("w"), "rebase", "-q", backend, "main"], { cwd: repository.path }).status).toBe(1);
  const worktrees = await list(repository.path);
  expect(worktrees.map(isRebasing)).toEqual([false, true]);
  expect(worktrees[1]).toMatchObject({ branch: undefined, head: repository.git("rev-parse", "main") });
  repository.git("-C", beside("w"), "rebase", "--abort");
  expect((await list(repository.path)).map(isRebasing)).toEqual([false, false]);
});
