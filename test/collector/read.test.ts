import { describe, expect, test } from "vitest";
import { makeCollector, makeEvent, NOW } from "./harness.ts";

describe("events by number", () => {
  test("come as they were sent, page by page", async () => {
    const { ask, post } = await makeCollector();
    const events = Array.from({ length: 3 }, () => makeEvent({ extra: { of: "theirs" } }));
    await post(events);
    const received_at = new Date(NOW).toISOString();
    const [one, two, three] = events.map((event, index) => ({ seq: index + 1, received_at, event }));
    expect(await (await ask("/api/v1/events?limit=2")).json()).toEqual({ events: [one, two], next: 2 });
    expect(await (await ask("/api/v1/events?after=2")).json()).toEqual({ events: [three], next: 3 });
    expect(await (await ask("/api/v1/events?after=3")).json()).toEqual({ events: [], next: 3 });
    expect((await ask("/api/v1/events?after=junk")).status).toBe(400);
  });

  test("come as JSON lines where they are asked for", async () => {
    const { ask, post } = await makeCollector();
    await post([makeEvent(), makeEvent()]);
    const response = await ask("/api/v1/events", { headers: { accept: "application/x-ndjson" } });
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    expect(
      (await response.text())
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).seq),
    ).toEqual([1, 2]);
  });
});

test("the board shows features, cards and the latest events", async () => {
  const { ask, post } = await makeCollector();
  const created = { feature_slug: "012-login", feature_number: "012", target_branch: "main", wp_count: 1 };
  await post([makeEvent({ event_type: "FeatureCreated", payload: created, aggregate_id: "012-login" }), makeEvent()]);
  expect(await (await ask("/api/v1/board")).json()).toMatchObject({
    team: "acme",
    seq: 2,
    features: [{ feature_slug: "012-login", feature_number: "012" }],
    cards: [{ wp_id: "WP01", lane: "in_review", moved_by: "claude" }],
    news: [{ seq: 2, text: "blocked → in_review" }, { seq: 1 }],
  });
});

test("the clock is the highest that was received", async () => {
  const { ask, post } = await makeCollector();
  await post([makeEvent({ lamport_clock: 9 }), makeEvent({ lamport_clock: 4 })]);
  expect(await (await ask("/api/v1/clock")).json()).toEqual({ lamport_clock: 9, seq: 2 });
});
