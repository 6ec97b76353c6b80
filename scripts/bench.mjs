// npm run bench [-- <repository>] [--save]: our times beside the physical limit, measured in turn in one run.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import { generateHistory } from "../test/bench/generate-history.mjs";
import { build } from "./build.mjs";

const ROUNDS = 7;
const root = fileURLToPath(new URL("..", import.meta.url));
const args = process.argv.slice(2);
const given = args.find((arg) => !arg.startsWith("--"));
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env; // slows every start of Node 20
const folder = mkdtempSync(join(tmpdir(), "spec-kitty-bench-"));
try {
  await build({ types: false });
  const rows = [...(await benchFull()), ...(await benchIncremental())];
  const text = renderTable(rows);
  process.stdout.write(`\n${text}`);
  if (args.includes("--save")) writeFileSync(join(root, "docs/benchmarks.md"), text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * `events infer --all`, and the least a Node process can do with the same objects, each beside git alone listing the same
 * changes and printing the objects into a pipe.
 */
async function benchFull() {
  const path = given ?? (await generate("large.git", { commits: 9000, packages: 2500 }));
  const git = (...command) => run("git", ["-C", path, ...command]).stdout;
  const commits = git("rev-list", "--all");
  const trees =
    git("rev-list", "--all", "--format=%T")
      .toString()
      .match(/^[0-9a-f]{40,64}$/gm) ?? [];
  const diff = ["diff-tree", "--stdin", "--root", "-r", "-t", "-m", "--raw", "--no-abbrev", "-z", "--", "kitty-specs"];
  const objects = [...new Set([...trees, ...findObjects(run("git", ["-C", path, ...diff], commits).stdout)])];
  const list = join(folder, "objects");
  writeFileSync(list, `${objects.join("\n")}\n`);
  const changes = diff.filter((word) => word !== "-t").join(" ");
  const script = `git -C "$0" rev-list --all | git -C "$0" ${changes} | wc -c; git -C "$0" cat-file --batch < "$1" | wc -c`;
  const limit = () => timed(() => run("sh", ["-c", script, path, list], "", "ignore"));
  const infer = [join(root, "dist/cli.js"), "events", "infer", "--all", "--repo", path];
  const events = count(run(process.execPath, infer).stdout);
  const least = [join(root, "test/bench/floor.mjs"), path, list, String(events)];
  const [limits, times, floors] = measureInTurn(
    limit,
    () => timed(() => run(process.execPath, infer, "", "ignore")),
    () => timed(() => run(process.execPath, least, "", "ignore")),
  );
  const name = `events infer --all: ${count(commits)} commits, ${objects.length} objects read, ${events} events`;
  return [
    { name, limit: limits, ours: times, budget: "<= 1.5" },
    {
      name: "a Node process that only receives these objects and prints as many events",
      limit: limits,
      ours: floors,
      budget: "the floor",
    },
  ];
}

/** One new commit on a stored state, in a short history and in a long one of as many features. */
async function benchIncremental() {
  const script = join(folder, "incremental.mjs");
  const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  const entryPoints = [join(root, "test/bench/incremental.ts")];
  await bundle({
    entryPoints,
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: banner },
    logLevel: "error",
  });
  const times = [];
  for (const commits of [1000, 9000]) {
    const path = await generate(`incremental-${commits}.git`, { commits, packages: 240 });
    const [newest, before] = findTaskCommit(path);
    times.push(JSON.parse(run(process.execPath, [script, path, newest, before, String(ROUNDS * 3)]).stdout));
  }
  return [
    {
      name: "one new commit on a stored state: after 9,000 commits beside after 1,000",
      limit: times[0],
      ours: times[1],
      budget: "about 1",
    },
  ];
}

async function generate(name, size) {
  console.error(`generating a history of ${size.commits} commits and ${size.packages} work packages`);
  const path = join(folder, name);
  await generateHistory(path, size);
  run("git", ["-C", path, "config", "spec-kitty.project", "0f0e0d0c-0b0a-5908-8706-050403020100"]); // as installed hooks do
  return path;
}

/** The newest commit that touches a task file, and the one before it. */
function findTaskCommit(path) {
  const newest = run("git", ["-C", path, "rev-list", "-1", "HEAD", "--", "kitty-specs"]).stdout.toString().trim();
  return [
    newest,
    run("git", ["-C", path, "rev-parse", `${newest}~1`])
      .stdout.toString()
      .trim(),
  ];
}

/** The objects an inference reads: trees of the specs root, its features and their tasks, and the files it parses. */
function findObjects(raw) {
  const fields = raw.toString("latin1").split("\0");
  const oids = [];
  for (let at = 0; at + 1 < fields.length; at++) {
    const start = fields[at].indexOf(":");
    if (start === -1) continue;
    const [, mode, , oid] = fields[at].slice(start).split(" ");
    const path = fields[++at];
    const isFile = /\/tasks\/[^\0]*\.md$|\/status\.events\.jsonl$|\/meta\.json$/.test(path);
    const isFolder = mode === "040000" && /^kitty-specs(\/[^/]+(\/tasks.*)?)?$/.test(path);
    if (mode !== "000000" && (isFile || isFolder)) oids.push(oid);
  }
  return oids;
}

function measureInTurn(...measures) {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => measures.map((measure) => measure()));
  return measures.map((_, index) => rounds.slice(1).map((times) => times[index]));
}

function timed(action) {
  const start = performance.now();
  action();
  return performance.now() - start;
}

function run(command, args, input = "", stdout = "pipe") {
  const result = spawnSync(command, args, { input, env, stdio: ["pipe", stdout, "inherit"], maxBuffer: 2 ** 31 });
  if (result.error || result.status !== 0)
    throw result.error ?? new Error(`${command} ${args[0]} ended with ${result.status}`);
  return result;
}

function count(text) {
  return text.toString("latin1").split("\n").length - 1;
}

function median(times) {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

function renderTable(rows) {
  const date = new Date().toISOString().slice(0, 10);
  const version = run("git", ["--version"]).stdout.toString().trim();
  const lines = rows.map(({ name, limit, ours, budget }) => {
    const ratio = median(limit.map((time, index) => ours[index] / time));
    const range = `${Math.min(...ours).toFixed(0)} to ${Math.max(...ours).toFixed(0)}`;
    return `| ${name} | ${median(limit).toFixed(0)} ms | ${median(ours).toFixed(0)} ms (${range}) | ${ratio.toFixed(2)} | ${budget} |`;
  });
  return `# Benchmarks

\`npm run bench -- --save\` on ${date}: ${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()},
Node ${process.version}, ${version}. Medians of ${ROUNDS} rounds, limit and ours in turn; the ratio is the median of the rounds' ratios.
The limit of a full run is git alone: \`rev-list | diff-tree --stdin\`, then \`cat-file --batch\` of the objects an inference reads, each into a pipe.

| what | limit | ours | ratio | budget |
| --- | --- | --- | --- | --- |
${lines.join("\n")}
`;
}
