import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, type TestContext, test } from "vitest";
import { openClock } from "../../src/queue/lamport-clock.ts";
import { idOf, makeFolder, makeQueue, newEvent, type TestQueue } from "../queue/make-queue.ts";
import { buildProcess } from "./queue-processes.ts";

const TARGET = "target";
let start: Awaited<ReturnType<typeof buildProcess>>;
beforeAll(async () => {
  start = await buildProcess();
});

function run(...[command = "", ...args]: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

function skip({ skip }: TestContext, reason: string): never {
  console.warn(`skipped: ${reason}`);
  return skip(reason);
}

/** A queue on a file system of its own that holds only so much. */
function makeSmallDisk(context: TestContext, size: string): TestQueue & { disk: string } {
  const root = makeFolder();
  const disk = join(root, "my repo");
  mkdirSync(disk);
  if (!run("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk))
    skip(context, "a file system can't be mounted here");
  onTestFinished(() => void run("umount", disk));
  return { ...makeQueue(root), disk };
}

test("a full disk refuses an event loudly, keeps all that was accepted, and goes on when there is room", async (context) => {
  const { queue, disk, pending } = makeSmallDisk(context, "64k");
  const accepted: string[] = [];
  let failure: unknown;
  for (let number = 1; !failure; number++) {
    await queue.append([newEvent(number, "y".repeat(number === 1 ? 30_000 : 700))], { known: "recent" }).then(
      () => accepted.push(String(number)),
      (error: unknown) => {
        failure = error;
      },
    );
  }
  expect(failure).toMatchObject({ code: "failed", message: expect.stringContaining("ENOSPC") });
  expect(accepted.length).toBeGreaterThan(5);
  expect(pending()).toEqual(accepted);
  const settle = () =>
    queue.settle(accepted.map((n) => ({ id: idOf(Number(n)), target: TARGET, verdict: "failed", at: 1 })));
  expect(() => writeFileSync(join(disk, "filler"), Buffer.alloc(65_536))).toThrow("ENOSPC");
  expect(settle).toThrow("ENOSPC");
  expect(pending()).toEqual(accepted);

  expect(run("mount", "-o", "remount,size=1m", disk)).toBe(true);
  await queue.append([newEvent(900)], { known: "recent" });
  settle();
  expect([...queue.pending([TARGET])].map(({ event, attempts }) => [event.event_id, attempts])).toEqual([
    ...accepted.map((number) => [idOf(Number(number)), 1]),
    [idOf(900), 0],
  ]);
});

test("a short write in a batch keeps the events before it, and those after it come once", async (context) => {
  const { queue, disk, pending } = makeSmallDisk(context, "64k");
  const batch = Array.from({ length: 100 }, (_, index) => newEvent(index + 1, "y".repeat(500)));
  await expect(queue.append(batch, { known: "recent" })).rejects.toThrow("ENOSPC");
  const kept = pending().length;
  expect(kept).toBeGreaterThan(10);
  expect(kept).toBeLessThan(100);
  expect(run("mount", "-o", "remount,size=1m", disk)).toBe(true);
  expect(await queue.append(batch, { known: "recent" })).toHaveLength(100 - kept);
  expect(pending()).toEqual(batch.map((_, index) => String(index + 1)));
});

test("a disk that became read-only is told, and what is there can be read", async (context) => {
  const { queue, disk, add, settle, states, pending } = makeSmallDisk(context, "1m");
  await add(1, 2);
  settle("delivered", 1);
  expect(run("mount", "-o", "remount,ro", disk)).toBe(true);
  await expect(add(3)).rejects.toMatchObject({ name: "Failure", message: expect.stringContaining("EROFS") });
  expect(() => settle("delivered", 2)).toThrow("EROFS");
  expect(() => queue.maintain({ targets: [TARGET], force: true })).toThrow("cannot be written");
  expect([pending(), states()]).toEqual([["2"], { 1: "delivered", 2: "pending" }]);
});

test("a home that is read-only is no error, and its repository's mark goes on", async (context) => {
  const { disk, root } = makeSmallDisk(context, "1m");
  const { add, queue } = makeQueue(join(root, "elsewhere"));
  rmSync(join(root, "elsewhere/home"), { recursive: true, force: true });
  mkdirSync(join(disk, "home"));
  const clock = openClock({ home: join(disk, "home"), node: "0123456789ab", now: Date.now });
  await clock.tick(5, 0);
  expect(run("mount", "-o", "remount,ro", disk)).toBe(true);
  expect([await clock.tick(1, 40), await clock.tick(1, 0)]).toEqual([41, 42]);
  expect(readdirSync(join(disk, "home"))).toEqual(["clock.json"]);
  await add(1);
  expect(queue.counts([])).toMatchObject({ pending: 1 });
});

test("a segment that can't be moved just now is moved the next time", async (context) => {
  const queue = makeQueue();
  await queue.add(1);
  const path = join(queue.folder, "queue.jsonl");
  // What Windows does while a file is open in another program: a file that is a mount point is busy, too.
  if (!run("mount", "--bind", path, path)) skip(context, "a file can't be bound here");
  onTestFinished(() => void run("umount", path));
  queue.queue.maintain({ targets: [TARGET], force: true });
  expect(readdirSync(queue.folder)).toContain("queue.jsonl");
  expect(run("umount", path)).toBe(true);
  queue.queue.maintain({ targets: [TARGET], force: true });
  expect(readdirSync(queue.folder)).not.toContain("queue.jsonl");
  expect(queue.pending()).toEqual(["1"]);
});

/** What runs a process so that its calls of fdatasync fail. */
function failSync(context: TestContext, fault: string): string[] {
  if (!run("strace", "-o", "/dev/null", "true")) skip(context, "strace is missing or may not trace");
  return ["strace", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", `inject=fdatasync:${fault}`];
}

test("an event whose sync failed is written again to a new segment", async (context) => {
  const { queue, folder, home } = makeQueue();
  const writer = start(["write", folder, home, 2], failSync(context, "error=EIO:when=1"));
  expect(await writer.ended).toBe(0);
  expect(writer.lines).toHaveLength(3);
  const found = [...queue.events({ targets: [] })].map(({ event, position }) => `${event.event_id} ${position}`);
  expect(found).toEqual(writer.lines);
  expect(readdirSync(join(folder, "sealed"))).toHaveLength(1);
});

test.for(["EIO", "ENOSPC"])(
  "syncs that all fail with %s are told, and such an event is not taken for safe",
  async (code, context) => {
    const { queue, folder, home } = makeQueue();
    const writer = start(["write", folder, home, 1], failSync(context, `error=${code}:when=1+`));
    await writer.ended;
    expect(writer.lines).toEqual([`failure: Failure: queue.jsonl of the queue cannot be written: ${code}.`]);
    const [event] = [...queue.events({ targets: [] })].map((found) => found.event);
    const again = { id: event?.event_id ?? "", stamp: () => event };
    expect(await queue.append([again], { known: "recent" })).toHaveLength(1);
  },
);

test("acks whose sync failed are told, and the events stay", async (context) => {
  const queue = makeQueue();
  await queue.add(1, 2);
  const drain = start(["drain", queue.folder, queue.home], failSync(context, "error=ENOSPC:when=1+"));
  expect(await drain.ended).toBe(0);
  expect(drain.lines).toEqual(["failure: Failure: queue.acks of the queue cannot be written: ENOSPC."]);
  expect(queue.queue.counts([TARGET])).toMatchObject({ pending: 0, delivered: 2 });
});

test("a writer that was stopped between open and write is found in the segment that was sealed meanwhile", async () => {
  const queue = makeQueue();
  await queue.add(1);
  const writer = start(["stop", queue.folder, queue.home, 1]);
  await writer.said(1);
  queue.queue.maintain({ targets: [TARGET], force: true });
  await queue.queue.append([newEvent(2)], { known: "recent" });
  queue.queue.settle([1, 2].map((n) => ({ id: idOf(n), target: TARGET, verdict: "delivered", at: 1 })));
  queue.time.now += 9 * 60_000;
  queue.queue.maintain({ targets: [TARGET] });
  writer.child.kill("SIGCONT");
  expect(await writer.ended).toBe(0);
  const [, said = ""] = writer.lines;
  expect([...queue.queue.pending([TARGET])].map(({ event }) => event.event_id)).toEqual([said.slice(0, 26)]);
  queue.time.now += 60 * 60_000;
  queue.queue.maintain({ targets: [TARGET] });
  expect(queue.pending([TARGET])).toHaveLength(1);
});
