import { createBatchSize } from "./batch-size.ts";
import { LIMITS, type Limits, openBatches, type Render, textOf } from "./batches.ts";
import { parseHints } from "./hints.ts";
import { createLedger, type Totals } from "./ledger.ts";
import { createMoves } from "./moves.ts";
import { createPace, type Stop, type World } from "./pace.ts";
import type { Source } from "./source.ts";
import type { Transport } from "./transport.ts";
import { judgeAnswer } from "./verdict.ts";

/** What a drain is given. */
export interface DrainOptions extends World {
  readonly transport: Transport;
  readonly render: Render;
  /** Those of the contract unless told otherwise. */
  readonly limits?: Limits;
  /** Gets a new token; false if there is none to be had. Asked at most once a drain. */
  readonly refresh?: () => Promise<boolean>;
  /** Told after each answer. */
  readonly onProgress?: (totals: Totals) => void;
}

/** The end of a drain. */
export interface Drained extends Totals {
  readonly stopped: Stop;
}

/**
 * Sends pending events, oldest first, until each was offered once or the server does not want them.
 *
 * An event waits (pending) until the server's own word on it: taken (delivered), refused for good (dead), refused for now
 * (failed: pending still, one attempt more). That word is on disk before the next batch goes out; so whatever breaks in
 * between, an event is sent twice at worst. What each answer means, and the move that follows: `VERDICTS`.
 */
export async function drain(source: Source, options: DrainOptions): Promise<Drained> {
  const { transport, render, limits = LIMITS, refresh = async () => false, onProgress, now, signal } = options;
  const ledger = createLedger(source, now);
  const pace = createPace(source, options);
  const size = createBatchSize(limits, parseHints(source.readHints()));
  const batches = openBatches(source.pending(), render);
  const moves = createMoves({ source, batches, size, pace, ledger, now, refresh });
  try {
    for (;;) {
      const stopped = await step();
      onProgress?.(ledger.totals());
      if (stopped !== undefined) return { ...ledger.totals(), stopped };
    }
  } finally {
    batches.close();
  }

  async function step(): Promise<Stop | undefined> {
    const { entries, unsendable } = batches.next(size.limits());
    ledger.settle(unsendable);
    if (entries.length === 0) return unsendable.length > 0 ? undefined : pace.end();
    const notNow = await pace.turn();
    if (notNow !== undefined) return notNow;
    const answer = await transport.send(textOf(entries), signal);
    if (answer.kind !== "answer" && signal.aborted) return { why: "aborted", message: "Interrupted." };
    ledger.posted();
    const said = judgeAnswer(answer);
    return moves[said.move](entries, said);
  }
}
