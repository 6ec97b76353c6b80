import type { BatchSize } from "./batch-size.ts";
import type { Batches, Entry } from "./batches.ts";
import { renderHints } from "./hints.ts";
import type { Ledger, Outcome } from "./ledger.ts";
import { type Pace, parseRetryAfter, type Stop } from "./pace.ts";
import { readCulprits, readResults } from "./read-answer.ts";
import type { Source } from "./source.ts";
import { type Judgement, judgeResult, type Move } from "./verdict.ts";

/** What the moves of one drain work on. */
export interface Running {
  readonly source: Source;
  readonly batches: Batches;
  readonly size: BatchSize;
  readonly pace: Pace;
  readonly ledger: Ledger;
  readonly now: () => number;
  /** Gets a new token; false if there is none to be had. */
  readonly refresh: () => Promise<boolean>;
}

/** Follows up one answer on these events; gives why the drain ends, if it does. */
export type FollowUp = (entries: readonly Entry[], said: Judgement) => Promise<Stop | undefined>;

/** Creates the moves of one drain: each settles what the answer settles, and puts back what is unsent. */
export function createMoves(running: Running): Readonly<Record<Move, FollowUp>> {
  const { source, batches, size, pace, ledger, now, refresh } = running;
  /** Events the server failed on when they came alone; whose fault it is shows when it takes another one. */
  let passedOver: { outcome: Outcome; said: Judgement }[] = [];
  let refreshed = false;

  return {
    async settle(entries, said) {
      const told = readResults(said.text);
      const left: Entry[] = [];
      const outcomes: Outcome[] = [];
      for (const entry of entries) {
        const result = told?.results.get(entry.id);
        const fate = result && judgeResult(result, entry.pending, now());
        if (fate === undefined) left.push(entry);
        else outcomes.push({ id: entry.id, fate, reason: result?.reason ?? "" });
      }
      batches.putBack(left);
      if (outcomes.length > 0) {
        ledger.settle(outcomes, said);
        for (const before of passedOver) ledger.settle([before.outcome], before.said);
        passedOver = [];
        pace.succeeded(size.taken(outcomes.length));
      }
      if (told?.clock !== undefined) await source.receiveClock(told.clock);
      return left.length > 0 ? pace.failed(`the answer has no result for ${left.length} of the events`) : undefined;
    },

    async bisect(entries, said) {
      const culprits = readCulprits(said.text);
      const named = entries.filter(({ id }) => culprits?.has(id));
      const guilty = entries.length === 1 ? entries : named;
      if (guilty.length > 0) bury(guilty, said, (id) => culprits?.get(id)?.reason || said.reason);
      else size.suspect(entries.length);
      batches.putBack(entries.filter((entry) => !guilty.includes(entry)));
      return undefined;
    },

    async shrink(entries, said) {
      if (entries.length === 1) {
        bury(entries, said, () => `oversized: ${said.reason}`);
        source.writeHints(renderHints(size.notTooLarge()));
      } else {
        batches.putBack(entries);
        source.writeHints(renderHints(size.tooLarge(entries)));
      }
      return undefined;
    },

    async refresh(entries, said) {
      if (refreshed || !(await refresh())) return pace.pause(said.reason);
      refreshed = true;
      batches.putBack(entries);
      return undefined;
    },

    async pause(_, said) {
      return pace.pause(said.reason);
    },

    async thin(entries, said) {
      if (entries.length > 1) batches.putBack(entries);
      else passedOver.push(...entries.map((entry) => ({ outcome: refuseOnce(entry, said), said })));
      return pace.failed(said.reason, {
        retryAfter: parseRetryAfter(said.retryAfter, now()),
        learnt: size.tooMany(entries.length),
      });
    },

    async retry(entries, said) {
      batches.putBack(entries);
      if (said.code === 429) pace.slowDown();
      return pace.failed(said.reason, { retryAfter: parseRetryAfter(said.retryAfter, now()) });
    },
  };

  /** Those whom the server refuses for good; the others go on. */
  function bury(entries: readonly Entry[], said: Judgement, reasonOf: (id: string) => string): void {
    ledger.settle(
      entries.map(({ id }) => ({ id, fate: "dead", reason: reasonOf(id) })),
      said,
    );
    if (entries.length === 1) size.found();
    pace.succeeded({});
  }

  function refuseOnce({ id, pending }: Entry, { reason }: Judgement): Outcome {
    const fate = judgeResult({ status: "error", reason, permanent: false }, pending, now()) ?? "failed";
    return { id, fate, reason };
  }
}
