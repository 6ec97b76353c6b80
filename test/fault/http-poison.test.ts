import { expect, test } from "vitest";
import { createFakeTime, drainTo } from "../helpers/drain-world.ts";
import { answer, results, type Script, startFaultServer } from "../helpers/fault-server.ts";
import { createMemorySource, idOf, manyEvents } from "../helpers/memory-source.ts";

const LIMITS = { bytes: 1e9, events: 1000 };
/** Refuses any batch with one of these events in it. */
const refusing =
  (bad: ReadonlySet<string>, status: number, body: object = { error: "invalid batch" }): Script =>
  ({ ids }, response) =>
    ids.some((id) => bad.has(id)) ? answer(response, status, body) : answer(response, 200, results(ids));

test.each([1, 2, 500, 501, 999, 1000])(
  "event %i of 1000 poisons each batch with a 400: it dies, the rest is delivered",
  async (number) => {
    const poison = idOf(number);
    const server = await startFaultServer(refusing(new Set([poison]), 400));
    const source = createMemorySource(manyEvents(1000));
    const drained = await drainTo(server.url, source, { limits: LIMITS });
    expect(drained).toMatchObject({ delivered: 999, dead: 1, failed: 0, stopped: { why: "drained" } });
    expect(source.settlements.filter(({ verdict }) => verdict === "dead")).toMatchObject([
      { id: poison, code: 400, reason: "the server answered 400: invalid batch", batch: expect.any(String) },
    ]);
    // The refused batch, log2 n to find the culprit, one to prove it, one for what is left.
    expect(drained.posts).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(1000)) + 2);
  },
);

test("an event dies of a 400 only if it was refused alone", async () => {
  const poison = idOf(37);
  const server = await startFaultServer(refusing(new Set([poison]), 400));
  await drainTo(server.url, createMemorySource(manyEvents(64)), { limits: LIMITS });
  expect(server.requests.filter(({ ids }) => ids.length === 1 && ids[0] === poison)).toHaveLength(1);
});

test("many poisoned events die, and all others are delivered in order", async () => {
  const bad = new Set([1, 2, 3, 50, 51, 99, 100].map(idOf));
  const server = await startFaultServer(refusing(bad, 400));
  const source = createMemorySource(manyEvents(100));
  const drained = await drainTo(server.url, source, { limits: LIMITS });
  expect(drained).toMatchObject({ delivered: 93, dead: 7, stopped: { why: "drained" } });
  const delivered = source.settlements.filter(({ verdict }) => verdict === "delivered").map(({ id }) => id);
  expect(delivered).toEqual([...delivered].sort());
});

test("a 400 that names its culprits costs one post more", async () => {
  const bad = new Set([idOf(3), idOf(7)]);
  const details = [...bad].map((event_id) => ({ event_id, reason: "unknown lane" }));
  const server = await startFaultServer(refusing(bad, 400, { error: "invalid", details: JSON.stringify(details) }));
  const source = createMemorySource(manyEvents(10));
  expect(await drainTo(server.url, source)).toMatchObject({ delivered: 8, dead: 2, posts: 2 });
  expect(source.settlements[0]).toMatchObject({ id: idOf(3), verdict: "dead", code: 400, reason: "unknown lane" });
});

test("a 400 in HTML kills nothing", async () => {
  const server = await startFaultServer((_, response) => answer(response, 400, "<h1>Bad Request</h1>"));
  const source = createMemorySource(manyEvents(100));
  expect(await drainTo(server.url, source)).toMatchObject({ posts: 1, dead: 0, stopped: { why: "paused" } });
});

test.each(["error", "dead"])("1000 bad events (%s) do not hold up 500 good ones behind them", async (fate) => {
  const server = await startFaultServer(({ ids }, response) => {
    const refused = fate === "dead" ? { status: "error", retryable: false } : "error";
    answer(
      response,
      200,
      results(ids, (id) => (id <= idOf(1000) ? refused : "success")),
    );
  });
  const source = createMemorySource(manyEvents(1500));
  const drained = await drainTo(server.url, source);
  expect(drained).toMatchObject({ delivered: 500, [fate === "dead" ? "dead" : "failed"]: 1000 });
  expect(drained.posts).toBeLessThanOrEqual(5);
});

test("300 events that each get a 400 cost about a post each, and do not hold up 200 good ones behind them", async () => {
  const server = await startFaultServer(refusing(new Set([...manyEvents(300)].map(({ event_id }) => event_id)), 400));
  const drained = await drainTo(server.url, createMemorySource(manyEvents(500)), { limits: LIMITS });
  expect(drained).toMatchObject({ delivered: 200, dead: 300, stopped: { why: "drained" } });
  expect(drained.posts).toBeLessThanOrEqual(300 + 3 * Math.ceil(Math.log2(500)));
});

test("a server that fails on one event delivers the others, and counts the attempt", async () => {
  const poison = idOf(13);
  const server = await startFaultServer(refusing(new Set([poison]), 500));
  const source = createMemorySource(manyEvents(40));
  const time = createFakeTime();
  for (let run = 0; run < 6 && source.pendingIds().length > 1; run++) {
    await drainTo(server.url, source, { time, limits: LIMITS });
  }
  expect(source.pendingIds()).toEqual([poison]);
  expect(source.settlements.filter(({ id }) => id === poison)).toMatchObject([{ verdict: "failed", code: 500 }]);
});

test("a server that fails on everything counts no attempt of anything, and says so", async () => {
  const server = await startFaultServer((_, response) => answer(response, 500, {}));
  const source = createMemorySource(manyEvents(5));
  for (let run = 0; run < 5; run++) {
    expect(await drainTo(server.url, source)).toMatchObject({ posts: 3, failed: 0, stopped: { why: "failing" } });
  }
  expect(source.settlements).toEqual([]);
  const alone = createMemorySource(manyEvents(1));
  expect(await drainTo(server.url, alone)).toMatchObject({ posts: 1, stopped: { why: "failing" } });
});

test("a 413 halves batches down to what the server takes, for the next process, too", async () => {
  const MOST = 9000;
  const server = await startFaultServer(({ ids, text }, response) =>
    text.length > MOST ? answer(response, 413, "too large") : answer(response, 200, results(ids)),
  );
  const source = createMemorySource(manyEvents(200));
  const drained = await drainTo(server.url, source);
  expect(drained).toMatchObject({ delivered: 200, dead: 0, stopped: { why: "drained" } });
  expect(server.requests.filter(({ text }) => text.length > MOST).length).toBeLessThanOrEqual(7);
  const before = server.requests.length;
  const next = { ...createMemorySource(manyEvents(30)), readHints: source.readHints };
  await drainTo(server.url, next);
  expect(server.requests.slice(before).every(({ text }) => text.length <= MOST)).toBe(true);
});

test("an event too large alone dies as oversized, and batches grow again", async () => {
  const giant = idOf(5);
  const server = await startFaultServer(refusing(new Set([giant]), 413));
  const source = createMemorySource(manyEvents(100));
  const drained = await drainTo(server.url, source);
  expect(drained).toMatchObject({ delivered: 99, dead: 1, stopped: { why: "drained" } });
  expect(source.settlements.find(({ id }) => id === giant)).toMatchObject({
    verdict: "dead",
    code: 413,
    reason: expect.stringMatching(/^oversized/),
  });
  expect(server.requests.at(-1)?.ids.length).toBeGreaterThan(90);
  expect(source.hints["byte_limit"]).toBeNull();
});
