// Times an append beside its physical limit, in turn, on a queue as full as it gets; prints three JSON arrays of milliseconds:
// open + write + fdatasync + close of one line, append without the clock, tick and append.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Envelope } from "../../src/events/envelope.ts";
import { type LamportClock, openClock } from "../../src/queue/lamport-clock.ts";
import { type NewEvent, openQueue } from "../../src/queue/open-queue.ts";

const [rounds = "300", parent = tmpdir()] = process.argv.slice(2);
const FILLED = 400; // events: more than the tail that an append reads
const LINE = `${"x".repeat(599)}\n`;
const folder = mkdtempSync(join(parent, "spec-kitty-append-"));
const now = (): number => Date.now();

/** Counts on alone, without a file. */
function createFreeClock(): LamportClock {
  let value = 0;
  return {
    read: () => value,
    receive: async () => {},
    async tick(n, atLeast) {
      value = Math.max(value, atLeast) + n;
      return value - n + 1;
    },
  };
}

let made = 0;
function makeEvent(): NewEvent {
  const id = `01HZY3JQ4T8M0V5R${String(++made).padStart(10, "0")}`;
  const stamp = (clock: number): Envelope => ({
    event_id: id,
    event_type: "HistoryAdded",
    aggregate_id: "WP01",
    aggregate_type: "WorkPackage",
    payload: {
      feature_slug: "012-login",
      wp_id: "WP01",
      entry_type: "note",
      entry_content: "a".repeat(30),
      author: "claude",
    },
    node_id: "0123456789ab",
    lamport_clock: clock,
    causation_id: null,
    timestamp: "2026-02-04T10:00:00.000Z",
    project_uuid: null,
    project_slug: null,
    git_branch: "main",
    head_commit_sha: null,
    repo_slug: null,
    source: { project: "7d444840-9dc0-5fd1-b245-5ffdce74fad2", commit: null, layout: "flat", kind: "commit" },
  });
  return { id, stamp };
}

function appendLine(): void {
  const file = openSync(join(folder, "line"), "a");
  writeSync(file, LINE);
  fdatasyncSync(file);
  closeSync(file);
}

/** One append as a process of its own does it: open the queue, append one event. */
async function append(name: string, clock: LamportClock): Promise<void> {
  const appended = await openQueue({ folder: join(folder, name), clock, now }).append([makeEvent()], {
    known: "recent",
  });
  if (appended.length !== 1) throw new Error("nothing was appended");
}

async function timed(action: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

try {
  const free = createFreeClock();
  for (const name of ["free", "ticked"]) {
    await openQueue({ folder: join(folder, name), clock: free, now }).append(
      Array.from({ length: FILLED }, makeEvent),
      { known: "recent" },
    );
  }
  const times: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < Number(rounds); round++) {
    times[0].push(await timed(appendLine));
    times[1].push(await timed(() => append("free", free)));
    const home = join(folder, "home");
    times[2].push(await timed(() => append("ticked", openClock({ home, node: "0123456789ab", now }))));
  }
  for (const series of times) process.stdout.write(`${JSON.stringify(series)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
