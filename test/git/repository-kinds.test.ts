import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { openProject } from "../../src/commands/open-project.ts";
import { readEvents } from "../../src/commands/read-events.ts";
import { type Envelope, EVENT_TYPES } from "../../src/events/envelope.ts";
import { importGraph } from "../helpers/import-graph.ts";
import { idsOf, inferAll, movesOf } from "../helpers/infer.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const TASKS = "kitty-specs/001-login/tasks";
const PATH = `${TASKS}/WP01-setup.md`;
const PROJECT = "0f0e0d0c-0b0a-5908-8706-050403020100";
const MOVES = ["WP01 planned>doing", "WP01 doing>for_review"];
const LINES = [
  logLine({ time: "2026-01-01T00:10:00Z", lane: "doing" }),
  logLine({ time: "2026-01-01T00:20:00Z", lane: "for_review" }),
];

const atLane = (lane: string, lines = 0) => ({ [PATH]: workPackage({ lane, log: LINES.slice(0, lines) }) });
const allIds = (events: readonly Envelope[]) => idsOf(events, [...EVENT_TYPES]);

function build(repository: TestRepository): TestRepository {
  repository.commit("Start", { files: { "README.md": "hello\n", "src/deep/code.ts": "1\n" } });
  repository.commit("Plan", { files: atLane("planned") });
  repository.commit("Move", { files: atLane("doing", 1) });
  repository.commit("Move", { files: atLane("for_review", 2) });
  return repository;
}

let source: TestRepository;
let expected: string[];
let folder: string;
let count = 0;

beforeAll(async () => {
  source = build(makeRepository({ onFinish: afterAll }));
  source.git("config", "uploadpack.allowFilter", "true");
  source.git("config", "uploadpack.allowAnySHA1InWant", "true");
  expected = allIds(await inferAll(source.path));
});

beforeEach(() => {
  folder = join(dirname(source.path), `test ${++count}`);
  mkdirSync(folder);
  const made = folder;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

/** Clones the source, from a file URL so that nothing is shared. */
function clone(...options: string[]): string {
  const path = join(folder, `clone ${options.join(" ").replaceAll("/", " ")}`);
  source.git("clone", "-q", ...options, `file://${source.path}`, path);
  return path;
}

const gitIn = (path: string, ...args: string[]) => source.git("-C", path, ...args);

test("the history itself: two moves and what belongs to them", async () => {
  const events = await inferAll(source.path);
  expect(movesOf(events)).toEqual(MOVES);
  expect(new Set(expected).size).toBe(expected.length);
  expect(new Set(events.map(({ event_type }) => event_type))).toEqual(
    new Set(["FeatureCreated", "WPCreated", "WPStatusChanged", "HistoryAdded", "WPAssigned"]),
  );
});

const kinds: Record<string, () => string> = {
  "a subdirectory": () => join(source.path, "src/deep"),
  "the git directory": () => join(source.path, ".git"),
  "a clone": () => clone(),
  "a bare clone": () => clone("--bare"),
  "a mirror": () => clone("--mirror"),
  "a clone that shares objects": () => clone("--shared"),
  "a clone that borrows objects": () => clone("--reference", source.path),
  "a clone without a checkout": () => clone("--no-checkout"),
  "a git directory apart": () => clone("--separate-git-dir", join(folder, "apart.git")),
  "a linked worktree": () => {
    const path = clone();
    gitIn(path, "worktree", "add", "-q", "--detach", join(folder, "linked"));
    return join(folder, "linked");
  },
  "a linked worktree's subdirectory": () => {
    gitIn(clone("--bare"), "worktree", "add", "-q", "-b", "more", join(folder, "linked"));
    return join(folder, "linked/src/deep");
  },
  "a submodule": () => {
    const path = join(folder, "super");
    source.git("init", "-q", path);
    gitIn(
      path,
      "-c",
      "protocol.file.allow=always",
      "submodule",
      "--quiet",
      "add",
      `file://${source.path}`,
      "sub module",
    );
    return join(path, "sub module");
  },
  "a detached HEAD": () => {
    const path = clone();
    gitIn(path, "checkout", "-q", "--detach");
    return path;
  },
  "a sparse checkout without the specs": () => {
    const path = clone("--sparse");
    gitIn(path, "sparse-checkout", "set", "src");
    expect(existsSync(join(path, "kitty-specs"))).toBe(false);
    return path;
  },
  "one pack with a commit-graph and a bitmap": () => {
    const path = clone("--bare");
    gitIn(path, "repack", "-q", "-a", "-d", "--write-bitmap-index");
    gitIn(path, "pack-refs", "--all");
    gitIn(path, "commit-graph", "write", "--reachable", "--changed-paths");
    return path;
  },
};

test.each(Object.entries(kinds))("%s tells the same events with the same ids", async (_, make) => {
  expect(allIds(await inferAll(make()))).toEqual(expected);
});

test("a SHA-256 repository tells the same moves with ids of its own", async () => {
  const repository = build(makeRepository({ objectFormat: "sha256" }));
  const events = await inferAll(repository.path);
  expect(movesOf(events)).toEqual(MOVES);
  expect(events.length).toBe(expected.length);
  expect(allIds(events).filter((id) => expected.includes(id))).toEqual([]);
  expect(events.at(-1)?.source.commit).toBe(repository.git("rev-parse", "HEAD"));
  expect(events.at(-1)?.source.commit).toHaveLength(64);
});

test("a detached HEAD is named HEAD", async () => {
  const path = clone();
  gitIn(path, "checkout", "-q", "--detach");
  expect((await inferAll(path)).at(-1)).toMatchObject({ git_branch: "HEAD" });
  gitIn(path, "switch", "-q", "-c", "feature/a");
  expect((await inferAll(path)).at(-1)).toMatchObject({ git_branch: "feature/a" });
});

// Shallow clones

test("a shallow clone does not know the project, and the Failure says what to do", async () => {
  const path = clone("--depth", "2");
  await expect(inferAll(path)).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining("shallow"),
    nextStep: expect.stringMatching(/git fetch --unshallow.*git config spec-kitty\.project <uuid>/),
  });
  gitIn(path, "fetch", "-q", "--unshallow");
  expect(allIds(await inferAll(path))).toEqual(expected);
});

test("a shallow clone that was told the project: the boundary tells nothing, later moves have their ids", async () => {
  const { project } = await openProject({ cwd: source.path, env: process.env, repo: source.path });
  const path = clone("--depth", "2");
  gitIn(path, "config", "spec-kitty.project", project.seed);
  const events = await inferAll(path);
  expect(movesOf(events)).toEqual(["WP01 doing>for_review"]);
  expect(events.length).toBeGreaterThan(1);
  expect(allIds(events).filter((id) => !expected.includes(id))).toEqual([]);
  expect(new Set(events.map((event) => event.source.commit)).size).toBe(1);
  const all = await inferAll(path, { all: true });
  expect(allIds(all)).toEqual(allIds(events));
});

test("a clone as deep as the history is shallow in name only", async () => {
  const path = clone("--depth", source.git("rev-list", "--count", "HEAD"));
  expect(gitIn(path, "rev-parse", "--is-shallow-repository")).toBe("true");
  expect(allIds(await inferAll(path))).toEqual(expected);
});

test("a list of boundaries that outlived its commits takes nothing away", async () => {
  const path = clone();
  writeFileSync(join(path, ".git/shallow"), `${"12".repeat(20)}\n`);
  expect(allIds(await inferAll(path))).toEqual(expected);
});

// Partial clones

/** Lets the clone note every time the other side is asked for objects. */
function watchFetches(path: string): () => boolean {
  const marker = join(folder, "asked");
  const script = join(folder, "upload-pack");
  writeFileSync(script, `#!/bin/sh\necho asked >> '${marker}'\nexec git-upload-pack "$@"\n`, { mode: 0o755 });
  gitIn(path, "config", "remote.origin.uploadpack", `'${script}'`);
  return () => existsSync(marker);
}

test("a partial clone without the files is a Failure that names one and what to do, and fetches nothing", async () => {
  const path = clone("--filter=blob:none", "--no-checkout");
  const wasAsked = watchFetches(path);
  const missing = gitIn(path, "rev-list", "--objects", "--missing=print", "HEAD").match(/(?<=^\?).*/gm) ?? [];
  expect(missing.length).toBeGreaterThan(2);
  await expect(inferAll(path)).rejects.toMatchObject({
    code: "failed",
    message: expect.stringMatching(new RegExp(`^Object (${missing.join("|")}) cannot be read: .+\\.$`)),
    nextStep: expect.stringContaining("git fetch --refetch --no-filter"),
  });
  expect(wasAsked()).toBe(false);

  gitIn(path, "fetch", "-q", "--refetch", "--no-filter");
  expect(wasAsked()).toBe(true);
  expect(allIds(await inferAll(path))).toEqual(expected);
});

test("a partial clone that has the files of the specs is as good as a full one", async () => {
  const path = clone("--filter=blob:none", "--no-checkout");
  const wanted = gitIn(path, "rev-list", "--objects", "--missing=print", "HEAD", "--", "kitty-specs");
  gitIn(path, "fetch", "-q", "--no-filter", "origin", ...(wanted.match(/(?<=^\?).*/gm) ?? []));
  expect(gitIn(path, "rev-list", "--objects", "--missing=print", "HEAD")).toContain("?");
  const wasAsked = watchFetches(path);
  expect(allIds(await inferAll(path))).toEqual(expected);
  expect(wasAsked()).toBe(false);
});

test("a clone without trees is a Failure, too, also when its origin is gone", async () => {
  const path = clone("--filter=tree:0", "--no-checkout");
  const wasAsked = watchFetches(path);
  const failure = { code: "failed", message: expect.stringMatching(/^Object [0-9a-f]{40} cannot be read/) };
  await expect(inferAll(path)).rejects.toMatchObject(failure);
  expect(wasAsked()).toBe(false);
  gitIn(path, "remote", "remove", "origin");
  await expect(inferAll(path)).rejects.toMatchObject(failure);
});

// Little or no history

test("an empty repository tells nothing", async () => {
  for (const bare of [false, true]) {
    const { path } = makeRepository({ bare });
    expect(await inferAll(path)).toEqual([]);
    expect(await inferAll(path, { all: true })).toEqual([]);
  }
});

test("an unborn branch tells nothing, and the other branches still do", async () => {
  const path = clone();
  gitIn(path, "switch", "-q", "--orphan", "new");
  const bare = clone("--bare");
  gitIn(bare, "symbolic-ref", "HEAD", "refs/heads/other");
  for (const unborn of [path, bare]) {
    expect(await inferAll(unborn)).toEqual([]);
    expect(allIds(await inferAll(unborn, { all: true }))).toEqual(expected);
  }
});

test("a repository without specs tells nothing", async () => {
  const repository = makeRepository();
  repository.commit("Empty");
  repository.commit("Start", {
    files: { "README.md": "hello\n", "docs/kitty-specs/001-a/tasks/WP01.md": "---\n---\n" },
  });
  expect(await inferAll(repository.path)).toEqual([]);
});

test("specs in another place are found where git's configuration says, and only there", async () => {
  const repository = makeRepository();
  for (const [lane, lines] of [
    ["planned", 0],
    ["doing", 1],
  ] as const) {
    repository.commit("Move", {
      files: { [`docs/specs/001-login/tasks/WP01.md`]: workPackage({ lane, log: LINES.slice(0, lines) }) },
    });
  }
  expect(await inferAll(repository.path)).toEqual([]);
  repository.git("config", "spec-kitty.specsRoot", "docs/specs");
  const events = await inferAll(repository.path);
  expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  repository.git("config", "spec-kitty.specsRoot", "docs/other");
  expect(await inferAll(repository.path)).toEqual([]);
});

// Local views and states

test("replaced objects and grafts change nothing", async () => {
  const path = clone();
  const [last = "", middle = "", , root = ""] = gitIn(path, "rev-list", "HEAD").split("\n");
  gitIn(path, "replace", last, root);
  gitIn(path, "replace", gitIn(path, "rev-parse", `${middle}:${PATH}`), gitIn(path, "rev-parse", "HEAD:README.md"));
  writeFileSync(join(path, ".git/info/grafts"), `${middle}\n`);
  expect(gitIn(path, "--no-replace-objects", "rev-list", "--count", "HEAD", "--")).toBe("2");
  expect(allIds(await inferAll(path))).toEqual(expected);
  expect(allIds(await inferAll(path, { all: true }))).toEqual(expected);
});

test("a stash is no history, and neither is what is not committed", async () => {
  const path = clone();
  writeFileSync(join(path, PATH), workPackage({ lane: "done", log: LINES }));
  gitIn(path, "-c", "user.name=t", "-c", "user.email=t@t", "stash", "push", "-q");
  expect(gitIn(path, "stash", "list")).not.toBe("");
  gitIn(path, "rm", "-q", "-r", "kitty-specs");
  writeFileSync(join(path, ".git/MERGE_HEAD"), gitIn(path, "rev-parse", "HEAD~1"));
  expect(allIds(await inferAll(path, { all: true }))).toEqual(expected);
});

test("what a caller of git left in the environment does not disturb a read of a named repository", async () => {
  const marker = join(folder, "fired");
  const trap = join(folder, "trap");
  writeFileSync(trap, `#!/bin/sh\necho fired >> '${marker}'\n`, { mode: 0o755 });
  const other = makeRepository();
  other.commit("Other", { files: { "other.txt": "1\n" } });
  const git = join(other.path, ".git");
  const env = {
    ...process.env,
    GIT_DIR: git,
    GIT_WORK_TREE: other.path,
    GIT_COMMON_DIR: git,
    GIT_PREFIX: "src/",
    GIT_INDEX_FILE: join(folder, "no-index"),
    GIT_OBJECT_DIRECTORY: join(git, "objects"),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(folder, "nowhere"),
    GIT_NAMESPACE: "other",
    GIT_SHALLOW_FILE: join(folder, "no-shallow"),
    GIT_GRAFT_FILE: join(folder, "grafts"),
    GIT_REPLACE_REF_BASE: "refs/heads/",
    GIT_QUARANTINE_PATH: folder,
    GIT_DEFAULT_HASH: "sha256",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_EXTERNAL_DIFF: trap,
    GIT_PAGER: trap,
    GIT_SSH_COMMAND: trap,
    GIT_ASKPASS: trap,
    GIT_TRACE: marker,
    GIT_TRACE2_EVENT: marker,
    GIT_TRACE_SETUP: marker,
  };
  writeFileSync(env.GIT_GRAFT_FILE, `${source.git("rev-parse", "HEAD~1")}\n`);
  const open = await openProject({ cwd: other.path, env, repo: source.path });
  const events: Envelope[] = [];
  for await (const told of readEvents(open, { revisions: [], all: true })) events.push(...told.events);
  expect(allIds(events)).toEqual(expected);
  expect(existsSync(marker)).toBe(false);
});

test("without a named repository GIT_DIR counts, as it does in a hook", async () => {
  const env = { ...process.env, GIT_DIR: join(source.path, ".git"), GIT_INDEX_FILE: join(folder, "no-index") };
  const open = await openProject({ cwd: folder, env });
  const events: Envelope[] = [];
  for await (const told of readEvents(open, { revisions: [], all: false })) events.push(...told.events);
  expect(allIds(events)).toEqual(expected);
});

test("reading writes nothing into the repository", async () => {
  const path = clone();
  const look = () => readdirSync(path, { recursive: true, encoding: "utf8" }).sort().join("\n");
  const index = readFileSync(join(path, ".git/index"));
  const before = look();
  await inferAll(path, { all: true });
  expect(look()).toBe(before);
  expect(readFileSync(join(path, ".git/index")).equals(index)).toBe(true);
});

// Shapes of history

/** Ids in the order given, whatever a graph calls its root: the project is told. */
async function inferGraph(commits: Parameters<typeof importGraph>[1], query = {}): Promise<Envelope[]> {
  const repository = makeRepository();
  repository.git("config", "spec-kitty.project", PROJECT);
  const oids = importGraph(repository, commits);
  repository.git("update-ref", "refs/heads/main", oids.at(-1) ?? "");
  const events = await inferAll(repository.path, query);
  expect(new Set(allIds(events)).size).toBe(events.length);
  return events;
}

const file = (id: number, lane: string) => ({ [`${TASKS}/WP0${id}.md`]: workPackage({ id: `WP0${id}`, lane }) });

test("an octopus merge tells the moves of all its parents once and none of its own", async () => {
  const events = await inferGraph([
    { files: { ...file(1, "planned"), ...file(2, "planned"), ...file(3, "planned") } },
    { parents: [0], files: file(1, "doing") },
    { parents: [0], files: file(2, "doing") },
    { parents: [0], files: file(3, "doing") },
    { parents: [1, 2, 3], files: { ...file(2, "doing"), ...file(3, "doing") } },
  ]);
  expect(movesOf(events).sort()).toEqual(["WP01 planned>doing", "WP02 planned>doing", "WP03 planned>doing"]);
});

test("histories with a root each are told together once they are merged", async () => {
  const events = await inferGraph([
    { files: file(1, "planned") },
    { files: file(1, "doing") },
    { parents: [], files: { "other.txt": "1\n" } },
    { parents: [2], files: { "kitty-specs/002-other/tasks/WP01.md": workPackage({ lane: "planned" }) } },
    { parents: [3], files: { "kitty-specs/002-other/tasks/WP01.md": workPackage({ lane: "done" }) } },
    { parents: [1, 4], files: { "kitty-specs/002-other/tasks/WP01.md": workPackage({ lane: "done" }) } },
  ]);
  expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 planned>done"]);
  expect(events.filter(({ event_type }) => event_type === "FeatureCreated")).toHaveLength(2);
});

test("criss-cross merges tell each move once", async () => {
  const events = await inferGraph([
    { files: { ...file(1, "planned"), ...file(2, "planned") } },
    { parents: [0], files: file(1, "doing") },
    { parents: [0], files: file(2, "doing") },
    { parents: [1, 2], files: file(2, "doing") },
    { parents: [2, 1], files: file(1, "doing") },
    { parents: [3], files: file(1, "for_review") },
    { parents: [4], files: file(2, "for_review") },
    { parents: [5, 6], files: file(2, "for_review") },
    { parents: [6, 5], files: file(1, "for_review") },
    { parents: [7, 8] },
  ]);
  expect(movesOf(events).sort()).toEqual([
    "WP01 doing>for_review",
    "WP01 planned>doing",
    "WP02 doing>for_review",
    "WP02 planned>doing",
  ]);
});

test("a commit that names one parent twice is a commit with that parent", async () => {
  const events = await inferGraph([
    { files: file(1, "planned") },
    { parents: [0], files: file(1, "doing") },
    { parents: [1], files: file(1, "done") },
  ]);
  const repository = makeRepository();
  repository.git("config", "spec-kitty.project", PROJECT);
  const oids = importGraph(repository, [
    { files: file(1, "planned") },
    { files: file(1, "doing") },
    { files: file(1, "done") },
  ]);
  const [, second = "", third = ""] = oids;
  const twice = write(repository, {
    tree: repository.git("rev-parse", `${third}^{tree}`),
    parents: [second, second],
    dates: repository.git("log", "-1", "--format=%at +0000%n%ct +0000", third).split("\n"),
  });
  repository.git("update-ref", "refs/heads/main", twice);
  expect(allIds(await inferAll(repository.path))).toEqual(allIds(events));
});

// Odd commits

interface RawCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  /** What stands behind author and committer; one for both. */
  readonly dates: readonly string[];
  readonly name?: string;
  readonly message?: Buffer;
  readonly headers?: string;
}

/** Writes a commit object byte by byte, as no git would. */
function write(
  repository: TestRepository,
  { tree, parents, dates, name = "A <a@b>", message, headers = "" }: RawCommit,
) {
  const [author = "", committer = author] = dates;
  const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)];
  const head = `${lines.join("\n")}\nauthor ${name} ${author}\ncommitter ${name} ${committer}\n${headers}\n`;
  const input = Buffer.concat([Buffer.from(head, "latin1"), message ?? Buffer.from("message\n")]);
  return repository.gitWith({ input }, "hash-object", "-t", "commit", "-w", "--literally", "--stdin");
}

const odd: [string, Omit<RawCommit, "tree" | "parents">][] = [
  ["the epoch", { dates: ["0 +0000"] }],
  ["the year 2100", { dates: ["4102444800 +0000"] }],
  ["a year no date can hold", { dates: ["99999999999999 +0000"] }],
  ["a number no integer can hold", { dates: ["99999999999999999999999999 +0000"] }],
  ["a date before 1970", { dates: ["-86400 +0000"] }],
  ["a time zone that is none", { dates: ["1767225600 +9999"] }],
  ["no time zone", { dates: ["1767225600"] }],
  ["no date", { dates: [""] }],
  ["garbage for a date", { dates: ["yesterday at noon"] }],
  ["a garbage author date only", { dates: ["%s % H", "1767225600 +0000"] }],
  ["a garbage committer date only", { dates: ["1767225600 +0000", "x"] }],
  ["no name", { dates: ["1767225600 +0000"], name: "" }],
  ["brackets for a name", { dates: ["1767225600 +0000"], name: "<<>> <<a> 12 +0000 <>" }],
  ["a name in Latin-1", { dates: ["1767225600 +0000"], name: "Jos\xe9 <j\xe9@b>" }],
  ["a message in Latin-1", { dates: ["1767225600 +0000"], message: Buffer.from("Gr\xfc\xdfe\n", "latin1") }],
  ["an encoding nobody knows", { dates: ["1767225600 +0000"], headers: "encoding none-such\n" }],
  ["an encoding that is wrong", { dates: ["1767225600 +0000"], headers: "encoding UTF-16\n" }],
  ["no message", { dates: ["1767225600 +0000"], message: Buffer.alloc(0) }],
  [
    "a message with NUL and line breaks",
    { dates: ["1767225600 +0000"], message: Buffer.from("\0\n\ncommit 1\nx\r\n") },
  ],
  [
    "a header of many lines",
    { dates: ["1767225600 +0000"], headers: "gpgsig no\n signature\n parent x\nHG:extra y\n" },
  ],
];

test.each(odd)("a commit with %s tells its move", async (_, parts) => {
  const path = clone("--bare");
  const tree = gitIn(path, "rev-parse", "HEAD^{tree}");
  const parents = [gitIn(path, "rev-parse", "HEAD~1")];
  const at = {
    ...source,
    gitWith: (options: object, ...args: string[]) => source.gitWith(options, "-C", path, ...args),
  };
  gitIn(path, "update-ref", "refs/heads/main", write(at, { tree, parents, ...parts }));
  const events = await inferAll(path);
  expect(movesOf(events)).toEqual(MOVES);
  expect(allIds(events)).toEqual(expected);
  for (const event of events) expect(new Date(event.timestamp).toISOString()).toBe(event.timestamp);
});

test("moves that nothing but odd dates tell apart are all told", async () => {
  const repository = makeRepository();
  repository.git("config", "spec-kitty.project", PROJECT);
  let parents: string[] = [];
  const dates = ["x", "0 +0000", "-5 +0000", "99999999999999 +0000", "4102444800 +0000"];
  for (const [index, date] of dates.entries()) {
    repository.commit("tree", { files: file(1, index % 2 === 0 ? "planned" : "doing") });
    parents = [write(repository, { tree: repository.git("rev-parse", "HEAD^{tree}"), parents, dates: [date] })];
  }
  repository.git("update-ref", "refs/heads/odd", parents[0] ?? "");
  const events = await inferAll(repository.path, { revisions: ["odd"] });
  expect(movesOf(events)).toEqual([
    "WP01 planned>doing",
    "WP01 doing>planned",
    "WP01 planned>doing",
    "WP01 doing>planned",
  ]);
  expect(new Set(allIds(events)).size).toBe(events.length);
});

test("a commit without a tree is a Failure in git's words", async () => {
  const repository = makeRepository();
  repository.commit("Start");
  const input = "author A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\nm\n";
  const oid = repository.gitWith({ input }, "hash-object", "-t", "commit", "-w", "--literally", "--stdin");
  writeFileSync(join(repository.path, ".git/refs/heads/broken"), `${oid}\n`);
  await expect(inferAll(repository.path, { all: true })).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining(oid),
  });
});

test("a history with a hole is a Failure in git's words", async () => {
  const path = clone();
  const middle = gitIn(path, "rev-parse", "HEAD~1");
  const packs = join(path, ".git/objects/pack");
  const pack = readFileSync(join(packs, readdirSync(packs).find((name) => name.endsWith(".pack")) ?? ""));
  rmSync(packs, { recursive: true });
  source.gitWith({ input: pack }, "-C", path, "unpack-objects", "-q");
  rmSync(join(path, ".git/objects", middle.slice(0, 2), middle.slice(2)));
  await expect(inferAll(path)).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining(middle),
    nextStep: expect.stringContaining("git fsck"),
  });
});
