import type { Envelope } from "../events/envelope.ts";
import type { EventState } from "../queue/open-queue.ts";

/** An event of the queue, or one that is held back and has no place in it yet. */
export interface Listed {
  /** Where it lies: later events have larger numbers, whatever becomes of the files. Null for a held one. */
  readonly position: string | null;
  readonly state: EventState | "held";
  readonly event: Envelope;
  /** Why it is dead or was skipped. */
  readonly reason?: string;
}

/** Renders an event as one JSON line, `{"position","state","reason"?,"event"}`, as `events list` and `events tail` print it. */
export function renderListed({ position, state, reason, event }: Listed): string {
  return JSON.stringify({ position, state, ...(reason !== undefined && { reason }), event });
}
