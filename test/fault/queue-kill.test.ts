import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { makeFolder, makeQueue, newEvent } from "../queue/make-queue.ts";
import { buildProcess, type QueueProcess, STORM, sleep } from "./queue-processes.ts";

const KILLS = STORM ? 900 : 60; // each a node that has to start: a quarter of a second
const DRAIN_KILLS = STORM ? 150 : 12;
const TARGET = "target";
let start: Awaited<ReturnType<typeof buildProcess>>;
beforeAll(async () => {
  start = await buildProcess();
});

/** Kills it at some moment of its work; a drain may find none. */
async function killSoon(process: QueueProcess): Promise<string[]> {
  await process.said(0);
  await Promise.race([process.said(1 + Math.floor(Math.random() * 4)), sleep(1000)]);
  await sleep(Math.random() * 10);
  process.child.kill("SIGKILL");
  await process.ended;
  return process.lines;
}

test(`whatever ${KILLS} killed writers had said was safe is there, and the next writer is unharmed`, {
  timeout: 900_000,
}, async () => {
  const { queue, folder, home } = makeQueue();
  const acknowledged: string[] = [];
  for (let kills = 0; kills < KILLS; kills += 4) {
    const writers = [1, 2, 3, 4].map(() => start(["write", folder, home, 10_000]));
    for (const lines of await Promise.all(writers.map(killSoon))) acknowledged.push(...lines);
    queue.maintain({ targets: [] });
  }
  const [event] = await queue.append([newEvent(1)], { known: "recent" });
  const found = new Set<string>();
  for (const { event, position } of queue.events({ targets: [] })) found.add(`${event.event_id} ${position}`);
  expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS);
  expect(acknowledged.filter((line) => !found.has(line))).toEqual([]);
  expect(found).toContain(`${event?.event_id} ${event?.lamport_clock}`);
  const clocks = acknowledged.map((line) => line.split(" ")[1]);
  expect(new Set(clocks).size).toBe(clocks.length);
});

test(`${DRAIN_KILLS} killed drains leave duplicates at most, alone and in pairs`, { timeout: 900_000 }, async () => {
  const { queue, folder, home, time } = makeQueue();
  const appended = new Set<string>();
  const settled = new Set<string>();
  for (let kills = 0; kills < DRAIN_KILLS; kills += 3) {
    const writer = start(["write", folder, home, 10_000]);
    const drains = [1, 2].map(() => start(["drain", folder, home]));
    const [wrote, ...drained] = await Promise.all([writer, ...drains].map(killSoon));
    for (const line of wrote ?? []) appended.add(line.slice(0, 26));
    for (const id of drained.flat()) settled.add(id);
    time.now += 24 * 3_600_000;
  }
  const counts = queue.counts([TARGET]);
  expect(settled.size).toBeGreaterThan(0);
  const pending = new Set([...queue.pending([TARGET])].map(({ event }) => event.event_id));
  expect([...settled].filter((id) => pending.has(id))).toEqual([]);
  // What a killed writer could not say any more may be there, too; nothing else.
  expect([...appended].filter((id) => !settled.has(id) && !pending.has(id)).length).toBeLessThanOrEqual(
    20 * DRAIN_KILLS,
  );
  expect(counts.delivered + counts.pending).toBeGreaterThanOrEqual(appended.size);
  let asked = 0;
  const stamps = [...appended].map((id) => ({ id, stamp: () => void asked++ }));
  await queue.append(stamps, { known: "all" });
  expect(asked).toBe(0);
});

test("32 processes with one home and 4 repositories: no value twice, all in order", { timeout: 120_000 }, async () => {
  const root = makeFolder();
  const queues = [0, 1, 2, 3].map((index) => makeQueue(join(root, String(index))));
  const home = join(root, "home");
  const writers = Array.from({ length: 32 }, (_, index) => start(["write", queues[index % 4]?.folder ?? "", home, 6]));
  expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual(writers.map(() => 0));
  const said = writers.map(({ lines }) => lines.map((line) => Number(line.split(" ")[1])));
  for (const clocks of said) expect(clocks).toEqual([...clocks].sort((a, b) => a - b));
  expect(new Set(said.flat()).size).toBe(32 * 12);
  for (const { queue } of queues) {
    const positions = [...queue.events({ targets: [] })].map(({ position }) => Number(position));
    expect(positions).toHaveLength(8 * 12);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  }
});

test("8 processes that die with the lock in their hand never hold it two at a time", { timeout: 120_000 }, async () => {
  const root = makeFolder();
  for (let round = 0; round < (STORM ? 20 : 2); round++) {
    const processes = Array.from({ length: 8 }, () => start(["lock", root, root, 10]));
    expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual(processes.map(() => "SIGKILL"));
    for (const { lines } of processes) expect(lines).toEqual(Array.from({ length: 11 }, () => "held"));
  }
});
