import { type EventResult, isJsonObject, readReason } from "./read-answer.ts";
import type { Answer } from "./transport.ts";

/** What a drain does after an answer. */
export type Move =
  /** Settles each event by its own result; what has none is unsent. */
  | "settle"
  /** Looks for the culprit by halving the batch; an event refused alone is dead. */
  | "bisect"
  /** Makes batches smaller; an event that is too large alone is dead. */
  | "shrink"
  /** Refreshes the token once, else pauses. */
  | "refresh"
  /** Stops, and stays stopped in the background for a while: somebody has to look. */
  | "pause"
  /** Tries again later, when the server says so or else after a backoff. */
  | "retry"
  /** As `retry`, with half as many events: one of them may be what the server fails on. */
  | "thin";

/** One row of the verdict table: what an answer means for the events of the batch and for the drain. */
export interface Verdict {
  readonly answer: string;
  /** From the first to the last of each range. */
  readonly statuses: readonly (readonly [from: number, to: number])[];
  readonly events: "by result" | "unsent" | "unsent, dead if alone";
  readonly move: Move;
}

const only = (...statuses: number[]): (readonly [number, number])[] => statuses.map((status) => [status, status]);

/** What each answer to a batch means; the first row that fits counts. No answer as a whole ever delivers an event. */
export const VERDICTS: readonly Verdict[] = [
  { answer: "results", statuses: only(200), events: "by result", move: "settle" },
  { answer: "bad request", statuses: only(400), events: "unsent, dead if alone", move: "bisect" },
  { answer: "unauthorized", statuses: only(401), events: "unsent", move: "refresh" },
  { answer: "too large", statuses: only(413), events: "unsent, dead if alone", move: "shrink" },
  { answer: "try later", statuses: only(408, 425, 429), events: "unsent", move: "retry" },
  { answer: "not implemented", statuses: only(501), events: "unsent", move: "pause" },
  { answer: "server failed", statuses: only(500), events: "unsent", move: "thin" },
  { answer: "server away", statuses: [[502, 599]], events: "unsent", move: "retry" },
  { answer: "redirect", statuses: [[300, 399]], events: "unsent", move: "pause" },
  { answer: "refused", statuses: [[402, 499]], events: "unsent", move: "pause" },
  {
    answer: "no known answer",
    statuses: [
      [100, 199],
      [201, 299],
    ],
    events: "unsent",
    move: "retry",
  },
];

/** An answer as a drain reads it. */
export interface Judgement {
  readonly move: Move;
  /** What happened, without a full stop. */
  readonly reason: string;
  /** HTTP status; undefined if there was no whole answer. */
  readonly code: number | undefined;
  readonly retryAfter: string | undefined;
  readonly text: string;
  readonly requestId: string;
}

/** Finds what a drain does after an answer; without one it tries again, but for a redirect, which stays one. */
export function judgeAnswer(answer: Answer): Judgement {
  const { requestId } = answer;
  if (answer.kind !== "answer") {
    const move = answer.kind === "redirect" ? "pause" : "retry";
    return { move, reason: answer.reason, code: undefined, retryAfter: undefined, text: "", requestId };
  }
  const { status, retryAfter, text } = answer;
  const told = readReason(text);
  const reason = `the server answered ${status}${told === "" ? "" : `: ${told}`}`;
  return { move: moveAfter(status, text), reason, code: status, retryAfter, text, requestId };
}

function moveAfter(status: number, text: string): Move {
  const move = VERDICTS.find(({ statuses }) => statuses.some(([from, to]) => from <= status && status <= to))?.move;
  // A proxy or a portal on the way speaks HTML: its word condemns no event.
  return move === "bisect" && !isJsonObject(text) ? "pause" : (move ?? "retry");
}

/** What becomes of one event by its own result: `undecided` stays pending, `failed` does, too, with one attempt more. */
export type Fate = "delivered" | "duplicate" | "undecided" | "failed" | "dead";

const FATES: Readonly<Record<string, Fate>> = {
  success: "delivered",
  accepted: "delivered",
  warning: "delivered",
  duplicate: "duplicate",
  queued: "undecided",
  pending: "undecided",
  error: "failed",
  rejected: "failed",
};
const MOST_ATTEMPTS = 5;
const LONGEST_TRIAL = 24 * 60 * 60_000;

/** How often an event was refused before. */
export interface Attempts {
  readonly attempts: number;
  readonly firstFailedAt: number | undefined;
}

/** Judges one event by its result; undefined for a status nobody knows: that is no verdict. */
export function judgeResult({ status, permanent }: EventResult, before: Attempts, now: number): Fate | undefined {
  const fate = Object.hasOwn(FATES, status) ? FATES[status] : undefined;
  return fate === "failed" && (permanent || isHopeless(before, now)) ? "dead" : fate;
}

function isHopeless({ attempts, firstFailedAt = Number.POSITIVE_INFINITY }: Attempts, now: number): boolean {
  return attempts + 1 >= MOST_ATTEMPTS && now - firstFailedAt >= LONGEST_TRIAL;
}
