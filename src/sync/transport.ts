import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { describeTrouble } from "./describe-trouble.ts";
import { parseServerUrl } from "./server-url.ts";

/** What came of one POST: the server's answer, or why there is none. */
export type Answer = { readonly requestId: string } & (
  | { readonly kind: "answer"; readonly status: number; readonly retryAfter: string | undefined; readonly text: string }
  | { readonly kind: "redirect" | "trouble"; readonly reason: string }
);

/** Posts batches to one server; never throws for what a network or a server does. */
export interface Transport {
  /** `text` is the JSON of a batch; an abort of the signal ends the request at once. */
  send(text: string, signal: AbortSignal): Promise<Answer>;
}

/** The part of the fetch standard that a transport needs; node-fetch and the built-in one both have it. */
export type Fetch = (
  url: string,
  init: {
    readonly method: "POST";
    readonly headers: Record<string, string>;
    readonly body: Buffer<ArrayBuffer>;
    readonly redirect: "error";
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array | string> | null;
}>;

interface TransportOptions {
  readonly fetch: Fetch;
  readonly server: string;
  /** Asked for each request, since a refresh may have changed it. */
  readonly token: () => string;
  readonly userAgent: string;
  /** Milliseconds for headers and body together. */
  readonly deadline?: number;
}

const LARGEST_ANSWER = 1024 * 1024;
const DEADLINE = 60_000;
const compress = promisify(gzip);

/** Creates the transport of one server. */
export function createTransport(options: TransportOptions): Transport {
  const { fetch, token, userAgent, deadline = DEADLINE } = options;
  const url = `${parseServerUrl(options.server)}/api/v1/events/batch/`;
  return {
    async send(text, signal) {
      const requestId = randomUUID();
      const stop = new AbortController();
      const abort = (): void => stop.abort();
      // AbortSignal.timeout would neither keep the process alive nor, inside AbortSignal.any, be safe from collection.
      const timer = setTimeout(() => stop.abort("deadline"), deadline);
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
      try {
        const secret = token();
        const body = await compress(text);
        stop.signal.throwIfAborted(); // node-fetch ends the process when it starts with an aborted signal and a body
        const response = await fetch(url, {
          method: "POST",
          headers: {
            authorization: `Bearer ${secret}`,
            "content-type": "application/json",
            "content-encoding": "gzip",
            accept: "application/json",
            "user-agent": userAgent,
            "x-request-id": requestId,
          },
          body,
          redirect: "error",
          signal: stop.signal,
        });
        const retryAfter = response.headers.get("retry-after") ?? undefined;
        const told = await readText(response.body);
        // A server may quote what it refuses, and its words are kept and shown.
        const safe = secret === "" ? told : told.replaceAll(secret, "[token]");
        return { requestId, kind: "answer", status: response.status, retryAfter, text: safe };
      } catch (error) {
        const { host } = new URL(url);
        const late = `${host}: no complete answer within ${deadline / 1000} s`;
        if (stop.signal.reason === "deadline") return { requestId, kind: "trouble", reason: late };
        return { requestId, ...describeTrouble(error, host) };
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      }
    },
  };
}

async function readText(body: AsyncIterable<Uint8Array | string> | null): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    const bytes =
      typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    size += bytes.length;
    if (size > LARGEST_ANSWER) throw Object.assign(new Error("too large"), { code: "ANSWER_TOO_LARGE" });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
