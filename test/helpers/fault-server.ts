import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

/** One POST as it arrived. */
export interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Event ids, in order. */
  readonly ids: readonly string[];
  readonly socket: Socket;
}

/** Answers one POST as badly as it likes; `count` is 1 for the first. */
export type Script = (request: Received, response: ServerResponse, count: number) => void | Promise<void>;

export interface FaultServer {
  readonly url: string;
  readonly port: number;
  readonly requests: Received[];
  /** Takes another script from now on. */
  follow(script: Script): void;
}

/** Starts a real server on loopback that follows a script, and stops it with the test. */
export async function startFaultServer(script: Script, tls?: { cert: string; key: string }): Promise<FaultServer> {
  const requests: Received[] = [];
  let current = script;
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const received = await receive(request).catch(() => undefined); // the client may have gone
    if (received === undefined) return;
    requests.push(received);
    await current(received, response, requests.length);
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => void listener(request, response);
  const server = tls ? createSecureServer(tls, onRequest) : createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { port } = address;
  const url = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
  return {
    url,
    port,
    requests,
    follow(next) {
      current = next;
    },
  };
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw).toString();
  const { events }: { events: { event_id: string }[] } = JSON.parse(text);
  const { method, url, headers, socket } = request;
  return { method, url, headers, text, ids: events.map(({ event_id }) => event_id), socket };
}

/** Answers with a status and a body: an object as JSON, a text as it is. */
export function answer(response: ServerResponse, status: number, body: object | string, headers: object = {}): void {
  const json = typeof body === "object";
  response.writeHead(status, { "content-type": json ? "application/json" : "text/html", ...headers });
  response.end(json ? JSON.stringify(body) : body);
}

/** The answer of a server that takes every event, or says of each what `statusOf` says. */
export function results(ids: readonly string[], statusOf: (id: string) => object | string = () => "success"): object {
  return {
    results: ids.map((id) => {
      const status = statusOf(id);
      return { event_id: id, ...(typeof status === "string" ? { status } : status) };
    }),
  };
}

/** A script that takes everything. */
export const takeAll: Script = ({ ids }, response) => answer(response, 200, results(ids));

/** A collector in miniature: stores ids, tells duplicates. */
export function createStore(): { readonly ids: Map<string, number>; take(ids: readonly string[]): object } {
  const stored = new Map<string, number>();
  return {
    ids: stored,
    take: (ids) =>
      results(ids, (id) => {
        stored.set(id, (stored.get(id) ?? 0) + 1);
        return stored.get(id) === 1 ? "success" : "duplicate";
      }),
  };
}
