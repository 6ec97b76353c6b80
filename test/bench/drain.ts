// Times the drain of 10,000 events in memory to a server of another process, and prints the milliseconds of each run as JSON.
import { fork } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { drain } from "../../src/sync/drain.ts";
import { createNodeFetch } from "../../src/sync/node-fetch.ts";
import { sleep } from "../../src/sync/sleep.ts";
import { createTransport } from "../../src/sync/transport.ts";
import { render } from "../helpers/drain-world.ts";
import { createMemorySource, manyEvents } from "../helpers/memory-source.ts";

const EVENTS = 10_000;

if (process.send) serve();
else await measure(Number(process.argv[2] ?? "1"));

async function measure(rounds: number): Promise<void> {
  const server = fork(fileURLToPath(import.meta.url), { execArgv: process.execArgv });
  const port = await new Promise<unknown>((resolve) => server.once("message", resolve));
  const transport = createTransport({
    fetch: createNodeFetch(),
    server: `http://127.0.0.1:${port}`,
    token: () => "bench",
    userAgent: "spec-kitty/bench",
  });
  const world = {
    mode: "foreground",
    now: Date.now,
    sleep,
    random: Math.random,
    signal: new AbortController().signal,
  } as const;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const source = createMemorySource([...manyEvents(EVENTS)]);
    const start = performance.now();
    const { delivered } = await drain(source, { ...world, transport, render });
    if (delivered !== EVENTS) throw new Error(`${delivered} of ${EVENTS} events were delivered`);
    times.push(performance.now() - start);
  }
  server.kill();
  process.stdout.write(`${JSON.stringify(times)}\n`);
}

/** Says `success` of everything; ends with its parent. */
function serve(): void {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { events }: { events: { event_id: string }[] } = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString());
    const results = events.map(({ event_id }) => ({ event_id, status: "success" }));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ results }));
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send?.(typeof address === "object" ? address?.port : undefined);
  });
  process.once("disconnect", () => process.exit());
}
