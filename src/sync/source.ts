import type { Envelope } from "../events/envelope.ts";

/** An event that waits, and how often the server refused it so far. */
export interface PendingEvent {
  readonly event: Envelope;
  readonly attempts: number;
  readonly firstFailedAt: number | undefined;
}

/** What became of an event; `failed` counts one attempt, and the event stays pending. */
export interface Settlement {
  readonly id: string;
  readonly verdict: "delivered" | "skipped" | "dead" | "failed";
  readonly at: number;
  /** HTTP status of the answer that said so. */
  readonly code?: number;
  readonly reason?: string;
  /** Request id of the batch it was in. */
  readonly batch?: string;
}

/** What a drain needs of a queue, for one target. */
export interface Source {
  /** Oldest first, each id once; streamed. */
  pending(): Iterable<PendingEvent>;
  /** Returns when it is on disk. */
  settle(settlements: readonly Settlement[]): void;
  readHints(): Readonly<Record<string, unknown>>;
  writeHints(patch: Readonly<Record<string, unknown>>): void;
  receiveClock(remote: number): Promise<void>;
}
