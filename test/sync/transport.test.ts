import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createNodeFetch } from "../../src/sync/node-fetch.ts";
import { sleep } from "../../src/sync/sleep.ts";
import { createTransport, type Fetch } from "../../src/sync/transport.ts";
import { TOKEN } from "../helpers/drain-world.ts";
import { answer, startFaultServer } from "../helpers/fault-server.ts";
import { drip, startRawServer, unusedUrl } from "../helpers/raw-server.ts";

const NEVER = new AbortController().signal;
const BATCH = '{"events":[]}';

describe.each<{ name: string; fetch: Fetch }>([
  { name: "node-fetch", fetch: createNodeFetch() },
  { name: "the built-in fetch", fetch },
])("a transport on $name", ({ fetch }) => {
  const transportTo = (server: string, deadline?: number) =>
    createTransport({ fetch, server, token: () => TOKEN, userAgent: "spec-kitty/test", ...(deadline && { deadline }) });

  test("posts the batch as the contract says, each time under an id of its own", async () => {
    const server = await startFaultServer((_, response) => answer(response, 200, { results: [] }));
    const transport = transportTo(`${server.url}/kitty/`);
    const first = await transport.send(BATCH, NEVER);
    const second = await transport.send(BATCH, NEVER);
    expect(first).toMatchObject({ kind: "answer", status: 200, text: '{"results":[]}', retryAfter: undefined });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", url: "/kitty/api/v1/events/batch/", text: BATCH });
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
      "content-encoding": "gzip",
      "content-length": String(gzipSync(BATCH).length),
      "user-agent": "spec-kitty/test",
      "x-request-id": first.requestId,
    });
    expect(request?.headers["transfer-encoding"]).toBeUndefined();
    expect(second.requestId).not.toBe(first.requestId);
  });

  test("keeps its connection", async () => {
    const server = await startFaultServer((_, response) => answer(response, 200, {}));
    const transport = transportTo(server.url);
    for (let count = 0; count < 3; count++) await transport.send(BATCH, NEVER);
    expect(new Set(server.requests.map(({ socket }) => socket.remotePort)).size).toBe(1);
  });

  test("gives status, Retry-After and text of whatever the server answers", async () => {
    const server = await startFaultServer((_, response) => answer(response, 503, "busy", { "retry-after": "7" }));
    const said = await transportTo(server.url).send(BATCH, NEVER);
    expect(said).toMatchObject({ kind: "answer", status: 503, retryAfter: "7", text: "busy" });
    server.follow((_, response) => void response.writeHead(204).end());
    expect(await transportTo(server.url).send(BATCH, NEVER)).toMatchObject({ kind: "answer", status: 204, text: "" });
  });

  test("follows no redirect, so the token goes nowhere else", async () => {
    const other = await startFaultServer((_, response) => answer(response, 200, {}));
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await startFaultServer((_, response) =>
        answer(response, status, "", { location: `${other.url}/x` }),
      );
      expect(await transportTo(server.url).send(BATCH, NEVER)).toMatchObject({ kind: "redirect" });
    }
    expect(other.requests).toEqual([]);
  });

  test.each([
    { name: "in the headers", text: "HTTP/1.1 200 OK\r\nx-slow: ", forever: "a" },
    { name: "in the body", text: "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{", forever: " " },
    { name: "after nothing at all", text: "", forever: "" },
  ])("ends a slow answer at its deadline: slow $name", async ({ text, forever }) => {
    const url = await startRawServer((socket) => {
      if (text === "") return;
      socket.write(text);
      drip(socket, "", forever);
    });
    const said = await transportTo(url, 150).send(BATCH, NEVER);
    expect(said).toMatchObject({
      kind: "trouble",
      reason: expect.stringContaining("no complete answer within 0.15 s"),
    });
  });

  test("stops to read an answer that does not end, and cuts the connection", async () => {
    let cut: (() => void) | undefined;
    const closed = new Promise<void>((resolve) => {
      cut = resolve;
    });
    const server = await startFaultServer((_, response) => {
      response.on("close", () => cut?.());
      const block = "x".repeat(64 * 1024);
      response.writeHead(200);
      const more = (): void => void (response.destroyed || response.write(block, () => setImmediate(more)));
      more();
    });
    const said = await transportTo(server.url).send(BATCH, NEVER);
    expect(said).toMatchObject({ kind: "trouble", reason: expect.stringContaining("larger than 1 MiB") });
    await closed;
  });

  test("counts the bytes of a compressed answer as they unfold", async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    const server = await startFaultServer((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(bomb);
    });
    const said = await transportTo(server.url).send(BATCH, NEVER);
    expect(said).toMatchObject({ kind: "trouble", reason: expect.stringContaining("larger than 1 MiB") });
  });

  test.each([
    { name: "before an answer", text: "" },
    { name: "in the headers", text: "HTTP/1.1 200 OK\r\ncontent-le" },
    { name: "in the body", text: 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"results":' },
    { name: "in a chunked body", text: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n{"results":\r\n' },
  ])("takes a connection that is cut $name for no answer", async ({ text }) => {
    const url = await startRawServer((socket) => {
      socket.once("data", () => socket.end(text));
    });
    expect(await transportTo(url).send(BATCH, NEVER)).toMatchObject({ kind: "trouble" });
  });

  test("names host and code where nobody answers, never the token", async () => {
    const resetting = await startRawServer((socket) => socket.resetAndDestroy());
    const reset = await transportTo(resetting).send(BATCH, NEVER);
    expect(reset).toMatchObject({ kind: "trouble", reason: expect.stringMatching(/^127\.0\.0\.1:\d+: .*\(\w+\)$/) });
    const nobody = await unusedUrl();
    const refused = await transportTo(nobody).send(BATCH, NEVER);
    expect(refused).toMatchObject({ reason: `${new URL(nobody).host}: nobody listens there (ECONNREFUSED)` });
    expect(JSON.stringify([reset, refused])).not.toContain(TOKEN);
  });

  test("ends at once when it is aborted, before and during a request", async () => {
    const stop = new AbortController();
    const server = await startFaultServer(() => stop.abort());
    const transport = transportTo(server.url);
    expect(await transport.send(BATCH, stop.signal)).toMatchObject({ kind: "trouble" });
    expect(await transport.send(BATCH, stop.signal)).toMatchObject({ kind: "trouble" });
    expect(server.requests).toHaveLength(1);
  });
});

test("a sleep ends early when it is aborted", async () => {
  const stop = new AbortController();
  const asleep = sleep(60_000, stop.signal);
  stop.abort();
  await asleep;
  await sleep(60_000, stop.signal);
  await sleep(1, NEVER);
});
