import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import matter from "gray-matter";
import { expect, test } from "vitest";
import { importTrees } from "../helpers/import-trees.ts";
import { inferAll, movesOf } from "../helpers/infer.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const TASKS = "kitty-specs/001-login/tasks";
const PATH = `${TASKS}/WP01-setup.md`;
const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const MOVES = ["WP01 planned>doing", "WP01 doing>done"];
const HOOKS = [
  "applypatch-msg",
  "post-applypatch",
  "post-checkout",
  "post-commit",
  "post-index-change",
  "post-merge",
  "pre-auto-gc",
  "pre-commit",
  "query-watchman",
  "reference-transaction",
];

interface Trapped {
  readonly repository: TestRepository;
  /** Names of the traps that fired since the last look. */
  fired(): string[];
  /** A command that notes its name and fails, as far as nothing else is said. */
  trap(name: string, rest?: string): string;
  /** JavaScript, one expression, that notes its name. */
  trapInJavaScript(name: string): string;
}

/** A repository with a history of two moves, and traps in whatever place git or a reader of files could run something. */
function setTraps(): Trapped {
  const repository = makeRepository();
  const folder = dirname(repository.path);
  const markers = join(folder, "markers");
  const traps = join(folder, "traps");
  mkdirSync(markers);
  mkdirSync(join(traps, "hooks"), { recursive: true });
  const set = (file: string, name: string, rest = "exit 1"): string => {
    writeFileSync(file, `#!/bin/sh\n: > '${markers}/${name}'\n${rest}\n`, { mode: 0o755 });
    return file;
  };
  const trap = (name: string, rest?: string): string => set(join(traps, name), name, rest);
  const trapInJavaScript = (name: string): string =>
    `require("node:fs").writeFileSync(${JSON.stringify(join(markers, name))}, "")`;
  const fired = (): string[] => {
    const names = readdirSync(markers).sort();
    for (const name of names) rmSync(join(markers, name));
    return names;
  };

  const module = (name: string): string => `module.exports = ${trapInJavaScript(name)};\n`;
  repository.commit("Start", {
    files: {
      ".gitattributes": "* filter=trap diff=trap merge=trap\n",
      ".gitmodules": `[submodule "sub"]\n\tpath = sub\n\turl = ext::${trap("gitmodules")}\n\tupdate = !${trap("update")}\n`,
      ".config/config.js": module("config.js"),
      ".config/config.cjs": module("config.cjs"),
      ".config/config.mjs": `import fs from "node:fs";\nfs.writeFileSync("${markers}/config.mjs", "");\n`,
      ".config/config.yaml": "cosmiconfig:\n  searchPlaces: [.speckittyrc.cjs]\n  mergeSearchPlaces: false\n",
      ".speckittyrc.js": module("speckittyrc.js"),
      ".speckittyrc.cjs": module("speckittyrc.cjs"),
      ".kittify/config.js": module("kittify.js"),
      "node_modules/yaml/index.js": module("yaml"),
      "kitty-specs/001-login/meta.json": `{"mission_id": "x", "__proto__": {"polluted": true}}`,
    },
  });
  repository.commit("Plan", { files: { [PATH]: workPackage() } });
  repository.commit("Move", { files: { [PATH]: workPackage({ lane: "doing" }) } });
  const scripts: [string, string][] = ["js", "javascript", "JS", " js", "coffee", "json"].map((language, index) => [
    `${TASKS}/WP1${index}-script.md`,
    `---${language}\n{ lane: ${trapInJavaScript(`frontmatter ${language}`)} }\n---\n`,
  ]);
  scripts.push([
    `${TASKS}/WP20-tags.md`,
    `---\nlane: !!js/function 'function () { ${trapInJavaScript("yaml tag")} }'\n---\n`,
  ]);
  scripts.push([`${TASKS}/WP21-body.md`, `---\nlane: [planned\n---\n---js\n{ a: ${trapInJavaScript("body")} }\n---\n`]);
  repository.commit("Scripts", { files: Object.fromEntries(scripts) });
  repository.commit("Move", { files: { [PATH]: workPackage({ lane: "done" }) } });
  sign(repository);

  const settings: Record<string, string> = {
    "core.fsmonitor": trap("fsmonitor"),
    "core.hooksPath": join(traps, "hooks"),
    "core.pager": trap("pager"),
    "core.editor": trap("editor"),
    "core.askPass": trap("askPass"),
    "core.gitProxy": trap("gitProxy"),
    "core.sshCommand": trap("sshCommand"),
    "core.alternateRefsCommand": trap("alternateRefs"),
    "credential.helper": `!${trap("credential")}`,
    "diff.external": trap("diffExternal"),
    "diff.trap.textconv": trap("textconv", 'cat "$1"'),
    "diff.trap.command": trap("diffCommand", "exit 0"),
    "filter.trap.clean": trap("clean", "cat"),
    "filter.trap.smudge": trap("smudge", "cat"),
    "filter.trap.required": "true",
    "merge.trap.driver": trap("mergeDriver"),
    "gpg.program": trap("gpg"),
    "gpg.x509.program": trap("gpgsm"),
    "gpg.ssh.program": trap("sshKeygen"),
    "log.showSignature": "true",
    "uploadpack.packObjectsHook": trap("packObjects"),
    "interactive.diffFilter": trap("diffFilter"),
    "trailer.sign.command": trap("trailer"),
    "trace2.normalTarget": join(markers, "trace2 normal"),
    "trace2.eventTarget": join(markers, "trace2 event"),
    "trace2.perfTarget": join(markers, "trace2 perf"),
    "protocol.allow": "always",
    "protocol.ext.allow": "always",
    "remote.origin.url": `ext::${trap("remote")} %S`,
    "remote.origin.uploadpack": trap("uploadpack"),
    "remote.origin.promisor": "true",
    "remote.origin.partialclonefilter": "blob:none",
  };
  for (const command of ["rev-parse", "rev-list", "cat-file", "config", "log", "status"]) {
    settings[`alias.${command}`] = `!${trap(`alias ${command}`)}`;
    settings[`pager.${command}`] = trap(`pager ${command}`);
  }
  for (const hook of HOOKS) set(join(traps, "hooks", hook), `hook ${hook}`);
  for (const [key, value] of Object.entries(settings)) repository.git("config", key, value);
  writeFileSync(join(repository.path, ".git/info/attributes"), "* filter=trap diff=trap merge=trap\n");
  fired();
  return { repository, fired, trap, trapInJavaScript };
}

/** Puts a signature that nobody made into the last commit. */
function sign(repository: TestRepository): void {
  const signature = ["-----BEGIN PGP SIGNATURE-----", "", "bm8=", "-----END PGP SIGNATURE-----"].join("\n ");
  const input = repository.git("cat-file", "commit", "HEAD").replace("\n\n", `\ngpgsig ${signature}\n\n`);
  const oid = repository.gitWith({ input: `${input}\n` }, "hash-object", "-t", "commit", "-w", "--stdin");
  repository.git("update-ref", "HEAD", oid);
}

const inferByCli = (cwd: string, ...args: string[]) =>
  spawnSync(process.execPath, [CLI, "events", "infer", ...args], { cwd, encoding: "utf8", env: process.env });

test("the traps are real: git's own commands spring them", () => {
  const { repository, fired, trapInJavaScript } = setTraps();
  writeFileSync(join(repository.path, PATH), "changed\n");
  repository.git("status", "--porcelain");
  expect(fired()).toContain("fsmonitor");
  repository.git("diff", "HEAD");
  expect(fired()).toEqual(expect.arrayContaining(["clean", "diffCommand"]));
  repository.git("show", "-s", "HEAD");
  expect(fired()).toContain("gpg");
  repository.git("log", "-p", "--no-ext-diff", "--", PATH);
  expect(fired()).toContain("textconv");
  expect(() => repository.git("update-ref", "refs/heads/other", "HEAD")).toThrow("aborted by hook");
  expect(fired()).toContain("hook reference-transaction");
  expect(() => repository.git("cat-file", "-p", "12".repeat(20))).toThrow();
  expect(fired()).toContain("remote");
  matter(`---js\n{ a: ${trapInJavaScript("frontmatter js")} }\n---\n`, {});
  expect(fired()).toEqual(["frontmatter js"]);
});

test("nothing of a repository is run or fetched when its history is inferred", async () => {
  const { repository, fired } = setTraps();
  for (const options of [{ all: true }, { revisions: ["HEAD~2..HEAD"] }, { revisions: ["main", "^HEAD~1"] }]) {
    const moves = movesOf(await inferAll(repository.path, options)).filter((move) => move.startsWith("WP01 "));
    expect(moves).toEqual("all" in options ? MOVES : MOVES.slice(1));
  }
  expect(fired()).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test.skipIf(!existsSync(CLI))("nothing of a repository is run or fetched by the command", () => {
  const { repository, fired } = setTraps();
  for (const place of [
    [],
    ["--repo", join(repository.path, "kitty-specs")],
    ["--repo", join(repository.path, ".git")],
  ]) {
    const { status, stdout, stderr } = inferByCli(repository.path, "--all", "--jsonl", ...place);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout.match(/"to_lane":"\w+"/g)).toEqual(['"to_lane":"doing"', '"to_lane":"done"']);
  }
  expect(fired()).toEqual([]);
});

test("a missing object is fetched neither by ssh, nor by a helper, nor by a program, and is a Failure", async () => {
  const { repository, fired, trap } = setTraps();
  const blob = repository.git("rev-parse", `HEAD~3:${PATH}`);
  rmSync(join(repository.path, ".git/objects", blob.slice(0, 2), blob.slice(2)));
  const urls = [
    `ext::${trap("remote")} %S`,
    "ssh://host.invalid/a/b.git",
    "git://host.invalid/a/b.git",
    "https://host.invalid/a/b.git",
    dirname(repository.path),
    `file://${dirname(repository.path)}`,
  ];
  for (const url of urls) {
    repository.git("config", "remote.origin.url", url);
    fired();
    await expect(inferAll(repository.path, { all: true })).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining(`Object ${blob} cannot be read`),
    });
    expect(fired()).toEqual([]);
  }
});

test("a tree that lies about what its entries are does no harm", async () => {
  const repository = makeRepository();
  repository.commit("Plan", { files: { [PATH]: workPackage() } });
  repository.commit("Move", { files: { [PATH]: workPackage({ lane: "doing" }) } });
  const oidOf = (revision: string) => repository.git("rev-parse", revision);
  const write = (entries: [mode: string, name: string, oid: string][]) => {
    const input = Buffer.concat(
      entries.flatMap(([mode, name, oid]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, "hex")]),
    );
    return repository.gitWith({ input }, "hash-object", "-t", "tree", "-w", "--literally", "--stdin");
  };
  const [blob, tree, commit] = [oidOf(`HEAD:${PATH}`), oidOf("HEAD:kitty-specs"), oidOf("HEAD")];
  const tasks = write([
    ["100644", "../WP05.md", blob],
    ["100644", "WP02.md", tree],
    ["100644", "WP03.md", commit],
    ["40000", "doing", blob],
    ["40000", "phase-1", commit],
    ["100644", "WP01.md", blob],
    ["100644", "WP01.md", blob],
    ["100644", "", blob],
    ["40000", ".", tree],
    ["40000", "..", tree],
    ["40000", "a/b", tree],
  ]);
  const feature = write([
    ["100644", "meta.json", tree],
    ["100644", "status.events.jsonl", tree],
    ["40000", "tasks", tasks],
  ]);
  const specs = write([
    ["40000", "..", feature],
    ["40000", "001-login", feature],
    ["40000", "002-blob", blob],
    ["40000", "../../etc", feature],
  ]);
  const lie = repository.git("commit-tree", "-p", "HEAD", "-m", "m", write([["40000", "kitty-specs", specs]]));
  repository.git("update-ref", "refs/heads/lie", lie);
  const events = await inferAll(repository.path, { revisions: ["lie"] });
  expect(movesOf(events.filter(({ payload }) => payload.feature_slug === "001-login"))).toContain("WP01 planned>doing");
});

// Sizes: what takes longer than the tests' time limit hangs.

test("folders that hold one another over and over are each read once", async () => {
  const repository = makeRepository();
  const write = (input: string) => repository.gitWith({ input }, "mktree");
  const blob = repository.gitWith({ input: workPackage({ lane: "doing" }) }, "hash-object", "-w", "--stdin");
  let tree = write(`100644 blob ${blob}\tWP01.md\n`);
  for (let level = 0; level < 12; level++) {
    tree = write(Array.from({ length: 12 }, (_, index) => `040000 tree ${tree}\tphase-${index}\n`).join(""));
  }
  for (const name of ["tasks", "001-login", "kitty-specs"]) tree = write(`040000 tree ${tree}\t${name}\n`);
  repository.git("update-ref", "refs/heads/main", repository.git("commit-tree", "-m", "m", tree));
  const events = await inferAll(repository.path);
  expect(events.filter(({ event_type }) => event_type === "WPCreated")).toHaveLength(1);
});

test("a task file of 50 MB is read by its head", async () => {
  const repository = makeRepository();
  repository.git("config", "core.compression", "0");
  repository.commit("Plan", { files: { [PATH]: workPackage() } });
  const body = Buffer.alloc(50 * 1024 * 1024, "- 2026-01-01T00:00:00Z - claude - lane=done - Not the head any more\n");
  for (const lane of ["doing", "done"]) {
    const head = Buffer.from(workPackage({ lane, body: "x\n".repeat(2 * 1024 * 1024) }));
    repository.commit("Move", { files: { [PATH]: Buffer.concat([head, body]) } });
  }
  expect(movesOf(await inferAll(repository.path))).toEqual(MOVES);
});

test("a log of 20 MB, a settings file of 5 MB and one of a single line do no harm", async () => {
  const repository = makeRepository();
  repository.git("config", "core.compression", "0");
  const base = "kitty-specs/001-login";
  repository.commit("Plan", { files: { [PATH]: workPackage({ lane: undefined }) } });
  const row = JSON.stringify({ wp_id: "WP01", from_lane: "planned", to_lane: "doing", at: "2026-01-01T00:01:00Z" });
  const files = {
    [`${base}/status.events.jsonl`]: `${row}\n${"x".repeat(20_000_000)}\n{"to_lane":"${"y".repeat(1_000_000)}"}\n`,
    [`${base}/meta.json`]: `${"[".repeat(5_000_000)}`,
    ".kittify/config.yaml": `project:\n${"  uuid: x\n".repeat(100_000)}`,
  };
  repository.commit("Log", { files });
  repository.commit("More", {
    files: { [`${base}/status.events.jsonl`]: `${files[`${base}/status.events.jsonl`]}${row}\n` },
  });
  expect(movesOf(await inferAll(repository.path)).length).toBeLessThan(3);
});

test("folders of 20,000 entries are read", async () => {
  const repository = makeRepository();
  const blobOf = (input: string) => repository.gitWith({ input }, "hash-object", "-w", "--stdin");
  const treeOf = (lines: string[]) => repository.gitWith({ input: `${lines.join("\n")}\n` }, "mktree");
  const note = blobOf("# Note\n");
  const other = treeOf([`100644 blob ${note}\tspec.md`]);
  const many = Array.from({ length: 20_000 }, (_, index) => index);
  let parent: string[] = [];
  for (const lane of ["planned", "doing", "done"]) {
    const task = `100644 blob ${blobOf(workPackage({ lane }))}\tWP01.md`;
    const tasks = treeOf([task, ...many.map((index) => `100644 blob ${note}\tnote-${index}.md`)]);
    const feature = `040000 tree ${treeOf([`040000 tree ${tasks}\ttasks`])}\t001-login`;
    const news = `040000 tree ${other}\t${lane}`;
    const specs = treeOf([feature, news, ...many.map((index) => `040000 tree ${other}\tfeature-${index}`)]);
    const root = treeOf([`040000 tree ${specs}\tkitty-specs`]);
    parent = ["-p", repository.git("commit-tree", ...parent, "-m", "m", root)];
  }
  repository.git("update-ref", "refs/heads/main", parent[1] ?? "");
  expect(movesOf(await inferAll(repository.path))).toEqual(MOVES);
});

test("a log of 10,000 lines that grows line by line is read", async () => {
  const repository = makeRepository();
  const start = Date.parse("2026-01-01T00:00:00Z");
  const line = (index: number) => {
    const time = new Date(start + index * 1000).toISOString().replace(".000Z", "Z");
    return logLine({ time, lane: index % 2 === 0 ? "doing" : "for_review", text: `line ${index}` });
  };
  const lines = Array.from({ length: 10_020 }, (_, index) => line(index));
  const versions = Array.from({ length: 20 }, (_, index) => lines.slice(0, 10_001 + index));
  importTrees(repository, [
    [{ path: PATH, content: workPackage() }],
    ...versions.map((log) => [
      { path: PATH, content: workPackage({ lane: log.length % 2 === 1 ? "doing" : "for_review", log }) },
    ]),
  ]);
  const events = await inferAll(repository.path);
  expect(movesOf(events)).toHaveLength(10_020);
});

test("a log of 10,000 lines of one moment that grows and is rewritten is read", async () => {
  const repository = makeRepository();
  const time = "2026-01-01T00:00:00Z";
  const lines = Array.from({ length: 12_000 }, (_, index) => logLine({ time, text: `line ${index}` }));
  const log = (version: number) => lines.slice(version < 2 ? 0 : version * 500, 10_000 + version * 500);
  importTrees(
    repository,
    Array.from({ length: 4 }, (_, version) => [{ path: PATH, content: workPackage({ log: log(version) }) }]),
  );
  const events = await inferAll(repository.path);
  expect(events.filter(({ event_type }) => event_type === "HistoryAdded").length).toBeGreaterThan(9_999);
});

test("an event log of 10,000 rows that grows row by row is read", async () => {
  const repository = makeRepository();
  const start = Date.parse("2026-01-01T00:00:00Z");
  const lanes = ["planned", "claimed", "doing", "for_review"];
  const rows = Array.from({ length: 10_020 }, (_, index) => {
    const at = new Date(start + index * 1000).toISOString();
    const [from_lane, to_lane] = [lanes[index % 4], lanes[(index + 1) % 4]];
    return `${JSON.stringify({ wp_id: "WP01", from_lane, to_lane, at, actor: "claude" })}\n`;
  });
  const task = { path: PATH, content: workPackage({ lane: undefined }) };
  const log = (count: number) => ({
    path: "kitty-specs/001-login/status.events.jsonl",
    content: rows.slice(0, count).join(""),
  });
  const counts = [1, ...Array.from({ length: 21 }, (_, index) => 10_000 + index)];
  importTrees(repository, [[task], ...counts.map((count) => [task, log(count)])]);
  expect(movesOf(await inferAll(repository.path)).length).toBeGreaterThan(10_000);
});
