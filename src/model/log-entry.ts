import type { Lane } from "./lane.ts";

/** One entry of a work package's history, from its Activity Log, its `history` list or its `activity_log` text. */
export interface LogEntry {
  /** Identity of the entry: its whole line or item, NFC, without CR, trimmed; equal keys are one entry. */
  readonly key: string;
  /** When it happened, in ms since the epoch; a date without a clock is its midnight UTC; undefined where none is written. */
  readonly time: number | undefined;
  /** True when `time` has hours and minutes, so that it can order moves within a day. */
  readonly exact: boolean;
  /** Who wrote it, as written; undefined where none is named. */
  readonly agent: string | undefined;
  /** The lane it says the work package moved to. */
  readonly lane: Lane | undefined;
  /** What it says, without time, agent, pid and lane; never empty. */
  readonly text: string;
}
