import { expect, test } from "vitest";
import { previewBatch } from "../../src/sync/preview.ts";
import { drainTo, render } from "../helpers/drain-world.ts";
import { startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { createMemorySource, idOf, manyEvents } from "../helpers/memory-source.ts";

test("a preview is, byte for byte, what the next drain posts first", async () => {
  const server = await startFaultServer(takeAll);
  const source = createMemorySource(manyEvents(500));
  const preview = previewBatch(source, { render });
  await drainTo(server.url, source);
  expect(preview).toBe(server.requests[0]?.text);
  expect(Buffer.byteLength(preview ?? "")).toBeGreaterThan(200_000);
});

test("a preview heeds what the server taught us, and changes nothing", () => {
  const source = createMemorySource(manyEvents(500));
  source.writeHints({ byte_limit: 3000 });
  expect(Buffer.byteLength(previewBatch(source, { render }) ?? "")).toBeLessThanOrEqual(3000);
  expect(source.settlements).toEqual([]);
});

test("a preview passes over what is never sent, and there may be nothing to send", () => {
  const source = createMemorySource(manyEvents(1500));
  const last = previewBatch(source, {
    render: (event) => (event.event_id === idOf(1500) ? { body: { last: true } } : { skipped: "not this one" }),
  });
  expect(last).toBe('{"events":[{"last":true}]}');
  expect(previewBatch(createMemorySource([]), { render })).toBeUndefined();
  expect(previewBatch(source, { render: () => ({ skipped: "none" }) })).toBeUndefined();
});
