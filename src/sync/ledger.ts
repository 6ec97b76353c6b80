import type { Settlement, Source } from "./source.ts";
import type { Fate, Judgement } from "./verdict.ts";

/** What became of the events a drain has dealt with so far. */
export interface Totals {
  readonly delivered: number;
  /** The server had them before. */
  readonly duplicate: number;
  readonly skipped: number;
  readonly dead: number;
  /** Refused for now; they stay pending. */
  readonly failed: number;
  /** Taken in by the server, but not yet decided; they stay pending. */
  readonly undecided: number;
  readonly posts: number;
}

/** The fate of one event, and why in one line; empty where nothing need be said. */
export interface Outcome {
  readonly id: string;
  readonly fate: Fate | "skipped";
  readonly reason: string;
}

/** Settles events at their source, and counts. */
export interface Ledger {
  totals(): Totals;
  posted(): void;
  /** Returns when the outcomes are on disk; `said` is the answer they follow from. */
  settle(outcomes: readonly Outcome[], said?: Judgement): void;
}

export function createLedger(source: Source, now: () => number): Ledger {
  const totals = { delivered: 0, duplicate: 0, skipped: 0, dead: 0, failed: 0, undecided: 0, posts: 0 };
  return {
    totals: () => ({ ...totals }),
    posted() {
      totals.posts += 1;
    },
    settle(outcomes, said) {
      const settlements = outcomes.flatMap((outcome) => settlementOf(outcome, said, now()) ?? []);
      if (settlements.length > 0) source.settle(settlements);
      for (const { fate } of outcomes) totals[fate] += 1;
    },
  };
}

function settlementOf(outcome: Outcome, said: Judgement | undefined, at: number): Settlement | undefined {
  const { id, fate, reason } = outcome;
  if (fate === "undecided") return undefined;
  return {
    id,
    verdict: fate === "duplicate" ? "delivered" : fate,
    at,
    ...(said?.code !== undefined && { code: said.code }),
    ...(reason !== "" && { reason }),
    ...(said !== undefined && { batch: said.requestId }),
  };
}
