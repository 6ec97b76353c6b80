import { parseHints, renderHints, type SyncHints } from "./hints.ts";
import type { Source } from "./source.ts";

/** Who waits for the drain: somebody at a terminal, or nobody. */
export type Mode = "foreground" | "background";

/** Why a drain ended; only after `drained` the server has told its mind on all events. */
export interface Stop {
  readonly why: "drained" | "failing" | "throttled" | "paused" | "not due" | "aborted";
  /** One sentence for the user; empty where there is nothing to say. */
  readonly message: string;
}

/** The world a drain runs in; none of it is real in a test. */
export interface World {
  readonly mode: Mode;
  /** ms since 1970. */
  readonly now: () => number;
  /** Resolves after so many ms, or when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** When a drain posts, and when it gives up; each wait is left as a hint, so that it binds the next process, too. */
export interface Pace {
  /** Waits until a post is due; gives why none is. */
  turn(): Promise<Stop | undefined>;
  /** Starts to count failures anew. */
  succeeded(learnt: Partial<SyncHints>): void;
  /** Waits before the next attempt, or gives why there is none. */
  failed(
    reason: string,
    options?: { retryAfter?: number | undefined; learnt?: Partial<SyncHints> },
  ): Promise<Stop | undefined>;
  /** Ends a drain that has nothing more to post; a failure that nothing made good is still one. */
  end(): Stop;
  /** Ends the drain, and keeps background runs away for a while. */
  pause(reason: string): Stop;
  /** The server asked to be left in peace: from now on batches keep their distance. */
  slowDown(): void;
}

const SECOND = 1000;
const PAUSE = 15 * 60 * SECOND;
const INTERVAL = 5 * SECOND;
const BACKOFF = { first: SECOND / 2, most: 30 * SECOND };
const PATIENCE: Readonly<Record<Mode, { attempts: number; wait: number }>> = {
  foreground: { attempts: 3, wait: 60 * SECOND },
  background: { attempts: 10, wait: 30 * SECOND },
};

/** The wait after so many failures in a row: 0.5 s, doubled up to 30 s, with full jitter. */
export function backoff(failures: number, random: () => number): number {
  return random() * Math.min(BACKOFF.most, BACKOFF.first * 2 ** (failures - 1));
}

/** Reads a Retry-After header as ms from now, from 1 s to 15 min; undefined if it is neither seconds nor a date. */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  // Date.parse makes a date of almost anything; those of HTTP name their month.
  const time = /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  const wait = /^\s*\d+\s*$/.test(text) ? Number(text) * SECOND : time - now;
  return Number.isNaN(wait) ? undefined : Math.min(PAUSE, Math.max(SECOND, wait));
}

/** Creates the pace of one drain. */
export function createPace(source: Source, { mode, now, sleep, random, signal }: World): Pace {
  const patience = PATIENCE[mode];
  const background = mode === "background";
  const before = parseHints(source.readHints());
  let interval = background ? INTERVAL : 0;
  let failures = background ? before.failures : 0;
  let inARow = 0;
  let last = "";
  let started = false;

  const learn = (hints: Partial<SyncHints>): void => source.writeHints(renderHints(hints));
  const aborted = (): Stop | undefined => (signal.aborted ? { why: "aborted", message: "Interrupted." } : undefined);
  /** A wait longer than any we ask for comes from a clock that was set back. */
  const waitUntil = (time: number | undefined, longest: number): number => {
    const wait = (time ?? 0) - now();
    return wait > longest ? 0 : Math.max(0, wait);
  };

  return {
    async turn() {
      const wait = waitUntil(before.nextAttempt, PAUSE);
      if (background && !started && wait > 0) {
        return { why: "not due", message: `${before.trouble ?? "It waits"}; next attempt in ${seconds(wait)}.` };
      }
      started = true;
      const { lastPost = 0 } = parseHints(source.readHints());
      const distance = interval > 0 ? waitUntil(lastPost + interval, interval) : 0;
      if (distance > 0) await sleep(distance, signal);
      const stop = aborted();
      if (stop === undefined) learn({ lastPost: now() });
      return stop;
    },
    succeeded(learnt) {
      failures = 0;
      inARow = 0;
      learn({ ...learnt, failures, trouble: undefined, nextAttempt: undefined, lastSync: now() });
    },
    async failed(reason, { retryAfter, learnt } = {}) {
      failures += 1;
      inARow += 1;
      last = reason;
      const wait = Math.ceil(retryAfter ?? backoff(failures, random));
      learn({ ...learnt, failures, trouble: reason, nextAttempt: now() + wait });
      if (inARow >= patience.attempts)
        return { why: "failing", message: `${reason}; gave up after ${inARow} attempts.` };
      if (wait > patience.wait) return { why: "throttled", message: `${reason}; it asks to wait ${seconds(wait)}.` };
      await sleep(wait, signal);
      return aborted();
    },
    end() {
      return inARow > 0 ? { why: "failing", message: `${last}.` } : { why: "drained", message: "" };
    },
    pause(reason) {
      learn({ trouble: reason, nextAttempt: now() + PAUSE });
      return { why: "paused", message: `${reason}.` };
    },
    slowDown() {
      interval = INTERVAL;
    },
  };
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / SECOND)} s`;
}
