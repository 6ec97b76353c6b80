import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { drainTo, TOKEN, transportTo } from "../helpers/drain-world.ts";
import { answer, createStore, type Script, startFaultServer } from "../helpers/fault-server.ts";
import { createMemorySource, manyEvents } from "../helpers/memory-source.ts";
import { startRawServer } from "../helpers/raw-server.ts";

const SEEDS = process.env["SPEC_KITTY_TEST_STORM"] === "1" ? 1000 : 30;

/** mulberry32: the same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`a server that commits and then loses its answer has each event once, and all are settled (${SEEDS} seeds)`, {
  timeout: 300_000,
}, async () => {
  const server = await startFaultServer(() => undefined);
  let lost = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = createRandom(seed);
    const store = createStore();
    const faults: Script[] = [
      ({ ids }, response) => answer(response, 200, store.take(ids)),
      ({ ids }, response) => answer(response, 200, store.take(ids)),
      ({ socket }) => socket.destroy(),
      ({ ids, socket }) => {
        store.take(ids);
        lost += 1;
        socket.destroy();
      },
      ({ ids, socket }, response) => {
        const text = JSON.stringify(store.take(ids));
        lost += 1;
        response.writeHead(200, { "content-length": text.length });
        response.write(text.slice(0, Math.floor(random() * text.length)), () => socket.destroy());
      },
      ({ ids }, response) => {
        store.take(ids);
        lost += 1;
        answer(response, 504, "<html>gateway timeout</html>");
      },
    ];
    server.follow((request, response, count) =>
      faults[Math.floor(random() * faults.length)]?.(request, response, count),
    );
    const count = 1 + Math.floor(random() * 30);
    const source = createMemorySource(manyEvents(count));
    const limits = { bytes: 1e6, events: 1 + Math.floor(random() * 10) };
    for (let run = 0; run < 100 && source.pendingIds().length > 0; run++) await drainTo(server.url, source, { limits });
    expect(source.pendingIds(), `seed ${seed}`).toEqual([]);
    expect([...store.ids.keys()].sort(), `seed ${seed}`).toEqual(
      [...manyEvents(count)].map(({ event_id }) => event_id),
    );
    expect(source.settlements.every(({ verdict }) => verdict === "delivered")).toBe(true);
  }
  expect(lost).toBeGreaterThan(SEEDS / 4);
});

test("a request that a proxy delivers twice leaves each event once, and settled", async () => {
  const store = createStore();
  const origin = await startFaultServer(({ ids }, response) => answer(response, 200, store.take(ids)));
  const doubling = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = { authorization: `Bearer ${TOKEN}`, "content-encoding": "gzip" };
    const post = () => fetch(origin.url, { method: "POST", headers, body: Buffer.concat(chunks) });
    await post();
    response.end(await (await post()).text());
  });
  await new Promise<void>((resolve) => doubling.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => doubling.close(() => resolve())));
  const address = doubling.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const source = createMemorySource(manyEvents(20));
  expect(await drainTo(url, source)).toMatchObject({ delivered: 0, duplicate: 20, stopped: { why: "drained" } });
  expect([...store.ids.values()]).toEqual(Array(20).fill(2));
  expect(source.pendingIds()).toEqual([]);
});

test("a black hole ends at the deadline of each attempt, and everything stays pending", async () => {
  const url = await startRawServer(() => undefined);
  const source = createMemorySource(manyEvents(3));
  const drained = await drainTo(url, source, { transport: transportTo(url, { deadline: 100 }) });
  expect(drained).toMatchObject({
    posts: 3,
    stopped: { why: "failing", message: expect.stringContaining("no complete answer") },
  });
  expect(source.settlements).toEqual([]);
});

test("an interrupted drain ends at once, in a request and in a wait, and keeps what it knows", async () => {
  const stop = new AbortController();
  const store = createStore();
  const server = await startFaultServer(({ ids }, response, count) => {
    if (count === 1) answer(response, 200, store.take(ids));
    else stop.abort();
  });
  const source = createMemorySource(manyEvents(10));
  const limits = { bytes: 1e6, events: 5 };
  const drained = await drainTo(server.url, source, { limits, signal: stop.signal });
  expect(drained).toMatchObject({ delivered: 5, posts: 1, stopped: { why: "aborted" } });
  expect(source.hints).toMatchObject({ failures: 0 });
  expect(await drainTo(server.url, source, { signal: stop.signal })).toMatchObject({
    posts: 0,
    stopped: { why: "aborted" },
  });
});

test("neither settlements nor hints hold the token", async () => {
  const server = await startFaultServer((request, response, count) => {
    if (count === 1) answer(response, 400, { error: `bad token ${request.headers.authorization}` });
    else answer(response, 403, { error: `bad token ${request.headers.authorization}` });
  });
  const source = createMemorySource(manyEvents(2));
  const drained = await drainTo(server.url, source);
  expect(JSON.stringify([drained, source.settlements, source.hints])).not.toContain(TOKEN);
});
