import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DAY, MINUTE, makeQueue, newEvent, TARGET, type TestQueue } from "./make-queue.ts";

const maintain = ({ queue }: TestQueue, force = false) => queue.maintain({ targets: [TARGET], force });
const filesOf = ({ folder }: TestQueue, name: string): string[] =>
  existsSync(join(folder, name)) ? readdirSync(join(folder, name)).sort() : [];
const shelves = (queue: TestQueue) => [filesOf(queue, "sealed").length, filesOf(queue, "archive").length];

test("a segment is sealed when it has more than a thousand events, with its acks", async () => {
  const queue = makeQueue();
  const numbers = Array.from({ length: 1000 }, (_, index) => index + 1);
  await queue.add(...numbers);
  queue.settle("delivered", 1);
  maintain(queue);
  expect(shelves(queue)).toEqual([0, 0]);
  await queue.add(1001);
  maintain(queue);
  expect(filesOf(queue, "sealed").map((name) => name.replace(/^[0-9A-Z]{26}/, ""))).toEqual([".acks", ".jsonl"]);
  expect(existsSync(join(queue.folder, "queue.jsonl"))).toBe(false);
  expect(queue.queue.counts([TARGET])).toMatchObject({ pending: 1000, delivered: 1 });
});

test("a segment is sealed when it has more than a megabyte", async () => {
  const queue = makeQueue();
  for (let number = 1; number <= 18; number++) {
    await queue.queue.append([newEvent(number, "y".repeat(60_000))], { known: "recent" });
  }
  maintain(queue);
  expect(shelves(queue)).toEqual([1, 0]);
});

test("segments keep their order when the system's clock goes back", async () => {
  const queue = makeQueue();
  for (const number of [1, 2, 3, 4]) {
    await queue.add(number);
    maintain(queue, true);
    queue.time.now -= DAY;
  }
  expect(shelves(queue)).toEqual([4, 0]);
  expect(queue.pending()).toEqual(["1", "2", "3", "4"]);
});

test("a segment goes to the archive ten minutes after it was sealed, if all in it is settled", async () => {
  const queue = makeQueue();
  await queue.add(1, 2);
  queue.settle("delivered", 1);
  maintain(queue, true);
  queue.time.now += 11 * MINUTE;
  maintain(queue);
  expect(shelves(queue)).toEqual([2, 0]);
  queue.settle("dead", 2);
  maintain(queue);
  expect(shelves(queue)).toEqual([0, 2]);
  expect(queue.states()).toEqual({ 1: "delivered", 2: "dead" });
});

test("a settled segment stays until it has been left alone for ten minutes", async () => {
  const queue = makeQueue();
  await queue.add(1);
  queue.settle("delivered", 1);
  maintain(queue, true);
  queue.time.now += 9 * MINUTE;
  maintain(queue);
  expect(shelves(queue)).toEqual([2, 0]);
  queue.time.now += 2 * MINUTE;
  const [, segment = ""] = filesOf(queue, "sealed");
  const written = new Date(queue.time.now - 5 * MINUTE);
  utimesSync(join(queue.folder, "sealed", segment), written, written);
  maintain(queue);
  expect(shelves(queue)).toEqual([2, 0]);
  queue.time.now += 6 * MINUTE;
  maintain(queue);
  expect(shelves(queue)).toEqual([0, 2]);
});

test("what a late writer adds to a sealed segment is pending, and keeps it there", async () => {
  const queue = makeQueue();
  await queue.add(1, 2);
  const active = join(queue.folder, "queue.jsonl");
  const [, , , second] = readFileSync(active, "utf8").split("\n");
  writeFileSync(active, readFileSync(active, "utf8").replace(`\n${second}\n`, ""));
  queue.settle("delivered", 1);
  maintain(queue, true);
  const segment = filesOf(queue, "sealed").at(-1) ?? "";
  appendFileSync(join(queue.folder, "sealed", segment), `\n${second}\n`);
  queue.time.now += 20 * MINUTE;
  maintain(queue);
  expect(queue.pending()).toEqual(["2"]);
  expect(shelves(queue)).toEqual([2, 0]);
});

test("an archived event is still listed, and pending again for another target", async () => {
  const queue = makeQueue();
  await queue.add(1, 2);
  queue.settle("delivered", 1, 2);
  queue.archive();
  expect(queue.states()).toEqual({ 1: "delivered", 2: "delivered" });
  expect(queue.pending()).toEqual([]);
  expect(queue.pending(["another"])).toEqual(["1", "2"]);
});

test("after a week only ids remain, and the events are remembered as delivered", async () => {
  const queue = makeQueue();
  await queue.add(1, 2, 3);
  queue.settle("delivered", 1, 2);
  queue.settle("skipped", 3);
  queue.archive();
  queue.time.now += 7 * DAY - 20 * MINUTE;
  maintain(queue);
  expect(shelves(queue)).toEqual([0, 2]);
  queue.time.now += DAY;
  maintain(queue);
  expect(filesOf(queue, "archive")).toEqual([expect.stringMatching(/^[0-9a-f]{16}\.ids$/)]);
  expect(queue.states()).toEqual({});
  expect(queue.queue.counts([TARGET])).toMatchObject({ delivered: 2, skipped: 1, pending: 0 });
  await queue.add(1, 3, 4);
  expect(queue.states()).toEqual({ 1: "delivered", 3: "skipped", 4: "pending" });
  expect(queue.pending()).toEqual(["4"]);
  expect(queue.pending(["another"])).toEqual(["1", "3", "4"]);
});

test("an archive of more than 50 MB loses its oldest segments", async () => {
  const queue = makeQueue();
  for (const number of [1, 2]) {
    await queue.add(number);
    truncateSync(join(queue.folder, "queue.jsonl"), 26 * 1024 * 1024);
    queue.settle("delivered", number);
    queue.archive();
  }
  expect(queue.states()).toEqual({ 2: "delivered" });
});

test("a dead event is never thrown away, nor the acks that say so and what else became of its segment", async () => {
  const queue = makeQueue();
  await queue.add(1, 2, 3);
  maintain(queue, true);
  await queue.add(4);
  queue.settle("failed", 2);
  queue.settle("dead", 2);
  queue.settle("delivered", 1, 3, 4); // all of them in the second segment's acks
  queue.archive();
  queue.time.now += 8 * DAY;
  maintain(queue);
  maintain(queue);
  expect(queue.states()).toEqual({ 1: "delivered", 2: "dead", 3: "delivered" });
  expect(queue.queue.counts([TARGET])).toMatchObject({ delivered: 3, dead: 1 });
  queue.settle("retry", 2);
  expect(queue.pending()).toEqual(["2"]);
  queue.settle("delivered", 2);
  queue.time.now += 8 * DAY;
  queue.archive();
  expect(queue.states()).toEqual({});
  expect(filesOf(queue, "archive").filter((name) => name.endsWith(".jsonl"))).toEqual([]);
  expect(queue.queue.counts([TARGET])).toMatchObject({ delivered: 4, dead: 0 });
});

test("a crash between two renames, or between the ids and the deletion, is harmless", async () => {
  const queue = makeQueue();
  const { folder } = queue;
  await queue.add(1, 2);
  queue.settle("delivered", 1, 2);
  maintain(queue, true);
  const [acks = ""] = filesOf(queue, "sealed");
  renameSync(join(folder, "sealed", acks), join(folder, "queue.acks")); // sealed, its acks not yet
  expect(queue.pending()).toEqual([]);
  queue.time.now += 11 * MINUTE;
  maintain(queue);
  expect(queue.states()).toEqual({ 1: "delivered", 2: "delivered" });
  const [segment = ""] = filesOf(queue, "archive");
  const kept = readFileSync(join(folder, "archive", segment));
  queue.time.now += 8 * DAY;
  maintain(queue);
  writeFileSync(join(folder, "archive", segment), kept); // remembered, not yet deleted
  expect(queue.queue.counts([TARGET])).toMatchObject({ delivered: 2, pending: 0 });
  maintain(queue);
  expect(queue.queue.counts([TARGET])).toMatchObject({ delivered: 2, pending: 0 });
});

test("events of which only ids remain come back to a target that never had them", async () => {
  const queue = makeQueue();
  await queue.add(1);
  queue.settle("delivered", 1);
  maintain(queue, true);
  queue.time.now += 20 * MINUTE;
  maintain(queue);
  queue.time.now += 8 * DAY;
  maintain(queue);
  const again = () => queue.queue.append([newEvent(1)], { known: "all" });
  expect(await again()).toHaveLength(0);
  queue.queue.writeBinding({ server: "s", team: "t", counts: [TARGET] });
  expect(await again()).toHaveLength(0);
  queue.queue.writeBinding({ server: "s", team: "t", counts: ["another"] });
  expect(await again()).toHaveLength(1);
});

test("damage is copied once, with the reason, and the rest goes on", async () => {
  const queue = makeQueue();
  const active = join(queue.folder, "queue.jsonl");
  await queue.add(1);
  appendFileSync(active, "\nsome damage\n");
  await queue.add(2);
  appendFileSync(active, '\n{"v":1,"id":"01HZY3JQ4T8M0V5R000'); // may still be in the writing
  maintain(queue);
  maintain(queue);
  expect(filesOf(queue, "quarantine")).toHaveLength(1);
  const [name = ""] = filesOf(queue, "quarantine");
  expect(readFileSync(join(queue.folder, "quarantine", name), "utf8")).toMatch(
    /^\{"reason":"[^"]+","bytes":11,"at":"[^"]+"\}\nsome damage$/,
  );
  queue.settle("delivered", 1, 2);
  queue.archive();
  expect(filesOf(queue, "quarantine")).toHaveLength(2);
  expect(queue.queue.counts([TARGET])).toMatchObject({ quarantined: 2, delivered: 2, pending: 0 });
  expect(shelves(queue)).toEqual([0, 2]);
});

test("files that are none of ours are left alone, and one in the way is told", async () => {
  const queue = makeQueue();
  await queue.add(1);
  maintain(queue, true);
  for (const name of ["sealed/notes.jsonl", "sealed/notes.txt", "archive"])
    writeFileSync(join(queue.folder, name), "mine\n");
  expect(queue.pending()).toEqual(["1"]);
  queue.settle("delivered", 1);
  queue.time.now += 20 * MINUTE;
  expect(() => maintain(queue)).toThrow("of the queue cannot be written: EEXIST.");
  expect(filesOf(queue, "sealed")).toHaveLength(3);
});
