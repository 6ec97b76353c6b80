import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { Server } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Failure } from "../errors.ts";
import type { Collector } from "./create-collector.ts";

/** What nobody reads or writes for so long is closed; live streams give a sign of life four times in it. */
const IDLE = 60_000;
/** Longer than a proxy keeps its connections to us, so that it never sends into one that is just being closed. */
const KEEP_ALIVE = 75_000;
/** How long answers under way may take when the server stops. */
const GRACE = 5_000;
const SWEEP = 50;

/** Where and how to listen. */
export interface Listening {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** PEM texts; without them it speaks plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly idle?: number;
}

/** A server that listens. */
export interface Running {
  readonly url: string;
  /** Takes no new request, lets those under way end, and resolves when all connections are closed. */
  stop(): Promise<void>;
}

/** Serves a collector over HTTP or HTTPS; resolves when it listens. */
export async function startServer(collector: Collector, { host, port, tls, idle = IDLE }: Listening): Promise<Running> {
  const listener: RequestListener = getRequestListener(collector, { overrideGlobalObjects: false });
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  server.timeout = idle;
  server.keepAliveTimeout = KEEP_ALIVE;
  await listen(server, { host, port });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `${tls ? "https" : "http"}://${name}:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        // A connection whose last answer ends only now is idle from now on.
        const sweep = setInterval(() => server.closeIdleConnections(), SWEEP);
        const cut = setTimeout(() => server.closeAllConnections(), GRACE);
        server.close(() => {
          clearInterval(sweep);
          clearTimeout(cut);
          resolve();
        });
      }),
  };
}

function createSecureServer(tls: Required<Listening>["tls"], listener: RequestListener): TlsServer {
  try {
    return createTlsServer(tls, listener);
  } catch (cause) {
    throw new Failure("failed", {
      message: `HTTPS cannot be spoken with this certificate and key: ${cause instanceof Error ? cause.message : cause}`,
      nextStep: "Give --tls-cert and --tls-key the PEM files of one pair.",
      cause,
    });
  }
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: Error) => {
      const nextStep = "Name another one: --host <address> --port <number>, where port 0 takes any free one.";
      reject(
        new Failure("failed", { message: `Cannot listen on ${host}, port ${port}: ${cause.message}`, nextStep, cause }),
      );
    });
    server.listen({ host, port }, resolve);
  });
}
