import { expect, onTestFinished, test } from "vitest";
import { runCli } from "../../src/commands/run-cli.ts";
import { openClock } from "../../src/queue/lamport-clock.ts";
import { openQueue } from "../../src/queue/open-queue.ts";
import { type Captured, look, makeCaptured, queuedEvents, runIn } from "../helpers/capture.ts";
import { makeContext } from "./cli-context.ts";

interface Line {
  readonly position: string;
  readonly state: string;
  readonly event: { readonly event_id: string; readonly payload: { readonly to_lane: string } };
}

const parse = (stdout: string): Line[] =>
  stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const lanesOf = (lines: readonly Line[]) => lines.map(({ event }) => event.payload.to_lane);

async function tail(repository: Captured, ...words: string[]) {
  const { status, stdout, stderr } = await runIn(repository.path, "events", "tail", ...words);
  return { status, stderr, lines: parse(stdout) };
}

const LANES = ["doing", "for_review", "done"];

/** Moves a work package round and round. */
function moves(repository: Captured, count: number): void {
  for (let index = 0; index < count; index++) repository.move(LANES[index % LANES.length] ?? "planned");
}

/** Starts a follower; `until` waits for so many lines, and says what was there if they never come. */
function follow(repository: Captured, ...words: string[]) {
  const stop = new AbortController();
  const { context, written } = makeContext({ cwd: repository.path, env: process.env, signal: stop.signal });
  const ended = runCli(["events", "tail", "--follow", ...words], context);
  onTestFinished(async () => {
    stop.abort("SIGINT");
    await ended;
  });
  return {
    stop: async () => {
      stop.abort("SIGINT");
      return await ended;
    },
    async until(count: number): Promise<Line[]> {
      for (let turn = 0; parse(written.stdout).length < count; turn++) {
        if (turn === 1000) throw new Error(`only this came: ${written.stdout}${written.stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return parse(written.stdout);
    },
  };
}

function seal({ folder }: Captured): void {
  const clock = openClock({ home: folder, node: "0", now: Date.now });
  openQueue({ folder, clock, now: Date.now }).maintain({ targets: [], force: true });
}

test("without a position the last ten, caught up first", async () => {
  const repository = makeCaptured();
  moves(repository, 12);
  const { status, lines } = await tail(repository);
  expect(status).toBe(0);
  expect(lines.map(({ event }) => event.event_id)).toEqual(
    queuedEvents(repository)
      .slice(2)
      .map(({ event_id }) => event_id),
  );
  expect((await tail(repository, "--after", "0")).lines).toHaveLength(12);
});

test("a reader that resumes behind its last position misses nothing and reads nothing twice", async () => {
  const repository = makeCaptured();
  const read: Line[] = [];
  for (const count of [2, 3, 0, 1]) {
    moves(repository, count);
    const { lines } = await tail(repository, "--after", read.at(-1)?.position ?? "0");
    expect(lines).toHaveLength(count);
    read.push(...lines);
    seal(repository);
  }
  expect(read.map(({ event }) => event.event_id)).toEqual(queuedEvents(repository).map(({ event_id }) => event_id));
  const positions = read.map(({ position }) => Number(position));
  expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
});

test("a follower prints what is queued from then on, across a seal, each event once", async () => {
  const repository = makeCaptured();
  moves(repository, 1);
  const follower = follow(repository);
  expect(lanesOf(await follower.until(1))).toEqual(["doing"]);
  repository.move("for_review");
  await look(repository.path);
  await follower.until(2);
  seal(repository);
  repository.move("done");
  await look(repository.path);
  await follower.until(3);
  seal(repository);
  seal(repository);
  repository.move("planned");
  await look(repository.path);
  expect(lanesOf(await follower.until(4))).toEqual([...LANES, "planned"]);
  expect(await follower.stop()).toBeGreaterThan(0);
  expect(await follower.until(4)).toHaveLength(4);
});

test("a follower of an empty queue waits for the first event", async () => {
  const repository = makeCaptured();
  const follower = follow(repository, "--after", "0");
  repository.move("doing");
  await look(repository.path);
  expect(lanesOf(await follower.until(1))).toEqual(["doing"]);
});

test.each(["-1", "x", "1.5", "", "9".repeat(20)])("a position is a number of ours: %j is not", async (position) => {
  const repository = makeCaptured();
  const { status, stderr } = await runIn(repository.path, "events", "tail", `--after=${position}`);
  expect(status).toBe(2);
  expect(stderr).toContain("is no position");
});

test("a position behind all there is gives nothing", async () => {
  const repository = makeCaptured();
  moves(repository, 1);
  expect(await tail(repository, "--after", "999999999999999")).toMatchObject({ status: 0, lines: [] });
});
