import type { EventDraft } from "../events/event-draft.ts";
import { type Lane, parseLane } from "../model/lane.ts";
import type { LogEntry } from "../model/log-entry.ts";
import type { StatusRow } from "../model/parse-status-row.ts";
import type { Commit, WorkPackageFile } from "../model/snapshot.ts";
import { type DraftContext, draftCreated, draftHistory, draftUnreadable, latestFor } from "./drafts.ts";
import { type Hop, hopsFromEntries, hopsFromRows, lateHops } from "./hops.ts";
import { createMoments } from "./moments.ts";
import { rowKey, UNKNOWN_WORK_PACKAGE, type WorkPackageState } from "./state.ts";
import { createCauses, lastMove, tellHops } from "./tell-hops.ts";
import { fileLane, type LaneSources, laneOf, lastRecord, layoutOf } from "./work-package-lane.ts";

/** What is known of a work package and what a commit now says of it. */
export interface WorkPackageChange {
  readonly feature: string;
  readonly before: WorkPackageState | undefined;
  readonly file: WorkPackageFile;
  /** Its rows in time order; undefined where it has none. */
  readonly rows: readonly StatusRow[] | undefined;
  /** True in the commit that brings the feature's event log: it moves nothing, what moved is read as before. */
  readonly firstLog: boolean;
  readonly commit: Commit;
  /** The draft that created the feature in this commit. */
  readonly featureCreated: EventDraft | undefined;
}

/** What a commit says of one work package. */
export interface WorkPackageOutcome {
  readonly after: WorkPackageState;
  readonly drafts: EventDraft[];
}

/** Tells what a commit did to one work package: created it, moved it, assigned it, wrote its history. */
export function inferWorkPackage(change: WorkPackageChange): WorkPackageOutcome {
  const { before = UNKNOWN_WORK_PACKAGE, file, rows, commit } = change;
  const { facts } = file;
  const layout = layoutOf(change);
  const lane = laneOf(change, layout);
  if (change.before && isUnchanged(change.before, change) && layout === before.layout && lane === before.lane) {
    return { after: change.before, drafts: [] };
  }
  const context: DraftContext = { feature: change.feature, workPackage: file.id, commit, layout };
  const readable = facts.problem === undefined;
  const drafts: EventDraft[] = [];
  if (!readable && !before.unreadable.has(file.blob)) drafts.push(draftUnreadable(context, file));
  const { added, entries } = readEntries(before, facts.entries);
  const agent = readable ? facts.agent : before.agent;
  const told = tellHops(hopsOf(change, { before, lane, added }), { context, before, agent, added });
  if (change.before === undefined) {
    const untold = lane === (told.moves.at(-1)?.hop.to ?? before.lane) ? undefined : lane;
    drafts.unshift(draftCreated(context, file, { cause: change.featureCreated, lane: untold }));
  }
  drafts.push(...told.drafts);
  const causeOf = createCauses(told.moves);
  for (const entry of added) drafts.push(draftHistory(context, entry, causeOf(entry)));

  const after: WorkPackageState = {
    blob: file.blob,
    present: true,
    layout,
    lane,
    written: facts.lane,
    moved: lastMove(before, { lane, moves: told.moves, commit }),
    moves: told.counts,
    entries,
    rows: rows?.some((row) => !before.rows.has(rowKey(row)))
      ? new Set([...before.rows, ...rows.map(rowKey)])
      : before.rows,
    agent,
    agents: told.agents,
    dependencies: readable ? facts.dependencies : before.dependencies,
    resolved: before.resolved,
    unreadable: readable ? before.unreadable : new Set([...before.unreadable, file.blob]),
  };
  return { after, drafts };
}

/** Most work packages of a feature that changed did not: the same bytes, and no row that is new. */
function isUnchanged(before: WorkPackageState, { file, rows }: LaneSources): boolean {
  return before.blob === file.blob && before.present && !rows?.some((row) => !before.rows.has(rowKey(row)));
}

/**
 * Tells new entries from known ones. One that stands in place of an entry of the same time and agent, which was in the
 * version before, corrects it and tells nothing new.
 */
function readEntries(before: WorkPackageState, written: readonly LogEntry[]) {
  const present = new Set(written.map(({ key }) => key));
  const removed = new Map<string, number>();
  const entries = new Map(before.entries);
  for (const [key, stamp] of before.entries) {
    if (stamp === "" || present.has(key)) continue;
    removed.set(stamp, (removed.get(stamp) ?? 0) + 1);
    entries.set(key, "");
  }
  const added = written.filter((entry) => {
    const stamp = stampOf(entry);
    const known = before.entries.has(entry.key);
    entries.set(entry.key, stamp);
    if (known) return false;
    const left = entry.time === undefined ? 0 : (removed.get(stamp) ?? 0);
    if (left > 0) removed.set(stamp, left - 1);
    return left === 0;
  });
  return { added, entries };
}

function stampOf({ time, agent }: LogEntry): string {
  return `${time ?? ""} ${agent ?? ""}`;
}

function hopsOf(
  change: WorkPackageChange,
  { before, lane, added }: { before: WorkPackageState; lane: Lane; added: readonly LogEntry[] },
): Hop[] {
  const { rows, file, firstLog, commit } = change;
  const from = before.lane;
  const told = [...before.moves.keys()].map((key) => ({ key, ...moveOf(key) }));
  if (rows && !firstLog) {
    const byEntry = createMoments(told.filter(({ key }) => !before.rows.has(key)));
    const isKnown = (row: StatusRow): boolean => before.rows.has(rowKey(row)) || byEntry.has(row.to, row.time);
    const { time: until } = lastRecord(change);
    return hopsFromRows({ from, to: lane, rows, isKnown, entries: added, written: file.facts.entries, until });
  }
  if (!rows && before.layout === "event_log") return []; // the log is gone, and the lane with it stays
  const to = fileLane(change);
  const latest = latestFor(commit);
  const whole = hopsFromEntries({ from, to, entries: added, latest });
  if (from !== to && whole.every(({ entry }) => entry !== undefined)) return whole;
  const since = before.moved?.time ?? 0;
  const isLate = ({ exact, time }: LogEntry): boolean => exact && time !== undefined && time < since;
  const late = lateHops({ entries: added.filter(isLate), last: { to: from, time: since }, told });
  return [...late, ...hopsFromEntries({ from, to, entries: added.filter((entry) => !isLate(entry)), latest })];
}

/** Reads the key of a move, `<lane>@<ms>`. */
function moveOf(key: string): { to: Lane; time: number } {
  const [lane = "", time] = key.split("@");
  return { to: parseLane(lane) ?? "planned", time: Number(time) };
}
