import fc from "fast-check";
import { expect, test } from "vitest";
import { backoff, parseRetryAfter } from "../../src/sync/pace.ts";
import { createFakeTime, drainTo, START } from "../helpers/drain-world.ts";
import { answer, results, type Script, startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { createMemorySource, manyEvents } from "../helpers/memory-source.ts";
import { unusedUrl } from "../helpers/raw-server.ts";

const MINUTE = 60_000;
const status =
  (code: number, headers: object = {}): Script =>
  (_, response) =>
    answer(response, code, {}, headers);

test("a background drain backs off 0.5, 1, 2 … 30 s, gives up after 10 attempts and counts none of them", async () => {
  const server = await startFaultServer(status(502));
  const source = createMemorySource(manyEvents(3));
  const time = createFakeTime();
  const limits = { bytes: 1e6, events: 1000 };
  const drained = await drainTo(server.url, source, { mode: "background", time, limits });
  const backoffs = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000];
  // Between posts at least 5 s pass; what the backoff took of it need not be waited again.
  const pace = [4500, 4000, 3000, 1000];
  expect(time.waits).toEqual(backoffs.flatMap((wait, index) => [wait, ...pace.slice(index, index + 1)]));
  expect(drained).toMatchObject({ posts: 10, delivered: 0, failed: 0, stopped: { why: "failing" } });
  expect(source.settlements).toEqual([]);
});

test("the backoff goes on where the process before has left it", async () => {
  const server = await startFaultServer(status(502));
  const source = createMemorySource(manyEvents(1));
  const time = createFakeTime();
  source.writeHints({ failures: 6 });
  const stop = new AbortController();
  const sleep = async (ms: number) => {
    await time.sleep(ms);
    stop.abort();
  };
  const drained = await drainTo(server.url, source, { mode: "background", time, sleep, signal: stop.signal });
  expect(time.waits).toEqual([30_000]);
  expect(drained).toMatchObject({ posts: 1, stopped: { why: "aborted" } });
  expect(source.hints).toMatchObject({ failures: 7, next_attempt: START + 30_000 });
});

test("jitter is full: from nothing to the whole backoff, never more than 30 s", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const most = Math.min(30_000, 500 * 2 ** (failures - 1));
      const wait = backoff(failures, () => random);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(most);
      expect(wait).toBe(random * most);
    }),
  );
});

test.each([
  [undefined, undefined],
  ["", undefined],
  ["soon", undefined],
  ["-5", undefined],
  ["0", 1000],
  ["1", 1000],
  [" 7 ", 7000],
  ["900", 15 * MINUTE],
  ["901", 15 * MINUTE],
  ["99999999999999999999999", 15 * MINUTE],
  ["Sun, 01 Mar 2026 00:00:30 GMT", 30_000],
  ["Sun, 01 Mar 2026 00:00:00 GMT", 1000],
  ["Sat, 28 Feb 2026 00:00:00 GMT", 1000],
  ["Fri, 31 Dec 9999 23:59:59 GMT", 15 * MINUTE],
])("Retry-After: %s waits %s ms", (text, expected) => {
  expect(parseRetryAfter(text, START)).toBe(expected);
});

test.each([
  { code: 429, header: "7", wait: 7000 },
  { code: 503, header: "60", wait: 60_000 },
  { code: 503, header: new Date(START + 9000).toUTCString(), wait: 9000 },
  { code: 503, header: new Date(START - 9000).toUTCString(), wait: 1000 },
  { code: 503, header: undefined, wait: 500 },
])("sync now waits out $code with Retry-After $header", async ({ code, header, wait }) => {
  const server = await startFaultServer(status(code, header === undefined ? {} : { "retry-after": header }));
  const source = createMemorySource(manyEvents(2));
  const time = createFakeTime();
  const sleep = async (ms: number) => {
    await time.sleep(ms);
    server.follow(takeAll);
  };
  expect(await drainTo(server.url, source, { time, sleep })).toMatchObject({ delivered: 2, posts: 2 });
  expect(time.waits[0]).toBe(wait);
});

test("sync now does not wait out more than 60 s, but background runs do", async () => {
  const server = await startFaultServer(status(429, { "retry-after": "61" }));
  const source = createMemorySource(manyEvents(2));
  const time = createFakeTime();
  const drained = await drainTo(server.url, source, { time });
  expect(drained).toMatchObject({ posts: 1, stopped: { why: "throttled", message: expect.stringContaining("61 s") } });
  server.follow(takeAll);
  time.pass(60_999);
  expect(await drainTo(server.url, source, { time, mode: "background" })).toMatchObject({
    posts: 0,
    stopped: { why: "not due" },
  });
  time.pass(1);
  expect(await drainTo(server.url, source, { time, mode: "background" })).toMatchObject({
    delivered: 2,
    stopped: { why: "drained" },
  });
  expect(source.hints).toMatchObject({ failures: 0, next_attempt: null, trouble: null });
});

test("sync now posts as fast as it can, but every 5 s once the server said 429", async () => {
  const server = await startFaultServer(takeAll);
  const limits = { bytes: 1e6, events: 10 };
  const time = createFakeTime();
  await drainTo(server.url, createMemorySource(manyEvents(30)), { time, limits });
  expect(time.waits).toEqual([]);
  server.follow(({ ids }, response, count) =>
    count === 4 ? answer(response, 429, {}, { "retry-after": "2" }) : answer(response, 200, results(ids)),
  );
  expect(await drainTo(server.url, createMemorySource(manyEvents(30)), { time, limits })).toMatchObject({
    delivered: 30,
  });
  expect(time.waits).toEqual([2000, 3000, 5000, 5000]);
});

test("background batches keep 5 s between them, across processes", async () => {
  const server = await startFaultServer(takeAll);
  const source = createMemorySource(manyEvents(30));
  const time = createFakeTime();
  const limits = { bytes: 1e6, events: 10 };
  await drainTo(server.url, source, { mode: "background", time, limits });
  expect(time.waits).toEqual([5000, 5000]);
  time.pass(1200);
  const more = { ...createMemorySource(manyEvents(10)), readHints: source.readHints, writeHints: source.writeHints };
  await drainTo(server.url, more, { mode: "background", time, limits });
  expect(time.waits).toEqual([5000, 5000, 3800]);
});

test("hints of a clock that was set back hold nobody up", async () => {
  const server = await startFaultServer(takeAll);
  const source = createMemorySource(manyEvents(1));
  source.writeHints({ next_attempt: START + 24 * 60 * MINUTE, last_post: START + 24 * 60 * MINUTE });
  const time = createFakeTime();
  expect(await drainTo(server.url, source, { mode: "background", time })).toMatchObject({ delivered: 1 });
  expect(time.waits).toEqual([]);
});

test("sync now tries at once, whatever the hints say, and stops after 3 failures in a row", async () => {
  const server = await startFaultServer(status(504));
  const source = createMemorySource(manyEvents(2));
  source.writeHints({ next_attempt: START + 5 * MINUTE, failures: 6 });
  const time = createFakeTime();
  const drained = await drainTo(server.url, source, { time });
  expect(drained).toMatchObject({ posts: 3, stopped: { why: "failing", message: expect.stringContaining("504") } });
  expect(time.waits).toEqual([500, 1000]);
  expect(source.pendingIds()).toHaveLength(2);
});

test("progress makes failures count anew", async () => {
  const server = await startFaultServer(({ ids }, response, count) =>
    count % 3 === 0 ? answer(response, 200, results(ids)) : answer(response, 502, {}),
  );
  const source = createMemorySource(manyEvents(40));
  const drained = await drainTo(server.url, source, { limits: { bytes: 1e6, events: 10 } });
  expect(drained).toMatchObject({ delivered: 40, posts: 12, stopped: { why: "drained" } });
});

test.each([403, 404, 405, 410, 501, 412])(
  "a %s pauses background runs for 15 minutes, and loses nothing",
  async (code) => {
    const server = await startFaultServer(status(code));
    const source = createMemorySource(manyEvents(2));
    const time = createFakeTime();
    const drained = await drainTo(server.url, source, { time });
    expect(drained).toMatchObject({ posts: 1, stopped: { why: "paused", message: `the server answered ${code}.` } });
    expect(source.settlements).toEqual([]);
    server.follow(takeAll);
    time.pass(15 * MINUTE - 1);
    const early = await drainTo(server.url, source, { time, mode: "background" });
    expect(early).toMatchObject({
      posts: 0,
      stopped: { why: "not due", message: expect.stringContaining(String(code)) },
    });
    time.pass(1);
    expect(await drainTo(server.url, source, { time, mode: "background" })).toMatchObject({ delivered: 2 });
  },
);

test("where nobody listens, sync now says so after 3 attempts", async () => {
  const source = createMemorySource(manyEvents(2));
  const drained = await drainTo(await unusedUrl(), source);
  expect(drained).toMatchObject({
    posts: 3,
    stopped: { why: "failing", message: expect.stringContaining("nobody listens") },
  });
});
