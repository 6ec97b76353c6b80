import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DatabaseError } from "../../src/collector/database.ts";
import type { Store, Submission } from "../../src/collector/store.ts";
import { pythonEvent } from "../events/example-events.ts";
import { gzipped, makeCollector, makeEvent, resultsOf } from "./harness.ts";

const MIB = 1024 * 1024;

describe("a batch", () => {
  test("is answered event by event, with the team's clock", async () => {
    const { post } = await makeCollector();
    const event = makeEvent({ lamport_clock: 41 });
    const response = await post([event]);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      results: [{ event_id: event.event_id, status: "success" }],
      lamport_clock: 41,
    });
    expect(await (await post([event])).json()).toMatchObject({ results: [{ status: "duplicate" }], lamport_clock: 41 });
  });

  test("may be gzipped, and its address may lack the slash", async () => {
    const { ask } = await makeCollector();
    const init = { method: "POST", ...gzipped({ events: [makeEvent()] }) };
    expect(await (await ask("/api/v1/events/batch", init)).json()).toMatchObject({ results: [{ status: "success" }] });
  });

  test("of none is answered by none", async () => {
    const { post } = await makeCollector();
    expect(await (await post([])).json()).toEqual({ results: [], lamport_clock: 0 });
  });

  test("of a producer that sends the contract's fields alone is stored", async () => {
    const { post } = await makeCollector();
    expect(await (await post([{ ...pythonEvent, team_slug: "acme" }])).json()).toMatchObject({
      results: [{ status: "success" }],
    });
  });

  test("half of which is wrong keeps the other half, in order", async () => {
    const { post } = await makeCollector();
    const [good, conflicting] = [makeEvent(), makeEvent()];
    await post([conflicting]);
    const answer = await post([
      makeEvent({ timestamp: "yesterday" }),
      good,
      null,
      { ...conflicting, event_type: "WPCreated", payload: { wp_id: "WP01", title: "x", feature_slug: "012-login" } },
      makeEvent({ team_slug: "rivals" }),
      makeEvent({ event_type: "WPTeleported", payload: {} }),
    ]);
    expect(await resultsOf(answer)).toMatchObject([
      { status: "error", error: expect.stringMatching(/^invalid: timestamp/) },
      { event_id: good.event_id, status: "success" },
      { event_id: null, status: "error", error: expect.stringMatching(/^invalid: event/) },
      {
        event_id: conflicting.event_id,
        status: "error",
        error: "conflict: an event of this id has another event_type",
      },
      { status: "error", error: 'team: the event is of "rivals", the token of "acme"' },
      { status: "success" },
    ]);
  });

  test("that nests deeper than JSON can be written is refused event by event", async () => {
    const { ask } = await makeCollector();
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const body = JSON.stringify({ events: [makeEvent({ deep: "DEEP" }), makeEvent()] }).replace('"DEEP"', deep);
    const results = await resultsOf(await ask("/api/v1/events/batch/", { method: "POST", body }));
    expect(results).toMatchObject([
      { status: "error", error: "invalid: event: is nested too deeply" },
      { status: "success" },
    ]);
  });

  test("of other teams alone is forbidden", async () => {
    const { post } = await makeCollector();
    const response = await post([makeEvent({ team_slug: "rivals" }), makeEvent({ team_slug: "local" })]);
    expect([response.status, await response.json()]).toEqual([
      403,
      { error: 'the token is of team "acme", and no event of this batch is' },
    ]);
  });
});

describe("a batch is refused as a whole", () => {
  const big = (bytes: number) => JSON.stringify({ events: [], padding: " ".repeat(bytes - 26) });
  test.each<[string, number, RequestInit]>([
    ["no JSON", 400, { body: "events" }],
    ["no UTF-8", 400, { body: new Uint8Array([0x22, 0xff, 0x22]) }],
    ["no list", 400, { body: JSON.stringify({ events: {} }) }],
    ["no object", 400, { body: "null" }],
    ["nothing", 400, {}],
    ["no gzip", 400, { body: "events", headers: { "content-encoding": "gzip" } }],
    [
      "gzip that is cut off",
      400,
      { body: new Uint8Array(gzipSync(big(5000)).subarray(0, 40)), headers: { "content-encoding": "gzip" } },
    ],
    ["another encoding", 415, { body: "events", headers: { "content-encoding": "br" } }],
    ["1001 events", 413, { body: JSON.stringify({ events: Array(1001).fill(null) }) }],
    ["more than 1 MiB", 413, { body: big(MIB + 1) }],
    ["more than 1 MiB unpacked", 413, gzipped({ events: [], padding: " ".repeat(MIB) })],
    [
      "a gzip bomb",
      413,
      { body: new Uint8Array(gzipSync(Buffer.alloc(200 * MIB))), headers: { "content-encoding": "gzip" } },
    ],
    ["a length that is too long, unread", 413, { body: "{}", headers: { "content-length": String(MIB + 1) } }],
  ])("%s", async (_, status, init) => {
    const { ask, post } = await makeCollector();
    const response = await ask("/api/v1/events/batch/", { method: "POST", ...init });
    expect([response.status, await response.json()]).toEqual([status, { error: expect.any(String) }]);
    expect((await post([makeEvent()])).status).toBe(200);
  });

  test("1000 events and 1 MiB are not too much", async () => {
    const { ask, post } = await makeCollector();
    expect((await ask("/api/v1/events/batch/", { method: "POST", body: big(MIB) })).status).toBe(200);
    const results = await resultsOf(await post(Array(1000).fill(null)));
    expect(results).toHaveLength(1000);
  });
});

describe("many requests at once", () => {
  test("share a transaction, and each gets its own answer", async () => {
    const groups: number[] = [];
    const wrap = (store: Store): Store => ({
      ...store,
      record: (submissions) => {
        groups.push(submissions.length);
        return store.record(submissions);
      },
    });
    const { post } = await makeCollector({ wrap });
    const events = Array.from({ length: 100 }, () => makeEvent());
    const answers = await Promise.all(events.map(async (event) => resultsOf(await post([event]))));
    expect(answers).toEqual(events.map(({ event_id }) => [{ event_id, status: "success" }]));
    expect(groups.length).toBeLessThan(50);
    expect(Math.max(...groups)).toBeLessThanOrEqual(64);
  });

  test.each<[string, number, (submissions: readonly Submission[]) => never]>([
    [
      "a full disk",
      503,
      () => {
        throw new DatabaseError("database or disk is full", { code: 13, cause: undefined });
      },
    ],
    [
      "a locked database",
      503,
      () => {
        throw new DatabaseError("database is locked", { code: 5, cause: undefined });
      },
    ],
    [
      "a bug",
      500,
      () => {
        throw new TypeError("of x");
      },
    ],
  ])("%s is no success for any of them, and is told", async (_, status, record) => {
    const wrap = (store: Store): Store => ({ ...store, record: async (submissions) => record(submissions) });
    const { post, logged, token } = await makeCollector({ wrap });
    const responses = await Promise.all([post([makeEvent()]), post([makeEvent()])]);
    expect(responses.map((response) => response.status)).toEqual([status, status]);
    expect(responses[0]?.headers.get("retry-after")).toBe(status === 503 ? "5" : null);
    expect(logged).toHaveLength(2);
    expect(logged.join()).not.toContain(token);
  });

  test("a store that forgets a submission is a bug, not a success", async () => {
    const { post } = await makeCollector({ wrap: (store) => ({ ...store, record: async () => [] }) });
    expect((await post([makeEvent()])).status).toBe(500);
    const forgetful = await makeCollector({
      wrap: (store) => ({ ...store, record: async () => [{ outcomes: [], clock: 0 }] }),
    });
    expect((await forgetful.post([makeEvent()])).status).toBe(500);
  });
});
