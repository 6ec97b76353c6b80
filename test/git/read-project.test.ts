import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createGit } from "../../src/git/git.ts";
import { openObjects } from "../../src/git/object-reader.ts";
import { type Project, parseRepoSlug, readProject } from "../../src/git/read-project.ts";
import { openRepository } from "../../src/git/repository.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";

const UUID = "0f0e0d0c-0b0a-4908-8706-050403020100";

async function read({ path }: Pick<TestRepository, "path">): Promise<Project> {
  const repository = await openRepository(createGit(path, { env: process.env, explicit: true }));
  const objects = openObjects(repository);
  return readProject(repository, { objects }).finally(objects.close);
}

test.each([
  ["git@github.com:acme/app.git", "acme/app"],
  ["github.com:acme/app", "acme/app"],
  ["git@gitlab:acme/app.git", "acme/app"],
  ["git@host.example:/srv/git/app.git", "srv/git/app"],
  ["https://github.com/acme/app.git", "acme/app"],
  ["https://github.com/acme/app/", "acme/app"],
  ["https://github.com/acme/app.git/", "acme/app"],
  ["http://git.example:8080/acme/app", "acme/app"],
  ["https://gitlab.com/group/sub/group/app.git", "group/sub/group/app"],
  ["ssh://git@host.example:2222/acme/app.git", "acme/app"],
  ["ssh://host/acme/app.git", "acme/app"],
  ["git://host.example/acme/my.app.git", "acme/my.app"],
  ["https://user:s3cret@github.com/acme/app.git", "acme/app"],
  ["https://s3cret@github.com/acme/app.git", "acme/app"],
  ["https://user:s3/cret@github.com/acme/app.git", undefined],
  ["user:s3cret@host.example:acme/app.git", undefined],
  ["first.last:s3cret@host.example:acme/app.git", undefined],
  ["https://github.com/acme/app?token=s3cret", undefined],
  ["https://github.com/acme/app#s3cret", undefined],
  ["https://github.com/app.git", undefined],
  ["https://github.com/", undefined],
  ["https://github.com", undefined],
  ["https://github.com/../app", undefined],
  ["https://github.com/acme/..", undefined],
  ["ssh://host/~me/app.git", undefined],
  ["file:///srv/git/app.git", undefined],
  ["file://host.example/srv/app.git", undefined],
  ["/srv/git.example/acme/app.git", undefined],
  ["../acme/app.git", undefined],
  ["./a.b:c/d", undefined],
  ["C:/git/acme/app.git", undefined],
  ["C:\\git\\acme\\app.git", undefined],
  ["https://github.com/acme/app\nx", undefined],
  ["ext::sh -c true", undefined],
  ["", undefined],
])("the repository of %j is %s, without any secret", (url, slug) => {
  expect(parseRepoSlug(url)).toBe(slug);
});

test("an empty repository has neither head nor branch, and no id yet", async () => {
  const project = await read(makeRepository());
  expect(project).toMatchObject({ head: undefined, branch: undefined, slug: "my-project", repoSlug: undefined });
  expect(project).toMatchObject({ uuid: undefined, team: undefined, specsRoot: "kitty-specs" });
  expect(project.seed).toBe("");
});

test("the seed follows from the root commit alone", async () => {
  const repository = makeRepository();
  repository.commit("a", { date: "2026-01-01T00:00:00Z" });
  const { seed } = await read(repository);
  expect(seed).toBe("1f571cd0-8a05-5f34-8c54-4b95c5fb4237");
  repository.commit("b", { files: { file: "1\n" } });
  repository.git("remote", "add", "origin", "git@github.com:acme/other.git");
  expect((await read(repository)).seed).toBe(seed);
});

test("the origin's default branch gives the seed, not the branch that is checked out", async () => {
  const repository = makeRepository();
  repository.commit("a");
  const clone = join(dirname(repository.path), "clone");
  repository.git("clone", "-q", ".", clone);
  repository.git("-C", clone, "switch", "-q", "--orphan", "pages");
  repository.git("-C", clone, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-m", "p");
  const [here, there] = [await read(repository), await read({ path: clone })];
  expect(there.seed).toBe(here.seed);
  expect(there.branch).toBe("pages");
});

test("git's configuration says project, team and specs root", async () => {
  const repository = makeRepository();
  repository.commit("a");
  repository.git("config", "spec-kitty.project", UUID.toUpperCase());
  repository.git("config", "spec-kitty.team", "blue");
  repository.git("config", "spec-kitty.specsRoot", "docs/specs");
  repository.git("config", "remote.origin.url", "https://user:s3cret@github.com/Acme/My_App.git");
  const project = await read(repository);
  expect(project).toMatchObject({ seed: UUID, team: "blue", specsRoot: "docs/specs", branch: "main" });
  expect(project).toMatchObject({ repoSlug: "Acme/My_App", slug: "my-app" });
  expect(JSON.stringify(project)).not.toContain("s3cret");
});

test.each([
  ["spec-kitty.project", "no uuid"],
  ["spec-kitty.project", `${UUID}\n`],
  ["spec-kitty.project", ""],
  ["spec-kitty.specsRoot", ""],
  ["spec-kitty.specsRoot", "/specs"],
  ["spec-kitty.specsRoot", "specs/"],
  ["spec-kitty.specsRoot", "docs//specs"],
  ["spec-kitty.specsRoot", "../specs"],
  ["spec-kitty.specsRoot", "docs/../specs"],
  ["spec-kitty.specsRoot", "./specs"],
  ["spec-kitty.specsRoot", "."],
])("%s = %j is a Failure that says what to set", async (key, value) => {
  const repository = makeRepository();
  repository.git("config", key, value);
  await expect(read(repository)).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining(`git config ${key}`),
    nextStep: expect.stringMatching(/^Set it to/),
  });
});

test.each([
  ["project:\n  uuid: ID\n", true],
  ["vcs:\n  type: git\nproject: \n  slug: app\n\n  # note\n  uuid: 'ID'   # note\n  node_id: x\n", true],
  ['project:\n  uuid: "ID"', true],
  ["project:\n  slug: app\nother:\n  uuid: ID\n", false],
  ["other:\n  project:\n    uuid: ID\n", false],
  ["uuid: ID\n", false],
  ["project:\n  uuid: ID0\n", false],
])("the committed configuration %j has the project's uuid: %s", async (text, has) => {
  const repository = makeRepository();
  repository.commit("a", { files: { ".kittify/config.yaml": text.replace("ID", UUID) } });
  expect((await read(repository)).uuid).toBe(has ? UUID : undefined);
});

test("a partial clone that lacks the committed configuration is a Failure, and not another project", async () => {
  const repository = makeRepository();
  repository.commit("a", { files: { ".kittify/config.yaml": `project:\n  uuid: ${UUID}\n` } });
  repository.git("config", "uploadpack.allowFilter", "true");
  const clone = join(dirname(repository.path), "clone");
  repository.git("clone", "-q", "--no-checkout", "--filter=blob:none", `file://${repository.path}`, clone);
  await expect(read({ path: clone })).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining(repository.git("rev-parse", "HEAD:.kittify/config.yaml")),
    nextStep: expect.stringContaining("git fetch"),
  });
  repository.git("-C", clone, "checkout", "-q");
  expect((await read({ path: clone })).uuid).toBe(UUID);
});

test("a committed configuration that is a folder or a link is none", async () => {
  for (const file of [".kittify/config.yaml/project", "other"]) {
    const repository = makeRepository();
    repository.write(file, `project:\n  uuid: ${UUID}\n`);
    if (file === "other") {
      mkdirSync(join(repository.path, ".kittify"));
      symlinkSync("../other", join(repository.path, ".kittify/config.yaml"));
    }
    repository.commit("a");
    expect((await read(repository)).uuid).toBeUndefined();
  }
});

test("a committed configuration cannot make the reading of it slow", async () => {
  const repository = makeRepository();
  const lines = ["          x: 1\n", "                    \n"].map((line) => line.repeat(5000)).join("");
  repository.commit("a", { files: { ".kittify/config.yaml": `project:\n${lines}end` } });
  expect((await read(repository)).uuid).toBeUndefined();
});

test("without an origin the directory names the project, or a git directory apart does", async () => {
  const repository = makeRepository();
  repository.commit("a");
  const folder = dirname(repository.path);
  repository.git("worktree", "add", "-q", "--detach", join(folder, "Linked Tree"));
  repository.git("clone", "-q", "--bare", ".", join(folder, "Bare One.git"));
  repository.git("clone", "-q", "--bare", ".", join(folder, "hub", ".bare"));
  repository.git("clone", "-q", "--separate-git-dir", join(folder, "Moved Away.git"), ".", join(folder, "apart"));
  const slugs = ["Linked Tree", "Bare One.git", "hub/.bare", "apart"].map(
    async (name) => (await read({ path: join(folder, name) })).slug,
  );
  expect(await Promise.all(slugs)).toEqual(["my-project", "bare-one", "hub", "moved-away"]);
});

test("a name without a letter is no slug", async () => {
  const repository = makeRepository();
  repository.git("config", "remote.origin.url", "https://host.example/a/___");
  expect((await read(repository)).slug).toBe("project");
});
