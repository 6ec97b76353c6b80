import { statSync } from "node:fs";
import { join } from "node:path";
import type { EventState } from "./ack.ts";
import { countQuarantined } from "./quarantine.ts";
import { readStandings } from "./read-standings.ts";
import { parsePiece } from "./record.ts";
import { listFolder, readSegments } from "./segments.ts";
import { readSettled } from "./settled-ids.ts";

const FOLDERS = ["sealed", "archive", "quarantine"] as const;
const FILES = ["queue.jsonl", "queue.acks", "dead.jsonl"] as const;

/** How many events of a repository stand where. */
export interface Counts extends Readonly<Record<EventState, number>> {
  /** When the oldest pending event was appended, in ms. */
  readonly oldestPendingAt: number | undefined;
  /** Pieces of files that hold no record. */
  readonly quarantined: number;
  /** Events of a later release: kept, never sent by this one. */
  readonly newer: number;
  /** Of all files together. */
  readonly bytes: number;
}

/** Counts the events of a repository, each id once, for targets of which any counts. */
export function countEvents(folder: string, targets: readonly string[]): Counts {
  const standingOf = readStandings(folder, targets);
  const counts = { pending: 0, delivered: 0, skipped: 0, dead: 0 };
  let oldestPendingAt: number | undefined;
  let newer = 0;
  const seen = new Set<string>();
  for (const piece of readSegments(folder)) {
    const found = parsePiece(piece);
    if (found.kind === "newer") newer += 1;
    if (found.kind !== "record" || seen.has(found.record.id)) continue;
    const { id, at } = found.record;
    seen.add(id);
    const { state } = standingOf(id);
    counts[state] += 1;
    if (state === "pending") oldestPendingAt = Math.min(oldestPendingAt ?? at, at);
  }
  for (const [id, state] of readSettled(folder, targets)) if (!seen.has(id)) counts[state] += 1;
  return { ...counts, oldestPendingAt, newer, quarantined: countQuarantined(folder), bytes: countBytes(folder) };
}

function countBytes(folder: string): number {
  const inFolders = FOLDERS.flatMap((name) => listFolder(join(folder, name)).map((file) => join(folder, name, file)));
  const paths = [...FILES.map((name) => join(folder, name)), ...inFolders];
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}
