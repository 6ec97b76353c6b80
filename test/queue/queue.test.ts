import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { DAY, eventOf, idOf, MINUTE, makeQueue, newEvent, TARGET } from "./make-queue.ts";

const OTHER = "https://other.example one-team";

test("a queue that was never used is empty and stays unwritten", () => {
  const { queue, folder } = makeQueue();
  expect([...queue.events({ targets: [TARGET] }), ...queue.pending([TARGET])]).toEqual([]);
  queue.maintain({ targets: [TARGET], force: true });
  queue.settle([]);
  expect(queue.counts([TARGET])).toEqual({
    pending: 0,
    delivered: 0,
    skipped: 0,
    dead: 0,
    oldestPendingAt: undefined,
    newer: 0,
    quarantined: 0,
    bytes: 0,
  });
  expect([queue.readHints(), queue.readBinding()]).toEqual([{}, undefined]);
  expect(() => readFileSync(folder)).toThrow("ENOENT");
});

test("verdicts settle events one by one, whatever their order", async () => {
  const { queue, add, settle, states, pending, time } = makeQueue();
  const began = time.now;
  await add(1, 2, 3, 4);
  time.now += MINUTE;
  await add(5);
  settle("delivered", 5, 2);
  settle("skipped", 3);
  settle("dead", 4);
  expect(states()).toEqual({ 1: "pending", 2: "delivered", 3: "skipped", 4: "dead", 5: "delivered" });
  expect(pending()).toEqual(["1"]);
  expect(queue.counts([TARGET])).toMatchObject({
    pending: 1,
    delivered: 2,
    skipped: 1,
    dead: 1,
    oldestPendingAt: began,
  });
});

test("attempts are counted, and a dead event can be tried again", async () => {
  const { queue, add, settle, states, time } = makeQueue();
  await add(1);
  const first = time.now;
  settle("failed", 1);
  time.now += MINUTE;
  settle("failed", 1);
  expect([...queue.pending([TARGET])]).toMatchObject([{ attempts: 2, firstFailedAt: first }]);
  settle("dead", 1);
  expect([...queue.pending([TARGET])]).toEqual([]);
  settle("retry", 1);
  expect([...queue.pending([TARGET])]).toMatchObject([{ attempts: 0, firstFailedAt: undefined }]);
  expect(states()).toEqual({ 1: "pending" });
});

test("acks count for their own target alone, or for any of those given", async () => {
  const { queue, add, states, pending, time } = makeQueue();
  await add(1, 2);
  queue.settle([{ id: idOf(1), target: OTHER, verdict: "delivered", at: time.now }]);
  expect(pending()).toEqual(["1", "2"]);
  expect(pending([OTHER])).toEqual(["2"]);
  expect(states([OTHER, TARGET])).toEqual({ 1: "delivered", 2: "pending" });
  expect(states([])).toEqual({ 1: "pending", 2: "pending" });
});

test("the reason of a refusal is told, and the dead letter holds all a person needs", async () => {
  const { queue, folder, add, time } = makeQueue();
  await add(1, 2);
  const refusal = { id: idOf(2), target: TARGET, at: time.now, code: 400, reason: "lane: unknown", batch: "b7" };
  queue.settle([{ ...refusal, verdict: "dead" }]);
  expect([...queue.events({ targets: [TARGET] })].map(({ reason }) => reason)).toEqual([undefined, "lane: unknown"]);
  const { v: _, crc: __, ...letter } = JSON.parse(readFileSync(join(folder, "dead.jsonl"), "utf8"));
  expect(letter).toEqual({ ...refusal, at: new Date(time.now).toISOString(), e: eventOf(2, { clock: 2 }) });
});

test("the last word on an event that is not there harms nobody", async () => {
  const { add, settle, states } = makeQueue();
  await add(1);
  settle("dead", 77);
  settle("delivered", 78);
  expect(states()).toEqual({ 1: "pending" });
});

test("an event that is in the queue twice is given and counted once", async () => {
  const { queue, add, settle, states, pending } = makeQueue();
  await add(1);
  queue.maintain({ targets: [TARGET], force: true });
  await add(1, 2);
  expect(pending()).toEqual(["1", "2"]);
  expect([...queue.events({ targets: [] })].map(({ position }) => position)).toEqual(["1", "3"]);
  expect([...queue.events({ targets: [], after: "1" })].map(({ position }) => position)).toEqual(["3"]);
  settle("delivered", 1);
  expect(states()).toEqual({ 1: "delivered", 2: "pending" });
  expect(queue.counts([TARGET])).toMatchObject({ pending: 1, delivered: 1 });
});

test("torn acks are no acks, and the next one is not harmed", async () => {
  const { folder, add, settle, states } = makeQueue();
  await add(1, 2);
  settle("delivered", 1);
  const path = join(folder, "queue.acks");
  writeFileSync(path, readFileSync(path).subarray(0, -5));
  expect(states()).toEqual({ 1: "pending", 2: "pending" });
  settle("delivered", 2);
  expect(states()).toEqual({ 1: "pending", 2: "delivered" });
});

test("what a later release wrote is kept, counted and not sent", async () => {
  const { queue, folder, add, settle, archive, pending } = makeQueue();
  await add(1);
  const body = `{"v":2,"id":"${idOf(2)}","x":[]`;
  appendFileSync(join(folder, "queue.jsonl"), `${body},"crc":"${crc32(body).toString(16).padStart(8, "0")}"}\n`);
  settle("delivered", 1);
  archive();
  expect(pending()).toEqual([]);
  expect(queue.counts([TARGET])).toMatchObject({ newer: 1, delivered: 1, quarantined: 0 });
});

test("what is sealed while someone reads is not missed", async () => {
  const { queue, add } = makeQueue();
  await add(1, 2);
  const found: string[] = [];
  for (const { event } of queue.pending([TARGET])) {
    found.push(event.event_id);
    if (found.length > 1) continue;
    queue.maintain({ targets: [TARGET], force: true });
    await add(3);
    queue.maintain({ targets: [TARGET], force: true });
    await add(4);
  }
  expect(found.sort()).toEqual([1, 2, 3, 4].map(idOf));
});

test("hints are merged, and lost without harm", () => {
  const { queue, folder, reopen } = makeQueue();
  queue.writeHints({ next_attempt: 5, note: "a" });
  queue.writeHints({ note: "b" });
  expect(reopen().readHints()).toEqual({ next_attempt: 5, note: "b" });
  writeFileSync(join(folder, "state.json"), "\0\0\0");
  expect(queue.readHints()).toEqual({});
  queue.writeHints({ note: "c" });
  expect(queue.readHints()).toEqual({ note: "c" });
});

test("a binding is read as it was written, and a broken one is not taken for none", () => {
  const { queue, folder, reopen } = makeQueue();
  const binding = { server: "https://collector.example", team: "one-team", counts: [OTHER, TARGET] };
  queue.writeBinding(binding);
  expect(reopen().readBinding()).toEqual(binding);
  for (const broken of [
    "",
    "{",
    "[]",
    '{"server":"x","team":"y","counts":"z"}',
    '{"server":"x","team":"y","counts":[1]}',
  ]) {
    writeFileSync(join(folder, "target.json"), broken);
    expect(() => queue.readBinding()).toThrow("target.json");
  }
});

test("a place that can't be written is told, for each file", async () => {
  const { queue, folder, add, settle } = makeQueue();
  await add(1);
  for (const name of ["queue.acks", "state.json.tmp", "target.json.tmp"]) mkdirSync(join(folder, name));
  expect(() => settle("delivered", 1)).toThrow("queue.acks of the queue cannot be written: EISDIR.");
  expect(() => queue.writeHints({})).toThrow("state.json of the queue cannot be written: EISDIR.");
  expect(() => queue.writeBinding({ server: "", team: "", counts: [] })).toThrow("target.json of the queue cannot be");
});

test("no file of the queue tells where it lies or what the home is called", async () => {
  const { queue, root, folder, add, settle, archive, time } = makeQueue();
  await add(1, 2);
  settle("dead", 1);
  settle("delivered", 2);
  appendFileSync(join(folder, "queue.jsonl"), "torn\n\n");
  archive();
  time.now += 8 * DAY;
  archive();
  await queue.append([newEvent(3)], { known: "all" });
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => join(root, name));
  const texts = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, "utf8"));
  expect(texts.length).toBeGreaterThan(5);
  expect(texts.filter((text) => text.includes(root) || text.includes(String(process.env["HOME"])))).toEqual([]);
});
