import { type Entry, type Limits, textOf } from "./batches.ts";
import type { SyncHints } from "./hints.ts";

/** How large the next batch may be: what the server taught us. */
export interface BatchSize {
  limits(): Limits;
  /** The server gave verdicts on this many events. */
  taken(events: number): Partial<SyncHints>;
  /** One of these events makes the server refuse them all. */
  suspect(events: number): void;
  /** The culprit is found, and out of the way. */
  found(): void;
  /** These together are too large. */
  tooLarge(entries: readonly Entry[]): Partial<SyncHints>;
  /** It was one event that was too large, and not a batch. */
  notTooLarge(): Partial<SyncHints>;
  /** The server failed on so many events at once. */
  tooMany(events: number): Partial<SyncHints>;
}

/**
 * Creates the sizes of one drain from what the last one left; changes come back as hints for the next one.
 *
 * Search for a culprit: of the `suspects` first events one is bad, so half of them are posted. If the server takes them,
 * the culprit is among the rest; if not, among them. So it takes log2 n posts to find one of n, and one to prove it.
 */
export function createBatchSize(usual: Limits, hints: SyncHints): BatchSize {
  let bytes = Math.min(usual.bytes, hints.byteLimit ?? usual.bytes);
  let events = Math.max(1, Math.min(usual.events, hints.eventLimit ?? usual.events));
  let suspects = 0;
  let foundInARow = 0;
  return {
    limits() {
      return { bytes, events: suspects > 0 ? Math.min(events, Math.ceil(suspects / 2)) : events };
    },
    taken(count) {
      suspects = Math.max(0, suspects - count);
      foundInARow = 0;
      if (events >= usual.events) return {};
      events = Math.min(usual.events, events * 2);
      return { eventLimit: events < usual.events ? events : undefined };
    },
    suspect(count) {
      suspects = count;
    },
    found() {
      suspects = 0;
      foundInARow += 1;
      if (foundInARow > 1) events = 1; // where the bad ones lie close together, one by one is the quickest
    },
    tooLarge(entries) {
      bytes = Math.floor(Buffer.byteLength(textOf(entries)) / 2);
      return { byteLimit: bytes };
    },
    notTooLarge() {
      bytes = usual.bytes;
      return { byteLimit: undefined };
    },
    tooMany(count) {
      events = Math.ceil(count / 2);
      return { eventLimit: events };
    },
  };
}
