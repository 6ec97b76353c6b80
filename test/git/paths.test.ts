import { expect, test } from "vitest";
import type { Envelope } from "../../src/events/envelope.ts";
import { type ImportedFile, importTrees } from "../helpers/import-trees.ts";
import { inferAll, movesOf } from "../helpers/infer.ts";
import { makeRepository } from "../helpers/repository.ts";
import { workPackage } from "../helpers/work-package.ts";

const OID = "12".repeat(20);

/** A path of pieces, each text or the bytes git stores. */
function join(...parts: (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.flatMap((part, index) => [Buffer.from(index === 0 ? "" : "/"), Buffer.from(part)]));
}

/** Infers the history of some trees, each the whole content of a commit. */
async function infer(...commits: (readonly ImportedFile[])[]): Promise<Envelope[]> {
  const repository = makeRepository();
  importTrees(repository, [[{ path: "README.md", content: "hello\n" }], ...commits]);
  return inferAll(repository.path);
}

/** Infers two trees whose files only differ in their lane: planned, then doing. */
const inferMove = (files: (lane: string) => ImportedFile[]) => infer(files("planned"), files("doing"));

const task = (path: string | Buffer, lane: string, id = "WP01"): ImportedFile => ({
  path,
  content: workPackage({ id, lane, title: `Title of ${id}` }),
});

/** A name as git stores it, and as it is told. */
const names: [stored: string | Buffer, told: string][] = [
  "plain",
  "with space",
  " leading and trailing ",
  'it\'s "quoted" `$(x)`',
  "back\\slash",
  "line\nbreak",
  "carriage\rreturn",
  "tab\there",
  "bell\x07 and escape\x1b[31m",
  "-option",
  "--help",
  ".hidden",
  "...",
  "*?[glob]",
  ":(glob)magic",
  "@{0}",
  "a..b",
  "näme",
  "na\u0308me",
  "日本語",
  "emoji-🎉👩‍👩‍👧",
  "\uFEFFmark",
  "\u202Etfel",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "x".repeat(300),
  "ä".repeat(300),
].map((name): [string, string] => [name, name]);
names.push(
  [Buffer.from("latin-\xe4", "latin1"), "latin-\\xe4"],
  [Buffer.from([0xff, 0xfe, 0x5c]), "\\xff\\xfe\\x5c"],
  [Buffer.from([0xed, 0xa0, 0x80]), "\\xed\\xa0\\x80"],
  ["\\xff\\xfe\\x5c", "\\x5cxff\\x5cxfe\\x5cx5c"],
);

test("a feature's folder may have any name, and each is a feature of its own", async () => {
  const events = await inferMove((lane) =>
    names.map(([name]) => task(join("kitty-specs", name, "tasks/WP01.md"), lane)),
  );
  const told = names.map(([, name]) => name).sort();
  for (const type of ["FeatureCreated", "WPCreated", "WPStatusChanged"]) {
    const ofType = events.filter(({ event_type }) => event_type === type);
    expect(ofType.map(({ payload }) => payload.feature_slug).sort()).toEqual(told);
  }
  expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain("tree");
});

test("a task file may have any name that begins with its id", async () => {
  const files = names.map(([name], index) => ({ name, id: `WP${String(index).padStart(2, "0")}` }));
  const events = await inferMove((lane) =>
    files.map(({ name, id }) =>
      task(
        Buffer.concat([join("kitty-specs/001-a/tasks", id), Buffer.from("-"), Buffer.from(name), Buffer.from(".md")]),
        lane,
        id,
      ),
    ),
  );
  expect(movesOf(events)).toEqual(files.map(({ id }) => `${id} planned>doing`));
});

test("a renamed feature is the same one, whatever the names", async () => {
  const at = (name: string | Buffer, lane: string) => [task(join("kitty-specs", name, "tasks/WP01.md"), lane)];
  const steps = names.map(([name], index) => at(name, index === 0 ? "planned" : "doing"));
  const events = await infer(at("plain", "planned"), at("plain", "doing"), ...steps.slice(1));
  expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  expect(events.filter(({ event_type }) => event_type === "FeatureCreated")).toHaveLength(1);
});

test.each<[string, ImportedFile[]]>([
  ["a file", [{ path: "kitty-specs", content: "no folder\n" }]],
  ["a link", [{ path: "kitty-specs", content: "docs", mode: "120000" }, task("docs/001-a/tasks/WP01.md", "doing")]],
  ["a submodule", [{ path: "kitty-specs", content: OID, mode: "160000" }]],
])("specs that are %s are no specs, and tell nothing when they take the place of some", async (_, files) => {
  expect(await infer(files)).toEqual([]);
  const before = [task("kitty-specs/001-a/tasks/WP01.md", "planned")];
  const after = [task("kitty-specs/001-a/tasks/WP01.md", "doing")];
  expect(movesOf(await infer(files, before, files, after))).toEqual(["WP01 planned>doing"]);
});

test.each<[string, ImportedFile[]]>([
  ["a feature that is a file", [{ path: "kitty-specs/001-a", content: workPackage() }]],
  ["a feature that is a link", [{ path: "kitty-specs/001-a", content: "../docs", mode: "120000" }]],
  ["a feature that is a submodule", [{ path: "kitty-specs/001-a", content: OID, mode: "160000" }]],
  ["tasks that are a file", [{ path: "kitty-specs/001-a/tasks", content: workPackage() }]],
  ["tasks that are a link", [{ path: "kitty-specs/001-a/tasks", content: "../../docs", mode: "120000" }]],
  ["tasks that are a submodule", [{ path: "kitty-specs/001-a/tasks", content: OID, mode: "160000" }]],
  ["a task file that is a link", [{ path: "kitty-specs/001-a/tasks/WP01.md", content: "../x", mode: "120000" }]],
  ["a task file that is a submodule", [{ path: "kitty-specs/001-a/tasks/WP01.md", content: OID, mode: "160000" }]],
  ["a task file that is a folder", [{ path: "kitty-specs/001-a/tasks/WP01.md/WP01.md", content: workPackage() }]],
  ["a lane that is a link", [{ path: "kitty-specs/001-a/tasks/doing", content: "done", mode: "120000" }]],
  ["a file of another kind", [{ path: "kitty-specs/001-a/tasks/WP01.txt", content: workPackage() }]],
  ["a file outside of tasks", [{ path: "kitty-specs/001-a/WP01.md", content: workPackage() }]],
  ["a folder that is no lane", [{ path: "kitty-specs/001-a/tasks/notes/WP01.md", content: workPackage() }]],
  ["a log alone", [{ path: "kitty-specs/001-a/status.events.jsonl", content: '{"wp_id":"WP01","to_lane":"done"}\n' }]],
  ["a log that is a link", [{ path: "kitty-specs/001-a/status.events.jsonl", content: "/dev/zero", mode: "120000" }]],
  ["settings that are a submodule", [{ path: "kitty-specs/001-a/meta.json", content: OID, mode: "160000" }]],
  ["a README", [{ path: "kitty-specs/001-a/tasks/README.md", content: "# Tasks\n\n- lane: doing\n" }]],
  [
    "a review",
    [{ path: "kitty-specs/001-a/tasks/review-cycle-1.md", content: "---\nverdict: approved\n---\nFine.\n" }],
  ],
  [
    "a review in its folder",
    [{ path: "kitty-specs/001-a/tasks/WP01-setup/review-cycle-1.md", content: workPackage() }],
  ],
  ["an id of three digits", [{ path: "kitty-specs/001-a/tasks/WP100-setup.md", content: "---\nlane: doing\n---\n" }]],
  ["an id in lower case", [{ path: "kitty-specs/001-a/tasks/wp01-setup.md", content: "---\nlane: doing\n---\n" }]],
  ["an id that is none", [{ path: "kitty-specs/001-a/tasks/setup.md", content: "---\nwork_package_id: WP1\n---\n" }]],
])("%s is no work package", async (_, files) => {
  expect(await infer(files)).toEqual([]);
});

test("what is no work package leaves those beside it alone", async () => {
  const beside: ImportedFile[] = [
    { path: "kitty-specs/001-a/tasks/WP02.md", content: "WP01.md", mode: "120000" },
    { path: "kitty-specs/001-a/tasks/WP03.md", content: OID, mode: "160000" },
    { path: "kitty-specs/001-a/tasks/README.md", content: "# Tasks\n" },
    { path: "kitty-specs/001-a/tasks/.gitkeep", content: "" },
    { path: "kitty-specs/001-a/tasks/WP01/review-cycle-1.md", content: workPackage({ lane: "done" }) },
    { path: "kitty-specs/README.md", content: "# Specs\n" },
    { path: "kitty-specs/002-link", content: "001-a", mode: "120000" },
  ];
  const events = await inferMove((lane) => [task("kitty-specs/001-a/tasks/WP01.md", lane), ...beside]);
  expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  expect(new Set(events.map(({ aggregate_id }) => aggregate_id))).toEqual(new Set(["001-a", "WP01"]));
});

test("a work package that becomes a link and a file again did not move", async () => {
  const path = "kitty-specs/001-a/tasks/WP01.md";
  const link: ImportedFile[] = [{ path, content: "elsewhere", mode: "120000" }];
  const events = await infer(
    [task(path, "doing")],
    link,
    [task(path, "doing")],
    [{ ...task(path, "done"), mode: "100755" }],
  );
  expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 doing>done"]);
});

test.each(["work_package_id", "wp_id", "id"])("a file without an id in its name has the one of its %s", async (key) => {
  const at = (lane: string) => [
    { path: "kitty-specs/001-a/tasks/setup.md", content: `---\n${key}: "WP07"\nlane: ${lane}\n---\n` },
  ];
  expect(movesOf(await infer(at("planned"), at("doing")))).toEqual(["WP07 planned>doing"]);
});

test("the id in a file's name wins over the one inside", async () => {
  const events = await inferMove((lane) => [task("kitty-specs/001-a/tasks/WP03-setup.md", lane, "WP07")]);
  expect(movesOf(events)).toEqual(["WP03 planned>doing"]);
});

test("of two files of one work package the one further down the board counts, then the later name", async () => {
  const base = "kitty-specs/001-a/tasks";
  const stale = [task(`${base}/planned/WP01-setup.md`, "planned"), task(`${base}/doing/WP01-setup.md`, "doing")];
  expect(movesOf(await infer(stale.slice(0, 1), stale, [...stale, task(`${base}/done/WP01-a.md`, "done")]))).toEqual([
    "WP01 planned>doing",
    "WP01 doing>done",
  ]);
  const flat = (lane: string) => [task(`${base}/WP01-a.md`, "done"), task(`${base}/WP01-b.md`, lane)];
  const events = await infer(flat("planned"), flat("doing"));
  expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  expect(events.filter(({ event_type }) => event_type === "WPCreated")).toHaveLength(1);
});

test("phases may lie below lanes, lanes below phases, and phases below phases", async () => {
  const base = "kitty-specs/001-a/tasks";
  const events = await infer(
    [
      task(`${base}/planned/phase-1-build/WP01.md`, "planned"),
      task(`${base}/phase-2/planned/WP02.md`, "planned", "WP02"),
    ],
    [task(`${base}/doing/phase-1-build/part/WP01.md`, "x"), task(`${base}/phase-2/doing/WP02.md`, "planned", "WP02")],
    [task(`${base}/doing/phase-1-build/WP01.md`, "planned"), task(`${base}/phase-2/doing/WP02.md`, "planned", "WP02")],
    [task(`${base}/done/phase-1/phase-b/WP01.md`, "planned"), task(`${base}/phase-2/done/WP02.md`, "planned", "WP02")],
  );
  expect(movesOf(events)).toEqual(["WP02 planned>doing", "WP01 planned>doing", "WP01 doing>done", "WP02 doing>done"]);
});

test("a lane below another lane is no folder of tasks", async () => {
  expect(await infer([task("kitty-specs/001-a/tasks/planned/done/WP01.md", "done")])).toEqual([]);
});

test("specs below a path with odd names are found", async () => {
  const repository = makeRepository();
  const root = 'dö cs/__proto__/spe"cs';
  importTrees(
    repository,
    ["planned", "doing"].map((lane) => [task(`${root}/001-a/tasks/WP01.md`, lane)]),
  );
  repository.git("config", "spec-kitty.specsRoot", root);
  expect(movesOf(await inferAll(repository.path))).toEqual(["WP01 planned>doing"]);
});

test("a tree whose folders have the mode old tools wrote is read as any other", async () => {
  const repository = makeRepository();
  repository.commit("Plan", { files: { "kitty-specs/001-a/tasks/WP01.md": workPackage() } });
  repository.commit("Move", { files: { "kitty-specs/001-a/tasks/WP01.md": workPackage({ lane: "doing" }) } });
  const padded = (content: Buffer) =>
    repository.gitWith({ input: content }, "hash-object", "-t", "tree", "-w", "--literally", "--stdin");
  const oid = Buffer.from(repository.git("rev-parse", "HEAD:kitty-specs"), "hex");
  const tree = padded(Buffer.concat([Buffer.from("040000 kitty-specs\0"), oid]));
  repository.git("update-ref", "refs/heads/main", repository.git("commit-tree", "-p", "main~1", "-m", "m", tree));
  expect(movesOf(await inferAll(repository.path))).toEqual(["WP01 planned>doing"]);
});
