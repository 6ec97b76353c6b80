import fc from "fast-check";
import { expect, test } from "vitest";
import { drainTo } from "../helpers/drain-world.ts";
import { answer, results, type Script, startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { createMemorySource, idOf, manyEvents } from "../helpers/memory-source.ts";

const said = (id: string, status = "success"): object => ({ event_id: id, status });

test.each<{ name: string; script: Script; delivered: number }>([
  {
    name: "HTML of a captive portal",
    script: (_, response) => answer(response, 200, "<html>Log in</html>"),
    delivered: 0,
  },
  { name: "no body", script: (_, response) => answer(response, 200, ""), delivered: 0 },
  { name: "a 204", script: (_, response) => answer(response, 204, ""), delivered: 0 },
  { name: "a 202 with results", script: ({ ids }, response) => answer(response, 202, results(ids)), delivered: 0 },
  {
    name: "half the JSON",
    script: ({ ids }, response) => answer(response, 200, JSON.stringify(results(ids)).slice(0, -5)),
    delivered: 0,
  },
  { name: "no results", script: (_, response) => answer(response, 200, { results: [] }), delivered: 0 },
  {
    name: "results of no list",
    script: (_, response) => answer(response, 200, { results: { ok: true } }),
    delivered: 0,
  },
  {
    name: "results of strangers",
    script: ({ ids }, response) => answer(response, 200, results(ids.map((id) => `${id}0`))),
    delivered: 0,
  },
  {
    name: "each result twice",
    script: ({ ids }, response) => answer(response, 200, results([...ids, ...ids])),
    delivered: 0,
  },
  {
    name: "statuses nobody knows",
    script: ({ ids }, response) =>
      answer(
        response,
        200,
        results(ids, () => "ok"),
      ),
    delivered: 0,
  },
  {
    name: "the first event's result alone",
    script: ({ ids }, response) => answer(response, 200, results(ids.slice(0, 1))),
    delivered: 10,
  },
])("$name delivers $delivered of 10, and ends after a bounded number of posts", async ({ script, delivered }) => {
  const server = await startFaultServer(script);
  const source = createMemorySource(manyEvents(10));
  const drained = await drainTo(server.url, source);
  expect(drained).toMatchObject({ delivered, dead: 0, failed: 0 });
  expect(drained.posts).toBeLessThanOrEqual(delivered + 3);
  expect(source.pendingIds()).toHaveLength(10 - delivered);
  server.follow(takeAll);
  expect(await drainTo(server.url, source)).toMatchObject({ delivered: 10 - delivered });
});

test("an event is settled by its own result alone, whatever else the answer says", async () => {
  const STATUSES = ["success", "duplicate", "accepted", "warning", "error", "rejected", "queued", "pending", "ok", ""];
  const VERDICT: Readonly<Record<string, string>> = {
    success: "delivered",
    duplicate: "delivered",
    accepted: "delivered",
    warning: "delivered",
    error: "failed",
    rejected: "failed",
  };
  const id = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 12 }).map(idOf) },
    fc.string(),
    fc.constant(null),
  );
  const item = fc.oneof(
    { weight: 12, arbitrary: fc.record({ event_id: id, status: fc.constantFrom(...STATUSES) }) },
    { weight: 2, arbitrary: fc.record({ event_id: id, status: fc.jsonValue() }) },
    fc.jsonValue(),
  );
  const server = await startFaultServer(takeAll);
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 30 }), async (list) => {
      let posts = 0;
      server.follow((_, response) => {
        posts += 1;
        answer(response, posts === 1 ? 200 : 403, { results: list });
      });
      const source = createMemorySource(manyEvents(8));
      await drainTo(server.url, source);
      const expected = new Map<string, string>();
      for (let number = 1; number <= 8; number++) {
        const own = list.filter(
          (one) => typeof one === "object" && one !== null && Reflect.get(one, "event_id") === idOf(number),
        );
        const status = own.length === 1 ? String(Reflect.get(Object(own[0]), "status")) : "";
        const verdict = Object.hasOwn(VERDICT, status) ? VERDICT[status] : undefined;
        if (verdict !== undefined) expected.set(idOf(number), verdict);
      }
      expect(source.verdicts()).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test("results settle event by event: delivered, known before, refused for now, for good, undecided", async () => {
  const fates: Readonly<Record<string, object | string>> = {
    [idOf(1)]: "success",
    [idOf(2)]: "duplicate",
    [idOf(3)]: { status: "error", error_message: "busy" },
    [idOf(4)]: { status: "error", error: "conflict" },
    [idOf(5)]: { status: "error", error_message: "bad lane", retryable: false },
    [idOf(6)]: "queued",
  };
  const server = await startFaultServer(({ ids }, response) => {
    answer(response, 200, { ...results(ids, (id) => fates[id] ?? "success"), lamport_clock: 41 });
  });
  const source = createMemorySource(manyEvents(6));
  const drained = await drainTo(server.url, source);
  expect(drained).toMatchObject({ delivered: 1, duplicate: 1, failed: 1, dead: 2, undecided: 1, posts: 1 });
  expect(drained.stopped.why).toBe("drained");
  expect(source.clocks).toEqual([41]);
  const [request] = server.requests;
  const batch = request?.headers["x-request-id"];
  expect(source.settlements.map(({ at: _, ...settlement }) => settlement)).toEqual([
    { id: idOf(1), verdict: "delivered", code: 200, batch },
    { id: idOf(2), verdict: "delivered", code: 200, batch },
    { id: idOf(3), verdict: "failed", code: 200, batch, reason: "busy" },
    { id: idOf(4), verdict: "dead", code: 200, batch, reason: "conflict" },
    { id: idOf(5), verdict: "dead", code: 200, batch, reason: "bad lane" },
  ]);
  expect(source.pendingIds()).toEqual([idOf(3), idOf(6)]);
});

test("an event that is refused for now dies at the fifth attempt, if that is a day after the first", async () => {
  const server = await startFaultServer(({ ids }, response) =>
    answer(
      response,
      200,
      results(ids, () => "error"),
    ),
  );
  const source = createMemorySource(manyEvents(1));
  let time = Date.parse("2026-03-01T00:00:00Z");
  const now = () => time;
  for (let hour = 0; hour < 30; hour += 5) {
    time = Date.parse("2026-03-01T00:00:00Z") + hour * 60 * 60_000;
    await drainTo(server.url, source, { now });
  }
  expect(source.settlements.map(({ verdict }) => verdict)).toEqual([
    "failed",
    "failed",
    "failed",
    "failed",
    "failed",
    "dead",
  ]);
});

test("skipped and parked events are settled without being sent", async () => {
  const server = await startFaultServer(takeAll);
  const source = createMemorySource(manyEvents(3));
  const drained = await drainTo(server.url, source, {
    render: (event) => {
      if (event.event_id === idOf(1)) return { skipped: "both lanes are doing" };
      return event.event_id === idOf(2) ? { parked: "v3 has no such lane" } : { body: event };
    },
  });
  expect(drained).toMatchObject({ delivered: 1, skipped: 1, dead: 1, posts: 1 });
  expect(source.settlements.slice(0, 2)).toMatchObject([
    { id: idOf(1), verdict: "skipped", reason: "both lanes are doing" },
    { id: idOf(2), verdict: "dead", reason: "v3 has no such lane" },
  ]);
  expect(server.requests.map(({ ids }) => ids)).toEqual([[idOf(3)]]);
  expect(await drainTo(server.url, source)).toMatchObject({ posts: 0, stopped: { why: "drained" } });
});

test("after a 401 one refresh is tried; without a new token, or with a wrong one, it pauses and counts nothing", async () => {
  const server = await startFaultServer((_, response) => answer(response, 401, { detail: "Token has expired" }));
  const source = createMemorySource(manyEvents(2));
  let refreshes = 0;
  const refresh = async (): Promise<boolean> => {
    refreshes += 1;
    return true;
  };
  const paused = { why: "paused", message: "the server answered 401: Token has expired." };
  expect(await drainTo(server.url, source)).toMatchObject({ posts: 1, stopped: paused });
  expect(await drainTo(server.url, source, { refresh: async () => false })).toMatchObject({
    posts: 1,
    stopped: paused,
  });
  expect(await drainTo(server.url, source, { refresh })).toMatchObject({ posts: 2, stopped: paused });
  expect(refreshes).toBe(1);
  server.follow(({ ids }, response, count) =>
    count === 5 ? answer(response, 401, {}) : answer(response, 200, results(ids)),
  );
  expect(await drainTo(server.url, source, { refresh })).toMatchObject({ posts: 2, delivered: 2 });
  expect(source.settlements.filter(({ verdict }) => verdict !== "delivered")).toEqual([]);
});

test("what is appended during a drain does not end it early", async () => {
  const server = await startFaultServer(takeAll);
  const events = [...manyEvents(20)];
  const source = createMemorySource(events);
  const more = [...manyEvents(30)].slice(20);
  const drained = await drainTo(server.url, source, {
    limits: { bytes: 1e6, events: 5 },
    onProgress: () => void events.push(...more.splice(0, 1)),
  });
  expect(drained.stopped.why).toBe("drained");
  expect(source.pendingIds().filter((id) => id <= idOf(20))).toEqual([]);
});

test("progress is told after each answer", async () => {
  const server = await startFaultServer(takeAll);
  const told: number[] = [];
  await drainTo(server.url, createMemorySource(manyEvents(12)), {
    limits: { bytes: 1e6, events: 5 },
    onProgress: ({ delivered }) => void told.push(delivered),
  });
  expect(told.slice(0, 3)).toEqual([5, 10, 12]);
});

test("a verdict is on disk before the next batch goes out", async () => {
  const source = createMemorySource(manyEvents(15));
  const settledBefore: number[] = [];
  const server = await startFaultServer(({ ids }, response) => {
    settledBefore.push(source.settlements.length);
    answer(response, 200, { results: ids.map((id) => said(id)) });
  });
  await drainTo(server.url, source, { limits: { bytes: 1e6, events: 5 } });
  expect(settledBefore).toEqual([0, 5, 10]);
});
