import { expect, test } from "vitest";
import { createBell } from "../../src/collector/bell.ts";
import { streamLive } from "../../src/collector/stream-live.ts";
import { makeCollector, makeEvent } from "./harness.ts";

interface Message {
  readonly event: string;
  readonly id: number;
  readonly data: { readonly cards?: readonly { readonly wp_id: string; readonly lane: string }[] };
}

/** Reads server-sent events one by one. */
function readMessages(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    async next(): Promise<Message> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const fields = new Map(
            text
              .slice(0, end)
              .split("\n")
              .map((line) => [line.replace(/: .*/s, ""), line.replace(/^\w+: /, "")]),
          );
          text = text.slice(end + 2);
          if (!fields.has("event")) continue;
          return {
            event: fields.get("event") ?? "",
            id: Number(fields.get("id")),
            data: JSON.parse(fields.get("data") ?? "{}"),
          };
        }
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) throw new Error("the stream has ended");
        text += value;
      }
    },
    end: async () => reader?.cancel(),
    read: () => reader?.read(),
  };
}

const inLane = (wp_id: string, lane: string, new_status = "doing") =>
  makeEvent({
    aggregate_id: wp_id,
    payload: { feature_slug: "012-login", wp_id, previous_status: "planned", new_status, to_lane: lane },
  });

test("what comes in is told at once, and only what it changed", async () => {
  const { ask, post } = await makeCollector();
  await post([inLane("WP01", "doing"), inLane("WP02", "doing")]);
  const response = await ask("/live?after=2");
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const messages = readMessages(response);
  const told = messages.next();
  await post([inLane("WP02", "blocked")]);
  expect(await told).toMatchObject({
    event: "board",
    id: 3,
    data: { seq: 3, cards: [{ wp_id: "WP02", lane: "blocked" }] },
  });
  await messages.end();
});

test("who connects again gets what was missed since the last id", async () => {
  const { ask, post } = await makeCollector();
  await post([inLane("WP01", "doing"), inLane("WP02", "doing"), inLane("WP03", "doing")]);
  const messages = readMessages(await ask("/live?after=0", { headers: { "last-event-id": "2" } }));
  expect((await messages.next()).data.cards).toMatchObject([{ wp_id: "WP03" }]);
  await messages.end();
});

test("who is further than the collector starts anew", async () => {
  const { ask, post } = await makeCollector();
  await post([inLane("WP01", "doing")]);
  const messages = readMessages(await ask("/live?after=900"));
  expect(await messages.next()).toMatchObject({ event: "reset", id: 1, data: { cards: [{ wp_id: "WP01" }] } });
  await messages.end();
});

test("who reads slowly gets the sum of what was missed, not each piece", async () => {
  const { ask, post } = await makeCollector();
  const messages = readMessages(await ask("/live"));
  for (const lane of ["doing", "blocked", "claimed"]) await post([inLane("WP01", lane)]);
  expect(await messages.next()).toMatchObject({ id: 3, data: { cards: [{ wp_id: "WP01", lane: "claimed" }] } });
  await messages.end();
});

test("other teams' events wake nobody", async () => {
  const { store, team } = await makeCollector();
  const bell = createBell();
  const closing = new AbortController();
  const messages = readMessages(streamLive({ store, bell, team, after: 0, signal: closing.signal, beat: 40 }));
  const first = messages.next();
  bell.ring(team.id + 1);
  expect(await first).toMatchObject({ event: "beat", id: 0 });
  closing.abort();
  await expect(messages.next()).rejects.toThrow("ended");
});

test("a stream that its reader leaves, or that is closed before, waits for nothing", async () => {
  const { store, team } = await makeCollector();
  const bell = createBell();
  const closing = new AbortController();
  const left = readMessages(streamLive({ store, bell, team, after: 0, signal: closing.signal }));
  await left.read();
  await left.end();
  closing.abort();
  const late = readMessages(streamLive({ store, bell, team, after: 0, signal: closing.signal }));
  await expect(late.next()).rejects.toThrow("ended");
});
