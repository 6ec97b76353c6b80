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
  const end = () => gone.abort();
  source.signal.addEventListener("abort", end, { signal: gone.signal });
  if (source.signal.aborted) end();
  const messages = tell({ ...source, signal: gone.signal });
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await messages.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
  });
}

async function* tell({ store, bell, team, after, signal, beat = BEAT }: LiveSource): AsyncGenerator<string, void> {
  const heard = bell.listen(team.id, signal);
  let told = after;
  yield "retry: 1000\n\n";
  while (!signal.aborted) {
    const { seq } = await store.readHead(team);
    if (seq !== told) {
      // A number we have not reached is of another database: the page starts anew.
      const isReset = seq < told;
      const board = await renderBoard(store, team, isReset ? 0 : told);
      told = board.seq;
      yield message(isReset ? "reset" : "board", told, board);
      await sleep(PAUSE, undefined, { signal }).catch(() => undefined);
    } else if (!(await heard(beat)) && !signal.aborted) {
      yield message("beat", told, {});
    }
  }
}

function message(event: string, seq: number, value: object): string {
  return `event: ${event}\nid: ${seq}\ndata: ${JSON.stringify(value)}\n\n`;
}
