import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { createGit } from "../../src/git/git.ts";
import { ALL_HISTORY, type ListedCommit, listCommits, resolveRevisions } from "../../src/git/list-commits.ts";
import { openRepository, type Repository } from "../../src/git/repository.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";

const open = (repository: TestRepository) =>
  openRepository(createGit(repository.path, { env: process.env, explicit: true }));

async function list(repository: Repository, revisions: readonly string[]): Promise<ListedCommit[]> {
  const commits: ListedCommit[] = [];
  for await (const commit of listCommits(repository, revisions)) commits.push(commit);
  return commits;
}

/** `main` is a-b-c, `topic` is a-t; the subjects of what a selection lists, parents first. */
async function listFork(revisions: readonly string[]): Promise<string[]> {
  const repository = makeRepository();
  const subjects = new Map([[repository.commit("a"), "a"]]);
  repository.git("switch", "-q", "-c", "topic");
  subjects.set(repository.commit("t"), "t");
  repository.git("switch", "-q", "main");
  subjects.set(repository.commit("b"), "b");
  subjects.set(repository.commit("c"), "c");
  repository.git("tag", "-a", "-m", "release", "v1", "topic");
  const opened = await open(repository);
  const commits = await list(opened, await resolveRevisions(opened, revisions));
  return commits.map(({ oid }) => subjects.get(oid) ?? oid);
}

test.each([
  { revisions: ["main"], commits: ["a", "b", "c"] },
  { revisions: ["HEAD~1"], commits: ["a", "b"] },
  { revisions: ["v1"], commits: ["a", "t"] },
  { revisions: ["main", "topic"], commits: ["a", "t", "b", "c"] },
  { revisions: ["topic..main"], commits: ["b", "c"] },
  { revisions: ["main..topic"], commits: ["t"] },
  { revisions: ["topic...main"], commits: ["t", "b", "c"] },
  { revisions: ["main", "^topic"], commits: ["b", "c"] },
  { revisions: ["main..main"], commits: [] },
  { revisions: ["^main"], commits: [] },
  { revisions: ["main^!"], commits: ["c"] },
  { revisions: [":/b"], commits: ["a", "b"] },
])("$revisions lists $commits", async ({ revisions, commits }) => {
  expect(await listFork(revisions)).toEqual(commits);
});

test.each([
  "nowhere",
  "main..nowhere",
  "--output=x",
  "--all",
  "-1",
  "",
  "main\n--all",
  "HEAD:file",
  "HEAD^{tree}",
  "main~9",
])("%j is no revision, and the Failure says so", async (revision) => {
  const repository = makeRepository();
  repository.commit("a", { files: { file: "1\n" } });
  await expect(resolveRevisions(await open(repository), [revision])).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining(`"${revision}"`),
    nextStep: expect.stringContaining("git log"),
  });
  expect(repository.git("status", "--porcelain")).toBe("");
});

test("a commit comes with its tree, its parents in order, and both times", async () => {
  const repository = makeRepository();
  const root = repository.commit("a", { date: "2026-02-03T04:05:06+02:00" });
  repository.git("switch", "-q", "-c", "topic");
  const side = repository.commit("t");
  repository.git("switch", "-q", "main");
  repository.git("merge", "-q", "--no-ff", "-m", "m", "topic");
  const merge = repository.git("rev-parse", "HEAD");
  const [first, , last] = await list(await open(repository), [merge]);
  expect(first).toEqual({
    oid: root,
    tree: repository.git("rev-parse", "HEAD^{tree}"),
    parents: [],
    authorTime: Date.parse("2026-02-03T02:05:06Z"),
    committerTime: Date.parse("2026-02-03T02:05:06Z"),
  });
  expect(last).toMatchObject({ oid: merge, parents: [root, side] });
});

test("nothing given is nothing listed", async () => {
  const repository = makeRepository();
  repository.commit("a");
  expect(await list(await open(repository), [])).toEqual([]);
});

test("a stash, notes and a filter's backups are no history", async () => {
  const repository = makeRepository();
  const root = repository.commit("a", { files: { file: "1\n" } });
  repository.git("notes", "add", "-m", "a note");
  repository.git(
    "update-ref",
    "refs/original/refs/heads/main",
    repository.git("commit-tree", "-m", "x", "HEAD^{tree}"),
  );
  repository.write("file", "2\n");
  repository.git("stash", "push", "-q");
  const oids = (await list(await open(repository), ALL_HISTORY)).map(({ oid }) => oid);
  expect(oids).toEqual([root]);
});

test("the user's settings for git log change nothing", async () => {
  const repository = makeRepository();
  const oid = repository.commit("Grüße");
  const expected = await list(await open(repository), [oid]);
  const settings = {
    "log.showSignature": "true",
    "log.date": "relative",
    "log.decorate": "full",
    "log.follow": "true",
    "color.ui": "always",
    "core.abbrev": "4",
    "format.pretty": "raw",
    "i18n.logOutputEncoding": "UTF-16",
    "i18n.commitEncoding": "ISO-8859-1",
  };
  for (const [key, value] of Object.entries(settings)) repository.git("config", key, value);
  expect(await list(await open(repository), [oid])).toEqual(expected);
});

test("a commit that is not there is a Failure in git's words", async () => {
  const repository = makeRepository();
  await expect(list(await open(repository), ["12".repeat(20)])).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining("12".repeat(20)),
    nextStep: expect.stringContaining("git fsck"),
  });
});

test("one who stops early leaves nothing behind, and a git that does not start is a Failure", async () => {
  const repository = makeRepository();
  repository.commit("a");
  repository.commit("b");
  const opened = await open(repository);
  for await (const commit of listCommits(opened, ALL_HISTORY)) {
    expect(commit.parents).toEqual([]);
    break;
  }
  rmSync(repository.path, { recursive: true });
  await expect(list(opened, ALL_HISTORY)).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining("git could not be started"),
  });
});
