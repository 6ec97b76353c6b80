import { Hono } from "hono";
import { acceptBatch } from "./accept-batch.ts";
import { createBell } from "./bell.ts";
import { createIngest } from "./create-ingest.ts";
import { authenticate, createSession, endSession } from "./credentials.ts";
import { type Guard, guard } from "./guard.ts";
import { type Asset, serveAsset } from "./load-assets.ts";
import { Refusal } from "./refusal.ts";
import { renderBoard } from "./render-board.ts";
import { sendEvents } from "./send-events.ts";
import type { CredentialKind, Store, Team } from "./store.ts";
import { streamLive } from "./stream-live.ts";

/** A request in, its answer out. */
export type Collector = (request: Request) => Promise<Response>;

/** What a collector is made of. */
export interface CollectorOptions extends Guard {
  readonly store: Store;
  /** Files of the board page by path. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** Ms since the epoch. */
  readonly now: () => number;
  /** Ends live streams. */
  readonly signal: AbortSignal;
}

/** Creates the collector: events come in by batches, and go out as a board, live, or by their numbers. */
export function createCollector({ store, assets, now, signal, ...around }: CollectorOptions): Collector {
  const bell = createBell();
  const ingest = createIngest(store, bell);
  const teamOf = (request: Request, kinds: readonly CredentialKind[] = ["token", "session"]): Promise<Team> =>
    authenticate(store, { request, kinds, now: now() });
  /** A browser may ask whether it is signed in; that it is not is no error. */
  const findTeam = (request: Request): Promise<string | null> =>
    teamOf(request).then(
      ({ slug }) => slug,
      (error: unknown) => {
        if (error instanceof Refusal) return null;
        throw error;
      },
    );
  const app = new Hono({ strict: false });

  app.post("/api/v1/events/batch", async ({ req: { raw } }) =>
    acceptBatch(raw, { team: await teamOf(raw, ["token"]), ingest, receivedAt: now() }),
  );
  app.get("/api/v1/events", async ({ req: { raw } }) => sendEvents(raw, { store, team: await teamOf(raw) }));
  app.get("/api/v1/board", async ({ req: { raw } }) => Response.json(await renderBoard(store, await teamOf(raw), 0)));
  app.get("/api/v1/clock", async ({ req: { raw } }) => {
    const { seq, clock } = await store.readHead(await teamOf(raw));
    return Response.json({ lamport_clock: clock, seq });
  });
  app.get("/live", async ({ req: { raw } }) => {
    const team = await teamOf(raw);
    // A browser that connects again says what it got last.
    const after = raw.headers.get("last-event-id") ?? new URL(raw.url).searchParams.get("after");
    return streamLive({ store, bell, team, after: Number(after) || 0, signal });
  });
  app.get("/session", async ({ req: { raw } }) => Response.json({ team: await findTeam(raw) }));
  app.post("/session", async ({ req: { raw } }) => answerCookie(await createSession(store, raw, now())));
  app.delete("/session", async ({ req: { raw } }) => answerCookie(await endSession(store, raw)));
  app.get("/healthz", () => Response.json({ status: "ok" }));
  for (const [path, asset] of assets) app.get(path, ({ req: { raw } }) => serveAsset(raw, asset));
  app.notFound(() => {
    throw new Refusal(404, "there is nothing here");
  });
  app.onError((error) => {
    throw error;
  });
  return guard(async (request) => app.fetch(request), around);
}

function answerCookie(cookie: string): Response {
  return new Response(null, { status: 204, headers: { "set-cookie": cookie } });
}
