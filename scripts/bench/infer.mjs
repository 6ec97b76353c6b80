import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareTimes, measureInTurn, timed } from "./figures.mjs";

const ROUNDS = 7;

/**
 * `events infer --all`, and the least a Node process can do with the same objects, each beside git alone listing the same
 * changes and printing the objects into a pipe.
 */
export async function benchFull(world, given) {
  const { run, cli } = world;
  const path = given ?? (await world.generate("large.git", { commits: 9000, packages: 2500 }));
  const git = (...command) => world.git(path, ...command);
  const commits = git("rev-list", "--all");
  const trees =
    git("rev-list", "--all", "--format=%T")
      .toString()
      .match(/^[0-9a-f]{40,64}$/gm) ?? [];
  const diff = ["diff-tree", "--stdin", "--root", "-r", "-t", "-m", "--raw", "--no-abbrev", "-z", "--", "kitty-specs"];
  const changed = run("git", ["-C", path, ...diff], { input: commits }).stdout;
  const objects = [...new Set([...trees, ...findObjects(changed)])];
  const list = join(world.folder, "objects");
  writeFileSync(list, `${objects.join("\n")}\n`);
  const changes = diff.filter((word) => word !== "-t").join(" ");
  const script = `git -C "$0" rev-list --all | git -C "$0" ${changes} | wc -c; git -C "$0" cat-file --batch < "$1" | wc -c`;
  const infer = [cli, "events", "infer", "--all", "--repo", path];
  const events = count(run(process.execPath, infer).stdout);
  const least = [join(world.root, "test/bench/floor.mjs"), path, list, String(events)];
  const times = measureInTurn(ROUNDS, {
    limit: () => timed(() => run("sh", ["-c", script, path, list], { stdout: "ignore" })),
    ours: () => timed(() => run(process.execPath, infer, { stdout: "ignore" })),
    floor: () => timed(() => run(process.execPath, least, { stdout: "ignore" })),
  });
  const what = `events infer --all: ${count(commits)} commits, ${objects.length} objects read, ${events} events; limit: git alone`;
  const floor = "a Node process that only receives these objects and prints as many events; limit: git alone";
  return [
    compareTimes(what, { ...times, budget: "<= 1.5" }),
    compareTimes(floor, { limit: times.limit, ours: times.floor, budget: "the floor" }),
  ];
}

/** One new commit on a stored state, in a short history and in a long one of as many features. */
export async function benchIncremental(world) {
  const script = await world.bundle("incremental");
  const times = [];
  for (const commits of [1000, 9000]) {
    const path = await world.generate(`incremental-${commits}.git`, { commits, packages: 240 });
    const newest = world.git(path, "rev-list", "-1", "HEAD", "--", "kitty-specs").toString().trim();
    const before = world.git(path, "rev-parse", `${newest}~1`).toString().trim();
    times.push(JSON.parse(world.node(script, path, newest, before, String(ROUNDS * 3))));
  }
  const [limit, ours] = times;
  const what = "one new commit on a stored state: after 9,000 commits; limit: after 1,000";
  return [compareTimes(what, { limit, ours, budget: "about 1" })];
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

function count(text) {
  return text.toString("latin1").split("\n").length - 1;
}
