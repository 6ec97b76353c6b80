import type { Envelope } from "../events/envelope.ts";
import type { PendingEvent } from "./source.ts";

/** How the profile of a target shows an event; one it cannot show is skipped (nothing is lost) or parked (something is). */
export type Rendering = { readonly body: object } | { readonly skipped: string } | { readonly parked: string };

export type Render = (event: Envelope) => Rendering;

/** The size of a batch: bytes of its JSON before compression, and events. */
export interface Limits {
  readonly bytes: number;
  readonly events: number;
}

/** 90 % of what servers of the contract take at least. */
export const LIMITS: Limits = { bytes: Math.floor(0.9 * 262_144), events: 1000 };

/** An event as it goes into a batch. */
export interface Entry {
  readonly id: string;
  readonly pending: PendingEvent;
  readonly json: string;
}

/** An event that is not sent, as it has no form at this target. */
export interface Unsendable {
  readonly id: string;
  readonly fate: "skipped" | "dead";
  readonly reason: string;
}

export interface Batch {
  readonly entries: readonly Entry[];
  readonly unsendable: readonly Unsendable[];
}

/** Events cut into batches as somebody asks for them. */
export interface Batches {
  /** The next batch: oldest first, each id once, at least one event if there is one, however large. */
  next(limits: Limits): Batch;
  /** Gives events back, to come first in the next batch. */
  putBack(entries: readonly Entry[]): void;
  close(): void;
}

/** The body of a POST, exactly. */
export function textOf(entries: readonly Entry[]): string {
  return `{"events":[${entries.map(({ json }) => json).join(",")}]}`;
}

const FRAME = textOf([]).length;

/** Opens the stream of batches; it holds one batch in memory, and what was put back. */
export function openBatches(pending: Iterable<PendingEvent>, render: Render): Batches {
  const iterator = pending[Symbol.iterator]();
  let front: Entry[] = [];

  function* entries(unsendable: Unsendable[], limits: Limits): Generator<Entry> {
    for (;;) {
      const entry = front.shift();
      if (entry !== undefined) {
        yield entry;
        continue;
      }
      if (unsendable.length >= limits.events) return;
      const step = iterator.next();
      if (step.done) return;
      const { event } = step.value;
      const rendering = render(event);
      if ("body" in rendering) {
        yield { id: event.event_id, pending: step.value, json: JSON.stringify(rendering.body) };
      } else if ("skipped" in rendering) {
        unsendable.push({ id: event.event_id, fate: "skipped", reason: rendering.skipped });
      } else {
        unsendable.push({ id: event.event_id, fate: "dead", reason: rendering.parked });
      }
    }
  }

  return {
    next(limits) {
      const unsendable: Unsendable[] = [];
      const batch = new Map<string, Entry>();
      let bytes = FRAME;
      for (const entry of entries(unsendable, limits)) {
        if (batch.has(entry.id)) continue;
        bytes += Buffer.byteLength(entry.json) + (batch.size > 0 ? 1 : 0);
        if (batch.size > 0 && bytes > limits.bytes) {
          front.unshift(entry);
          break;
        }
        batch.set(entry.id, entry);
        if (batch.size >= limits.events) break;
      }
      return { entries: [...batch.values()], unsendable };
    },
    putBack(entries) {
      front = [...entries, ...front];
    },
    close() {
      iterator.return?.();
    },
  };
}
