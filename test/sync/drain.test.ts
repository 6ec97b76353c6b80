import { expect, test } from "vitest";
import { drainTo } from "../helpers/drain-world.ts";
import { startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { createMemorySource, manyEvents } from "../helpers/memory-source.ts";

test("all pending events go out, oldest first, and are settled", async () => {
  const server = await startFaultServer(takeAll);
  const source = createMemorySource(manyEvents(2500));
  const drained = await drainTo(server.url, source);
  expect(drained).toMatchObject({ delivered: 2500, duplicate: 0, dead: 0, stopped: { why: "drained" } });
  expect(source.pendingIds()).toEqual([]);
  const sent = server.requests.flatMap(({ ids }) => ids);
  expect(sent).toEqual([...manyEvents(2500)].map(({ event_id }) => event_id));
  expect(server.requests.every(({ text }) => Buffer.byteLength(text) <= 0.9 * 262_144)).toBe(true);
});
