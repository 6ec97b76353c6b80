import { setTimeout as sleep } from "node:timers/promises";
import type { Bell } from "./bell.ts";
import { renderBoard } from "./render-board.ts";
import type { Store, Team } from "./store.ts";

/** A page that hears nothing for three of them takes the connection for dead. */
const BEAT = 15_000;
/** Changes in between are sent together. */
const PAUSE = 100;
const encoder = new TextEncoder();

/** What a live stream reads from. */
export interface LiveSource {
  readonly store: Store;
  readonly bell: Bell;
  readonly team: Team;
  readonly after: number;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Ms between two signs of life. */
  readonly beat?: number;
}

/**
 * Answers with server-sent events: `board`, what changed on it, with the number it goes up to as its id; `beat`.
 *
 * Nothing is queued for a client: each message is made from the store when the client has taken the one before, so a
 * slow one gets fewer and larger ones, and one that takes nothing costs nothing until the server drops its connection.
 */
export function streamLive(source: LiveSource): Response {
  const gone = new AbortController();
  const signal = AbortSignal.any([source.signal, gone.signal]);
  const messages = tell({ ...source, signal });
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await messages.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel: () => gone.abort(),
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
  });
}

async function* tell({ store, bell, team, after, signal, beat = BEAT }: LiveSource): AsyncGenerator<string, void> {
  yield "retry: 1000\n\n";
  let told = after;
  while (!signal.aborted) {
    const ring = new AbortController();
    // Before looking, so that what comes in meanwhile is not missed.
    const rung = bell.wait(team.id, AbortSignal.any([signal, ring.signal]));
    const { seq } = await store.readHead(team);
    if (seq !== told) {
      ring.abort();
      // A number we have not reached is of another database: the page starts anew.
      const board = await renderBoard(store, team, seq < told ? 0 : told);
      yield message(seq < told ? "reset" : "board", board.seq, board);
      told = board.seq;
      await rest(PAUSE, signal);
      continue;
    }
    const quiet = new AbortController();
    const first = await Promise.race([rung.then(() => "rung"), rest(beat, quiet.signal).then(() => "quiet")]);
    quiet.abort();
    ring.abort();
    if (first === "quiet") yield message("beat", told, {});
  }
}

function message(event: string, seq: number, value: object): string {
  return `event: ${event}\nid: ${seq}\ndata: ${JSON.stringify(value)}\n\n`;
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}
