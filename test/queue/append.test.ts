import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TooLong } from "../../src/queue/append-events.ts";
import { acquireLock } from "../../src/queue/lock.ts";
import { DAY, idOf, makeQueue, newEvent, TARGET } from "./make-queue.ts";

test("events are on the disk, in order, with values of the clock", async () => {
  const { queue, folder, add, reopen } = makeQueue();
  await add(1, 2);
  await add(3);
  const found = [...reopen().events({ targets: [] })];
  expect(found.map(({ event, position, state }) => [event.event_id, event.lamport_clock, position, state])).toEqual([
    [idOf(1), 1, "1", "pending"],
    [idOf(2), 2, "2", "pending"],
    [idOf(3), 3, "3", "pending"],
  ]);
  expect([...queue.events({ targets: [], after: "2" })].map(({ position }) => position)).toEqual(["3"]);
  expect([...queue.events({ targets: [], after: "3" })]).toEqual([]);
  expect([folder, join(folder, "queue.jsonl")].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
});

test("every line begins with a line break, and all of a batch are written at once", async () => {
  const { folder, add } = makeQueue();
  await add(1, 2);
  expect(readFileSync(join(folder, "queue.jsonl"), "utf8")).toMatch(
    /^\n\{"v":1,"id":"01HZY3JQ4T8M0V5R0000000001","lc":1,"at":"[^"]+","e":\{.*\},"crc":"[0-9a-f]{8}"\}\n\n\{"v":1,.*\}\n$/,
  );
});

test("an event that came lately is not appended again, nor twice in a batch", async () => {
  const { add, reopen } = makeQueue();
  await add(1, 2);
  expect(await add(2, 1)).toEqual([]);
  expect(
    (
      await reopen().append(
        [2, 3, 3].map((n) => newEvent(n)),
        { known: "recent" },
      )
    ).length,
  ).toBe(1);
  expect(await add(1, 4)).toEqual([idOf(4)]);
});

test("lately means the last 256 KiB of the active segment; all means everywhere and for ever", async () => {
  const { queue, add, archive, settle, time } = makeQueue();
  const long = Array.from({ length: 10 }, (_, index) => newEvent(100 + index, "y".repeat(60_000)));
  await add(1);
  await queue.append(long, { known: "recent" });
  const again = (known: "recent" | "all") => queue.append([newEvent(1)], { known });
  expect(await again("all")).toEqual([]);
  expect(await again("recent")).toHaveLength(1);
  settle("delivered", 1, ...long.map((_, index) => 100 + index));
  archive();
  expect(await again("all")).toEqual([]);
  time.now += 8 * DAY;
  queue.maintain({ targets: [TARGET] });
  expect([...queue.events({ targets: [TARGET] })]).toEqual([]);
  expect(await again("all")).toEqual([]);
});

test("ids at the border of what is read in one go are found", async () => {
  const { queue, add } = makeQueue();
  const numbers = Array.from({ length: 300 }, (_, index) => index + 1);
  await add(...numbers);
  expect(
    await queue.append(
      numbers.map((n) => newEvent(n)),
      { known: "recent" },
    ),
  ).toEqual([]);
});

test("an event whose line was cut is not known", async () => {
  const { folder, add } = makeQueue();
  await add(1);
  const path = join(folder, "queue.jsonl");
  truncateSync(path, statSync(path).size - 3);
  expect(await add(1)).toEqual([idOf(1)]);
});

test("nothing to append changes nothing, not even the clock", async () => {
  const { queue, add, folder } = makeQueue();
  expect(await queue.append([], { known: "all" })).toEqual([]);
  expect(() => statSync(folder)).toThrow("ENOENT");
  await add(1);
  await add(1);
  expect((await queue.append([newEvent(2)], { known: "all" }))[0]?.lamport_clock).toBe(2);
});

test("an event that turned out invalid costs its value of the clock and nothing else", async () => {
  const { queue, reopen } = makeQueue();
  const invalid = { id: idOf(2), stamp: () => undefined };
  const appended = await queue.append([newEvent(1), invalid, newEvent(3)], { known: "recent" });
  expect(appended.map(({ lamport_clock }) => lamport_clock)).toEqual([1, 3]);
  expect([...reopen().events({ targets: [] })].map(({ position }) => position)).toEqual(["1", "3"]);
  expect(await queue.append([invalid], { known: "recent" })).toEqual([]);
});

test("an event of more than 64 KiB is refused by its id, the others are appended", async () => {
  const { queue, pending } = makeQueue();
  const batch = [newEvent(1), newEvent(2, "\u00e9".repeat(33_000)), newEvent(3)];
  const failure = await queue.append(batch, { known: "recent" }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TooLong);
  expect(failure).toMatchObject({ code: "failed", message: expect.stringContaining(idOf(2)) });
  expect(failure instanceof TooLong && failure.appended.map(({ event_id }) => event_id)).toEqual([idOf(1), idOf(3)]);
  expect(pending()).toEqual(["1", "3"]);
});

test("a writer that hangs is waited for a second, then the event is appended anyway", async () => {
  const { folder, add, pending } = makeQueue();
  await add(1);
  const release = await acquireLock(join(folder, "queue.lock"), { wait: 0, pid: process.pid });
  const start = performance.now();
  await add(2);
  expect(performance.now() - start).toBeGreaterThan(900);
  expect(pending()).toEqual(["1", "2"]);
  release?.();
});

test("the clock goes up whatever becomes of its file, the segments and the hints", async () => {
  const { queue, folder, home, reopen, add, archive, settle, time } = makeQueue();
  const clocks: (number | undefined)[] = [];
  const next = async (number: number) => {
    rmSync(home, { recursive: true, force: true });
    const [event] = await reopen().append([newEvent(number)], { known: "recent" });
    clocks.push(event?.lamport_clock);
  };
  await add(1, 2);
  await next(3); // from the active segment
  appendFileSync(join(folder, "queue.jsonl"), "x".repeat(30_000));
  await next(4); // from before the damage
  queue.maintain({ targets: [TARGET], force: true });
  await next(5); // from the sealed segment
  settle("delivered", 1, 2, 3, 4, 5);
  archive();
  await next(6); // from the archive
  settle("delivered", 6);
  archive();
  time.now += 8 * DAY;
  queue.maintain({ targets: [TARGET] });
  await next(7); // from the hint
  writeFileSync(join(folder, "state.json"), "{");
  await next(8);
  expect(clocks).toEqual([3, 4, 5, 6, 7, 8]);
});

test("a folder that can't be made is told", async () => {
  const { root, add } = makeQueue();
  mkdirSync(join(root, "my repo/.git"), { recursive: true });
  writeFileSync(join(root, "my repo/.git/spec-kitty"), "");
  await expect(add(1)).rejects.toThrow("queue.lock of the queue cannot be written: ENOTDIR.");
});
