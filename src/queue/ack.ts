import { bodyOf, renderLine } from "./line.ts";
import { parseObject } from "./parse-object.ts";

const VERDICTS = ["delivered", "skipped", "dead", "failed", "retry"] as const;
const LONGEST_REASON = 1000;

/** Where an event stands for the targets that count. */
export type EventState = "pending" | "delivered" | "skipped" | "dead";

/**
 * What became of an event at a target; an opaque key names the target (server and team). Later ones of the same event
 * win, but delivered is final. `failed` counts an attempt, `retry` makes a dead event pending again.
 */
export interface Ack {
  readonly id: string;
  readonly target: string;
  readonly verdict: (typeof VERDICTS)[number];
  /** In ms. */
  readonly at: number;
  readonly code?: number;
  readonly reason?: string;
  readonly batch?: string;
}

/** What the acks of one event come to. */
export interface Standing {
  readonly state: EventState;
  readonly attempts: number;
  readonly firstFailedAt: number | undefined;
  readonly reason: string | undefined;
}

const PENDING: Standing = { state: "pending", attempts: 0, firstFailedAt: undefined, reason: undefined };
// Most events end so: one object for all of them keeps a long history small.
const DELIVERED: Standing = { ...PENDING, state: "delivered" };

/** The standing of an event without acks, and of one that ended well. */
export const standings = { pending: PENDING, delivered: DELIVERED, skipped: { ...PENDING, state: "skipped" } } as const;

/** Folds one more ack into an event's standing. */
export function applyAck(before: Standing, { verdict, at, reason }: Ack): Standing {
  if (before.state === "delivered") return before;
  switch (verdict) {
    case "delivered":
      return DELIVERED;
    case "retry":
      return before.state === "dead" ? PENDING : before;
    case "failed":
      return { ...before, attempts: before.attempts + 1, firstFailedAt: before.firstFailedAt ?? at };
    default:
      return { ...before, state: verdict, reason };
  }
}

/** Renders the line of an ack; of a long reason only the beginning is kept. */
export function renderAck({ id, target, verdict, at, code, reason, batch }: Ack): string {
  const fields = JSON.stringify({ target, verdict, at, code, reason: reason?.slice(0, LONGEST_REASON), batch });
  return renderLine(id, fields.slice(1, -1));
}

/** Parses a line whose checksum is right; undefined for one that a later release may understand. */
export function parseAck(line: Buffer): Ack | undefined {
  const { v, id, target, verdict: said, at, code, reason, batch } = parseObject(`${bodyOf(line)}}`) ?? {};
  const verdict = VERDICTS.find((known) => known === said);
  if (v !== 1 || typeof id !== "string" || typeof target !== "string" || typeof at !== "number" || !verdict)
    return undefined;
  return {
    id,
    target,
    verdict,
    at,
    ...(typeof code === "number" && { code }),
    ...(typeof reason === "string" && { reason }),
    ...(typeof batch === "string" && { batch }),
  };
}
