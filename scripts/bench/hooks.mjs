import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openClone } from "./clone.mjs";
import { differences, mean, measureInTurn, median, quantile, spread } from "./figures.mjs";

const HOOKS = ["post-commit", "post-merge", "post-checkout", "post-rewrite"];
const COMMITS = 40;
const REBASES = 7;
const PICKS = 20;

/** What hooks add to git: none, empty ones and ours, each in a clone of the same history. */
export async function benchHooks(world) {
  const origin = await world.generate("hooks.git", { commits: 1000, packages: 240 });
  const open = (name) => openClone(world, { origin, name });
  const clones = { none: open("none"), empty: open("empty"), ours: open("ours") };
  for (const hook of HOOKS) writeFileSync(join(clones.empty.path, ".git/hooks", hook), "#!/bin/sh\n", { mode: 0o755 });
  world.run(process.execPath, [world.cli, "hooks", "install"], { cwd: clones.ours.path, stdout: "ignore" });
  const rows = [...compareIrrelevant(clones), ...compareRelevant(clones), ...compareRebases(clones)];
  checkQueue(clones.ours);
  return rows;
}

function compareIrrelevant(clones) {
  const times = measureInTurn(
    COMMITS,
    each(clones, (clone) => (round) => {
      clone.change("src/new.ts", `export const round = ${round};\n`);
      return clone.time(["git", "commit", "-q", "-m", "fix: something else"]);
    }),
  );
  const what = "git commit that touches no task file";
  return renderAdded(what, { ...times, limit: added(times, "empty"), of: "an empty hook", budget: "<= 2.5, <= 10 ms" });
}

function compareRelevant(clones) {
  const commit = (clone) => () => {
    clone.move();
    return clone.time(["git", "commit", "-q", "-m", "chore: move a work package"]);
  };
  const startNode = () => clones.none.time([process.execPath, "-e", "0"]);
  const times = measureInTurn(COMMITS, { ...each(clones, commit), startNode });
  const limit = { wall: wallOf(times.startNode), cpu: cpuOf(times.startNode) };
  const what = "git commit that moves a work package";
  return renderAdded(what, { ...times, limit, of: "node -e 0", budget: "<= 100 ms" });
}

/** A branch whose moves are told already goes onto a new base, again and again; every time its commits are new ones. */
function compareRebases(clones) {
  const rebase = (clone) => {
    clone.git("checkout", "-q", "-b", "topic");
    for (let pick = 0; pick < PICKS; pick++) {
      clone.move();
      clone.git("commit", "-q", "-m", "chore: move a work package");
    }
    const topic = clone.git("rev-parse", "topic");
    clone.git("checkout", "-q", "-b", "base", `topic~${PICKS}`);
    clone.move();
    clone.git("commit", "-q", "-m", "chore: move a work package");
    const base = clone.git("rev-parse", "HEAD");
    return (round) => {
      clone.git("checkout", "-q", "-B", "topic", topic);
      return clone.time(["git", "rebase", "-q", base], { GIT_COMMITTER_DATE: `${1_800_000_000 + round} +0000` });
    };
  };
  const times = measureInTurn(REBASES, each(clones, rebase));
  const what = `git rebase of ${PICKS} commits that move work packages`;
  return renderAdded(what, { ...times, limit: added(times, "empty"), of: "an empty hook", budget: "" });
}

/** What was timed must also have been done: each move is in the queue (and what the rebases took back), no hook complained. */
function checkQueue({ path }) {
  const read = (name) => readFileSync(join(path, ".git/spec-kitty", name), "utf8");
  const moves = read("queue.jsonl").match(/"event_type":"WPStatusChanged"/g) ?? [];
  const log = read("hook.log");
  const expected = COMMITS + 1 + PICKS + 1;
  if (moves.length < expected || log !== "") throw new Error(`${moves.length} of ${expected} moves queued. ${log}`);
}

function renderAdded(what, { none, ours, limit, of, budget }) {
  const { wall, cpu } = added({ none, ours }, "ours");
  const bare = median(wallOf(none)).toFixed(0);
  const p95 = `p95 ${quantile(wall, 0.95).toFixed(0)}`;
  return [
    {
      what: `${what} (${bare} ms without hooks): added time; limit: ${of}`,
      limit: spread(limit.wall, "ms"),
      ours: `${spread(wall, "ms")}, ${p95}`,
      ratio: (median(wall) / median(limit.wall)).toFixed(2),
      budget,
    },
    {
      what: "the same in CPU time, mean",
      limit: `${mean(limit.cpu).toFixed(1)} ms`,
      ours: `${mean(cpu).toFixed(1)} ms`,
      ratio: (mean(cpu) / mean(limit.cpu)).toFixed(2),
      budget: "",
    },
  ];
}

/** What hooks of a kind added to the times of the same rounds without hooks. */
function added(times, kind) {
  return {
    wall: differences(wallOf(times[kind]), wallOf(times.none)),
    cpu: differences(cpuOf(times[kind]), cpuOf(times.none)),
  };
}

const wallOf = (times) => times.map(({ wall }) => wall);
const cpuOf = (times) => times.map(({ cpu }) => cpu);

function each(clones, create) {
  return Object.fromEntries(Object.entries(clones).map(([name, clone]) => [name, create(clone)]));
}
