import type { Lane } from "../model/lane.ts";
import type { LogEntry } from "../model/log-entry.ts";
import type { StatusRow } from "../model/parse-status-row.ts";
import { createMoments, type Moments, SAME_MOMENT } from "./moments.ts";

/** One move of a work package inside a commit. */
export interface Hop {
  readonly from: Lane;
  readonly to: Lane;
  /** When it happened as recorded, in ms since the epoch; undefined where only the commit tells. */
  readonly time: number | undefined;
  readonly actor: string | undefined;
  readonly eventId: string | undefined;
  /** The entry that records it. */
  readonly entry: LogEntry | undefined;
  /** True when it sends work back to its implementer, so that `for_review` to `doing` starts no review. */
  readonly answersReview: boolean;
}

/** A move nothing records. */
export function unrecordedHop(from: Lane, to: Lane): Hop {
  return { from, to, time: undefined, actor: undefined, eventId: undefined, entry: undefined, answersReview: false };
}

/**
 * The moves that new log entries record between two lanes: in file order, or in time order where that makes as many of
 * them moves or only that ends in the right lane. What they don't explain is one last, unrecorded hop; entries that
 * lead away from a lane that did not change explain nothing. Entries dated after `latest` were dated by hand: their
 * place in the file is all that counts.
 */
export function hopsFromEntries(change: { from: Lane; to: Lane; entries: readonly LogEntry[]; latest: number }): Hop[] {
  const { from, to, entries, latest } = change;
  const inFile = chain(from, entries, latest);
  const inTime = chain(from, sortByTime(entries, latest), latest);
  const worth = (hops: readonly Hop[]): number => hops.length - (endOf(hops, from) === to ? 0 : 1);
  const hops = worth(inTime) >= worth(inFile) ? inTime : inFile;
  if (endOf(hops, from) === to) return hops;
  return from === to ? [] : [...hops, unrecordedHop(endOf(hops, from), to)];
}

/** Entries that repeat the lane are no moves, unless the move was dated by hand and the repetition was not. */
function chain(from: Lane, entries: readonly LogEntry[], latest: number): Hop[] {
  const hops: Hop[] = [];
  for (const entry of entries) {
    const current = endOf(hops, from);
    if (entry.lane === undefined) continue;
    if (entry.lane !== current) {
      hops.push(recordedHop(current, entry.lane, entry));
      continue;
    }
    const last = hops.at(-1);
    if (last?.entry && !isCredible(last.entry, latest) && isCredible(entry, latest)) {
      hops.splice(-1, 1, recordedHop(last.from, last.to, entry));
    }
  }
  return hops;
}

function isCredible({ exact, time }: LogEntry, latest: number): boolean {
  return exact && time !== undefined && time <= latest;
}

/** Entries in time order; one without a credible time stays behind the entry it follows in the file. */
function sortByTime(entries: readonly LogEntry[], latest: number): LogEntry[] {
  let known = 0;
  const placed = entries.map((entry) => {
    if (isCredible(entry, latest)) known = entry.time ?? known;
    return { entry, time: known };
  });
  return placed.toSorted((a, b) => a.time - b.time).map(({ entry }) => entry);
}

function endOf(hops: readonly Hop[], from: Lane): Lane {
  return hops.at(-1)?.to ?? from;
}

/** A log line is written within minutes of the commit that shows its move. */
const SAME_MOVE = 10 * 60 * 1000;

/**
 * The moves that entries record which are older than the last move told (`last`): they were written down afterwards, and
 * happened before it. One to the same lane shortly before it is a record of that move. `told` are the moves known.
 */
export function lateHops(change: {
  entries: readonly LogEntry[];
  last: { to: Lane; time: number };
  told: readonly { to: Lane; time: number }[];
}): Hop[] {
  const { entries, last, told } = change;
  const moments = createMoments(told);
  const timeline = told.toSorted((a, b) => a.time - b.time);
  const hops: Hop[] = [];
  let known = 0;
  let lane: Lane = "planned";
  for (const entry of entries.toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0))) {
    const { time = 0, lane: to } = entry;
    for (let move = timeline[known]; move && move.time <= time; move = timeline[++known]) lane = move.to;
    if (to === undefined || to === lane || moments.has(to, time)) continue;
    if (to === last.to && last.time - time <= SAME_MOVE) continue;
    hops.push(recordedHop(lane, to, entry));
    lane = to;
  }
  return hops;
}

function recordedHop(from: Lane, to: Lane, entry: LogEntry): Hop {
  return { ...unrecordedHop(from, to), time: entry.exact ? entry.time : undefined, actor: entry.agent, entry };
}

/**
 * The moves that new rows record, and log entries between them that no row repeats (while both were written, some
 * commands wrote only one).
 * A row is a move on its own: one that arrives late, by a merge, happened before those already told. One that a
 * migration wrote sets the lane without a move. An entry after the last record counts for nothing, since rows win.
 * When the lane changed and no new row says so, a row was taken back or put back: one unrecorded hop.
 */
export function hopsFromRows(change: {
  from: Lane;
  to: Lane;
  /** All rows of the work package, in time order. */
  rows: readonly StatusRow[];
  isKnown: (row: StatusRow) => boolean;
  /** Entries that are new. */
  entries: readonly LogEntry[];
  /** All entries of the file. */
  written: readonly LogEntry[];
  /** Time of the last record, in ms since the epoch. */
  until: number;
}): Hop[] {
  const { from, to, rows, isKnown, entries, written, until } = change;
  const bridges = findBridges(rows, momentsOf(written));
  const seen = new Set<string>();
  const fresh = rows.filter((row) => {
    const key = `${row.to}@${row.time}`;
    const repeated = seen.has(key);
    seen.add(key);
    return !repeated && !bridges.has(row) && !isKnown(row);
  });
  const rowMoments = createMoments(rows);
  const between = entries.filter(
    ({ exact, lane, time = 0 }) => exact && lane !== undefined && time <= until && !rowMoments.has(lane, time),
  );
  const hops: Hop[] = [];
  let current = from;
  for (const record of [...fresh, ...between].toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0))) {
    if ("key" in record) {
      if (record.lane === undefined || record.lane === current) continue;
      hops.push(recordedHop(current, record.lane, record));
      current = record.lane;
    } else {
      if (record.live && record.from !== record.to) hops.push({ ...record, entry: undefined });
      current = record.to;
    }
  }
  const explained = from === to || current === to || (fresh.length > 0 && rows.at(-1) === fresh.at(-1));
  return explained ? hops : [...hops, unrecordedHop(from, to)];
}

function momentsOf(entries: readonly LogEntry[]): Moments {
  return createMoments(entries.flatMap(({ lane, time }) => (lane && time !== undefined ? [{ to: lane, time }] : [])));
}

/**
 * Rows on the way to what one command did: where a log entry says that a work package moved to one lane, the rows of
 * the same moment before that lane's are steps the work package never rested on.
 */
function findBridges(rows: readonly StatusRow[], written: Moments): ReadonlySet<StatusRow> {
  const bridges = new Set<StatusRow>();
  for (const [index, row] of rows.entries()) {
    for (let next = index + 1; next < rows.length; next++) {
      const later = rows[next];
      if (!later || later.time - row.time > SAME_MOMENT) break;
      if (later.to === row.to || !written.has(later.to, later.time)) continue;
      bridges.add(row);
      break;
    }
  }
  return bridges;
}
