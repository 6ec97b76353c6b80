// Client and collector in one process, over a real socket and onto a real disk, beside its physical limit: the same bodies
// unpacked, parsed and stored by the same driver, one durable transaction each. Prints one JSON line.
// node collector-ingest.mjs [events], bundled by esbuild; in the sources: npx esbuild --bundle --platform=node --format=esm
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { inTransaction } from "../../src/collector/database.ts";
import { openDatabase } from "../../src/collector/open-database.ts";
import { serveCollector } from "../../src/collector/serve-collector.ts";
import { makeEvent } from "./make-event.ts";

const BATCH = 1000;
const SENDERS = 2;
const total = Number(process.argv[2] ?? 40_000);
const folder = mkdtempSync(join(tmpdir(), "spec-kitty-bench-"));

try {
  const { url, token, stop } = await serveCollector({
    host: "127.0.0.1",
    port: 0,
    data: folder,
    page: folder,
    team: "bench",
    allowHosts: [],
    now: Date.now,
    log: console.error,
  });
  const batches = Array.from({ length: Math.ceil(total / BATCH) + 1 }, (_, index) => renderBatch(index));
  const [first, ...rest] = batches;
  const send = async (body: Uint8Array<ArrayBuffer>, expected: string): Promise<void> => {
    const response = await fetch(`${url}/api/v1/events/batch/`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "content-encoding": "gzip" },
      body,
    });
    const stored = (await response.text()).match(new RegExp(`"status":"${expected}"`, "g")) ?? [];
    if (stored.length !== BATCH) throw new Error(`${stored.length} of ${BATCH} are ${expected}`);
  };
  const run = async (expected: string) => {
    const queue = [...rest];
    const sender = async (): Promise<void> => {
      for (let body = queue.pop(); body; body = queue.pop()) await send(body, expected);
    };
    return await measure(() => Promise.all(Array.from({ length: SENDERS }, sender)));
  };
  if (first) await send(first, "success"); // warms up
  const limit = await storeOnly(batches);
  const news = await run("success");
  const duplicates = await run("duplicate");
  const bytesPerEvent = Math.round(statSync(join(folder, "collector.db")).size / (batches.length * BATCH));
  await stop();
  const result = { node: process.version, events: total, limit, news, duplicates, bytesPerEvent };
  process.stdout.write(`${JSON.stringify({ ...result, rssMb: Math.round(process.memoryUsage().rss / 1e6) })}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Stores batches as the least that any collector must do; the first one warms up. */
async function storeOnly([first, ...rest]: Uint8Array<ArrayBuffer>[]) {
  const database = await openDatabase(join(folder, "limit"));
  database.exec("CREATE TABLE events (seq INTEGER PRIMARY KEY, event_id TEXT UNIQUE, body TEXT)");
  const insert = database.prepare("INSERT INTO events (event_id, body) VALUES (?, ?)");
  const store = (body: Uint8Array<ArrayBuffer>): void => {
    const { events }: { events: { event_id: string }[] } = JSON.parse(gunzipSync(body).toString());
    inTransaction(database, () => {
      for (const event of events) insert.run(event.event_id, JSON.stringify(event));
    });
  };
  if (first) store(first);
  const measured = await measure(() => rest.forEach(store));
  database.close();
  return measured;
}

async function measure(action: () => unknown) {
  const start = performance.now();
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  const thousands = Math.ceil(total / BATCH) * (BATCH / 1000);
  return {
    eventsPerSecond: Math.round((thousands * 1_000_000) / (performance.now() - start)),
    cpuMsPerThousand: Math.round((user + system) / 100 / thousands) / 10,
  };
}

function renderBatch(batch: number): Uint8Array<ArrayBuffer> {
  const events = Array.from({ length: BATCH }, (_, index) => makeEvent(batch * BATCH + index));
  return new Uint8Array(
    gzipSync(JSON.stringify({ events: events.map((event) => ({ ...event, team_slug: "bench" })) })),
  );
}
