import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { acquireLock, takeLock } from "../../src/queue/lock.ts";
import { MINUTE, makeFolder } from "./make-queue.ts";

const isLinux = process.platform === "linux";
if (!isLinux) console.warn("skipped: what only /proc can tell of a lock's holder");

/** A lock's path, and what a holder writes into it. */
async function makeLock(): Promise<{ path: string; holder: Record<string, unknown> }> {
  const path = join(makeFolder(), "deep/folder/queue.lock");
  const release = await acquireLock(path, { wait: 0, pid: process.pid });
  const holder: Record<string, unknown> = JSON.parse(readFileSync(path, "utf8"));
  release?.();
  return { path, holder };
}

function age(path: string, ms: number): void {
  const time = new Date(Date.now() - ms);
  utimesSync(path, time, time);
}

const isFree = async (path: string): Promise<boolean> => {
  const release = await acquireLock(path, { wait: 0 });
  release?.();
  return release !== undefined;
};

test("a lock is held by one, and free after its release", async () => {
  const { path } = await makeLock();
  const release = await acquireLock(path, { wait: 0 });
  expect(await isFree(path)).toBe(false);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  release?.();
  expect(await isFree(path)).toBe(true);
  expect(readdirSync(dirname(path))).toEqual([]);
});

test("a second release does not end the lock of the next one", async () => {
  const { path } = await makeLock();
  const first = await acquireLock(path, { wait: 0 });
  first?.();
  const second = await acquireLock(path, { wait: 0 });
  first?.();
  expect(await isFree(path)).toBe(false);
  second?.();
});

test("whoever waits gets the lock once it is released", async () => {
  const { path } = await makeLock();
  const first = await acquireLock(path, { wait: 0 });
  const waiting = acquireLock(path, { wait: 60_000 });
  setTimeout(() => first?.(), 20);
  const second = await waiting;
  expect(second).toBeDefined();
  second?.();
});

test("a holder names itself", async () => {
  const { holder } = await makeLock();
  expect(holder["pid"]).toBe(process.pid);
  if (isLinux)
    expect(holder).toMatchObject({ started: expect.stringMatching(/^\d+$/), boot: expect.stringContaining("-") });
});

test("the lock of a process that is gone is taken at once", async () => {
  const { path, holder } = await makeLock();
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(path, JSON.stringify({ ...holder, pid }));
  expect(await isFree(path)).toBe(true);
});

test.runIf(isLinux)("a process that has the pid of a dead holder does not hold its lock", async () => {
  const { path, holder } = await makeLock();
  writeFileSync(path, JSON.stringify({ ...holder, started: "1" }));
  expect(await isFree(path)).toBe(true);
});

test.runIf(isLinux)("a lock from before the last start of the machine is taken at once", async () => {
  const { path, holder } = await makeLock();
  writeFileSync(path, JSON.stringify({ ...holder, boot: "another" }));
  expect(await isFree(path)).toBe(true);
});

test.each<[string, (holder: Record<string, unknown>) => string]>([
  ["from another container", (holder) => JSON.stringify({ ...holder, pid: 99_999_999, space: "pid:[1]" })],
  ["from elsewhere", ({ pid, turn }) => JSON.stringify({ pid, turn })],
  ["without a pid", ({ boot, space, turn }) => JSON.stringify({ boot, space, turn })],
])("a lock %s is taken after five minutes, not before", async (_, render) => {
  const { path, holder } = await makeLock();
  writeFileSync(path, render(holder));
  age(path, 4 * MINUTE);
  expect(await isFree(path)).toBe(false);
  age(path, 6 * MINUTE);
  expect(await isFree(path)).toBe(true);
});

test.each([
  ["before it could name itself", ""],
  ["as its lock became the clock", '{"value":5,"node_id":"0123456789ab","updated_at":"2026-02-04T10:00:00.000Z"}\n'],
])("a lock whose maker died %s is taken after seconds", async (_, text) => {
  const { path } = await makeLock();
  writeFileSync(path, text);
  expect(await isFree(path)).toBe(false);
  age(path, 6000);
  expect(await isFree(path)).toBe(true);
});

test("a lock that can't become the file it should ends all the same", async () => {
  const { path } = await makeLock();
  const lock = await takeLock(path, { wait: 0 });
  mkdirSync(join(dirname(path), "clock.json"));
  expect(() => lock?.become(join(dirname(path), "clock.json"), "{}")).toThrow("EISDIR");
  expect(await isFree(path)).toBe(true);
});

test("the lock of a live process is never too old", async () => {
  const { path } = await makeLock();
  const release = await acquireLock(path, { wait: 0, pid: process.pid });
  age(path, 60 * MINUTE);
  expect(await isFree(path)).toBe(!isLinux);
  release?.();
});

test("a thief that died leaves a mark that goes after seconds", async () => {
  const { path } = await makeLock();
  writeFileSync(path, "");
  age(path, 6000);
  writeFileSync(`${path}.steal`, "");
  expect(await isFree(path)).toBe(false);
  age(`${path}.steal`, 6000);
  const release = await acquireLock(path, { wait: 1000 });
  expect(release).toBeDefined();
  release?.();
  expect(readdirSync(dirname(path))).toEqual([]);
});

test("a lock that was stolen is not ended by the one who lost it", async () => {
  const { path } = await makeLock();
  const lost = await takeLock(path, { wait: 0 });
  unlinkSync(path);
  const release = await acquireLock(path, { wait: 0 });
  lost?.release();
  expect(existsSync(path)).toBe(true);
  release?.();

  const again = await takeLock(path, { wait: 0 });
  unlinkSync(path);
  expect(again?.become(join(dirname(path), "clock.json"), "{}")).toBe(false);
  expect(readdirSync(dirname(path))).toEqual([]);
});

test("a place where no lock can be made is told", async () => {
  const path = join(makeFolder(), "queue.lock");
  mkdirSync(path);
  await expect(acquireLock(join(path, "a\0b"), { wait: 0 })).rejects.toThrow(TypeError);
  writeFileSync(join(path, "file"), "");
  await expect(acquireLock(join(path, "file/x.lock"), { wait: 0 })).rejects.toThrow(
    "x.lock of the queue cannot be written: ENOTDIR.",
  );
});
