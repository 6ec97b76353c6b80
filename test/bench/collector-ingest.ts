// A collector and, in a thread of its own, its client: over a real socket, onto a real disk. Prints one JSON line.
// `node <bundle of this file> [events]`; it needs to be bundled by esbuild, with libsql left outside.
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { serveCollector } from "../../src/collector/serve-collector.ts";

const BATCH = 1000;
const SENDERS = 2;
const PROJECT = "7d444840-9dc0-5fd1-b245-5ffdce74fad2";
const LIFE = [
  { event_type: "WPCreated", payload: { title: "A part that does one thing well", dependencies: ["WP01"] } },
  { event_type: "WPAssigned", payload: { agent_id: "claude", phase: "implementation", retry_count: 0 } },
  move("planned", "doing"),
  note("Started implementation via workflow command"),
  note("All subtasks are done and the tests are green; the migration takes 40 ms on the largest table"),
  move("doing", "for_review"),
  { event_type: "WPAssigned", payload: { agent_id: "codex", phase: "review", retry_count: 0 } },
  note("Two remarks: the error is swallowed in the second branch, and the name says less than it could"),
  move("for_review", "doing"),
  note("Both are mended"),
  move("doing", "for_review"),
  move("for_review", "done"),
] as const;
if (isMainThread) await serve(Number(process.argv[2] ?? 40_000));
else parentPort?.postMessage(await send(workerData));

interface Work {
  readonly url: string;
  readonly token: string;
  readonly events: number;
}

async function serve(events: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "spec-kitty-bench-"));
  const options = { host: "127.0.0.1", port: 0, data: folder, page: folder, team: "bench", allowHosts: [] };
  const { url, token = "", stop } = await serveCollector({ ...options, now: Date.now, log: console.error });
  try {
    const work: Work = { url, token, events };
    const client = new Worker(new URL(import.meta.url), { workerData: work });
    const rates = await new Promise<object>((resolve, reject) => client.on("message", resolve).on("error", reject));
    const rssMb = Math.round(process.memoryUsage().rss / 1e6);
    const bytesPerEvent = Math.round(statSync(join(folder, "collector.db")).size / (events + BATCH));
    console.log(JSON.stringify({ node: process.version, events, ...rates, bytesPerEvent, rssMb }));
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends all, then all again; gives events a second for what is new and for what is not. */
async function send({ url, token, events }: Work): Promise<object> {
  const [first, ...batches] = Array.from({ length: events / BATCH + 1 }, (_, index) => renderBatch(index));
  const post = async (body: Uint8Array<ArrayBuffer> | undefined, expected: string): Promise<void> => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-encoding": "gzip",
    };
    const response = await fetch(`${url}/api/v1/events/batch/`, { method: "POST", headers, body: body ?? null });
    const answered = (await response.text()).split(`"status":"${expected}"`).length - 1;
    if (answered !== BATCH) throw new Error(`${answered} of ${BATCH} are ${expected}`);
  };
  const measure = async (expected: string): Promise<number> => {
    const queue = batches.values();
    const start = performance.now();
    const sender = async (): Promise<void> => {
      for (const body of queue) await post(body, expected);
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    return Math.round((events * 1000) / (performance.now() - start));
  };
  await post(first, "success"); // warms up
  return { eventsPerSecond: await measure("success"), duplicatesPerSecond: await measure("duplicate") };
}

function move(from: string, to: string) {
  const lanes = { previous_status: from, new_status: to, from_lane: from, to_lane: to };
  return { event_type: "WPStatusChanged", payload: { ...lanes, changed_by: "claude" } } as const;
}

function note(entry_content: string) {
  return { event_type: "HistoryAdded", payload: { entry_type: "note", entry_content, author: "claude" } } as const;
}

/** The life of one work package after another, 40 of them at a time, as a backfill tells it: 12 events each. */
function renderBatch(batch: number): Uint8Array<ArrayBuffer> {
  const events = Array.from({ length: BATCH }, (_, offset) => {
    const number = batch * BATCH + offset;
    const workPackage = Math.floor(number / 480) * 40 + (number % 40);
    const wp_id = `WP${String(workPackage % 20).padStart(2, "0")}`;
    const feature_slug = `${String(Math.floor(workPackage / 20)).padStart(3, "0")}-part-of-the-product`;
    const { event_type, payload } = LIFE[Math.floor((number % 480) / 40)] ?? LIFE[0];
    const commit = createHash("sha1").update(String(number)).digest("hex");
    return {
      event_id: `01J${[...randomBytes(23)].map((byte) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[byte & 31]).join("")}`,
      event_type,
      aggregate_id: wp_id,
      aggregate_type: "WorkPackage",
      payload: { feature_slug, wp_id, ...payload },
      node_id: "0123456789ab",
      lamport_clock: number,
      causation_id: null,
      timestamp: new Date(1_767_225_600_000 + number * 1000).toISOString(),
      project_uuid: null,
      project_slug: "shop",
      git_branch: "main",
      head_commit_sha: commit,
      repo_slug: "acme/shop",
      source: { project: PROJECT, commit, layout: "event_log", kind: "commit" },
      team_slug: "bench",
    };
  });
  return new Uint8Array(gzipSync(JSON.stringify({ events })));
}
