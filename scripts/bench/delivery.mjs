import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { differences, group, measureInTurn, median, ratios, spread, timed } from "./figures.mjs";

const ROUNDS = 5;
const EVENTS = 10_000;
const BACKLOG = 100_000;
/** Makes node say, as it ends, how large it was at most, in KiB. */
const TELL_SIZE =
  'data:text/javascript,process.once("exit",()=>process.stderr.write("size "+process.resourceUsage().maxRSS))';

/** A queue on disk drained to a collector of another process, and what that can take at most. */
export async function benchDelivery(world) {
  const [fill, ingest, drain] = await Promise.all(["fill-queue", "collector-ingest", "drain"].map(world.bundle));
  const collector = await serveCollector(world);
  const sync = openRepositories(world, { fill, env: collector.env });
  try {
    const results = measureInTurn(ROUNDS, {
      idle: () => sync(0),
      drained: () => sync(EVENTS),
      memory: () => JSON.parse(world.node(drain))[0],
      ingested: () => JSON.parse(world.node(ingest, String(EVENTS))),
    });
    return renderRows(results, sync(BACKLOG));
  } finally {
    await collector.stop();
  }
}

async function serveCollector({ folder, cli, env }) {
  const tokenFile = join(folder, "token");
  const args = ["--port", "0", "--data", join(folder, "collector"), "--team", "bench", "--token-file", tokenFile];
  const child = spawn(process.execPath, [cli, "collector", "serve", ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(child.stdout, "data");
  const url = /http:\S+(?=\/\n)/.exec(said)?.[0];
  return {
    env: {
      SPEC_KITTY_SERVER_URL: url,
      SPEC_KITTY_TEAM: "bench",
      SPEC_KITTY_TOKEN: readFileSync(tokenFile, "utf8").trim(),
    },
    async stop() {
      child.kill();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

/** Gives what syncs a repository of its own with so many events waiting: how long that took, and its size in MB. */
function openRepositories(world, { fill, env }) {
  const first = join(world.folder, "delivery");
  world.run("git", ["init", "-q", first]);
  world.git(first, "commit", "-q", "--allow-empty", "-m", "chore: begin");
  world.run(process.execPath, [world.cli, "hooks", "install"], { cwd: first, stdout: "ignore" });
  let copies = 0;
  let made = 0;
  return (events) => {
    const cwd = `${first}-${++copies}`;
    cpSync(first, cwd, { recursive: true });
    world.node(fill, join(cwd, ".git/spec-kitty"), String(events), String(made));
    made += events;
    const args = ["--import", TELL_SIZE, world.cli, "sync", "now", "--json"];
    let result;
    const time = timed(() => {
      result = world.run(process.execPath, args, { cwd, stderr: "pipe", more: env });
    });
    const { synced } = JSON.parse(result.stdout);
    if (synced !== events) throw new Error(`${synced} of ${events} events were synced. ${result.stderr}`);
    return { time, size: (Number(/size (\d+)/.exec(result.stderr)?.[1]) * 1024) / 1e6 };
  };
}

function renderRows({ idle, drained, memory, ingested }, large) {
  const rate = (ms) => (EVENTS * 1000) / ms;
  const times = differences(
    drained.map(({ time }) => time),
    idle.map(({ time }) => time),
  );
  const news = ingested.map((one) => one.news.eventsPerSecond);
  const sizes = drained.map(({ size }) => size);
  return [
    compareRates("sync now, 10,000 events on disk, to a collector of its own process; limit: what that takes at most", {
      limit: news,
      ours: times.map(rate),
      budget: ">= 20,000 on node:sqlite, 8,000 on libsql",
    }),
    {
      what: "drain of 10,000 events in memory to a server that says yes",
      limit: "",
      ours: spread(memory.map(rate), "events/s"),
      ratio: "",
      budget: "",
    },
    {
      what: `size of sync now: ${group(BACKLOG)} events waiting; limit: ${group(EVENTS)}`,
      limit: spread(sizes, "MB"),
      ours: `${large.size.toFixed(0)} MB`,
      ratio: (large.size / median(sizes)).toFixed(2),
      budget: "about 1",
    },
    compareRates("collector, batches of 1,000; limit: unpack, parse, insert, one durable transaction a batch", {
      limit: ingested.map((one) => one.limit.eventsPerSecond),
      ours: news,
      budget: ">= 30,000 on node:sqlite, 12,000 on libsql",
    }),
  ];
}

function compareRates(what, { limit, ours, budget }) {
  const unit = "events/s";
  return {
    what,
    limit: spread(limit, unit),
    ours: spread(ours, unit),
    ratio: median(ratios(ours, limit)).toFixed(2),
    budget,
  };
}
