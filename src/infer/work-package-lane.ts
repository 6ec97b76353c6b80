import type { Layout } from "../events/envelope.ts";
import type { Lane } from "../model/lane.ts";
import type { StatusRow } from "../model/parse-status-row.ts";
import type { WorkPackageFile } from "../model/snapshot.ts";
import { SAME_MOMENT } from "./moments.ts";
import { rowKey, type WorkPackageState } from "./state.ts";

/** What the lane of a work package is read from. */
export interface LaneSources {
  readonly before: WorkPackageState | undefined;
  readonly file: WorkPackageFile;
  /** Its rows in time order; undefined where it has none. */
  readonly rows: readonly StatusRow[] | undefined;
}

/** Where the lane is read; one that was once read from rows is never again read from frontmatter. */
export function layoutOf({ before, file, rows }: LaneSources): Layout {
  if (rows || before?.layout === "event_log") return "event_log";
  return file.directory ? "lane_directory" : "flat";
}

/** The lane a work package is in; where nothing says one, the one it was in. */
export function laneOf(sources: LaneSources, layout: Layout): Lane {
  const kept = sources.before?.lane ?? "planned";
  if (layout === "event_log") return lastRecord(sources).lane ?? kept;
  return fileLane(sources);
}

/** The lane that the file says by its directory or frontmatter; a `lane:` that only a switch of layouts uncovered is old. */
export function fileLane({ before, file: { directory, facts } }: LaneSources): Lane {
  const kept = before?.lane ?? "planned";
  if (directory) return directory;
  const uncovered = before?.layout === "lane_directory" && before.written === facts.lane;
  return uncovered ? kept : (facts.lane ?? kept);
}

/**
 * The last thing that is recorded of a work package with rows: its newest row, or a log entry that is newer and has the
 * mirrored `lane:` key on its side; while both were written, rows were often committed later than the file. An entry
 * counts when it is new, or has counted and no new row came since.
 */
export function lastRecord({ before, rows, file }: LaneSources): { lane: Lane | undefined; time: number } {
  const row = rows?.at(-1);
  if (!row) return { lane: undefined, time: 0 };
  const entry = file.facts.entries.findLast(({ lane, exact }) => lane !== undefined && exact);
  const newRow = before === undefined || !before.rows.has(rowKey(row));
  const newEntry = entry !== undefined && !before?.entries.has(entry.key);
  const counts = newEntry || (!newRow && before.lane === entry?.lane);
  const newer = entry?.lane === file.facts.lane && (entry?.time ?? 0) > row.time + SAME_MOMENT;
  return counts && newer && entry ? { lane: entry.lane, time: entry.time ?? 0 } : { lane: row.to, time: row.time };
}
