import { closeSync } from "node:fs";
import { openIfThere } from "./durable-file.ts";
import { readHints } from "./hints.ts";
import { linesFromEnd } from "./line.ts";
import { parsePiece } from "./record.ts";
import { activePath, readNewestTail, readTail } from "./segments.ts";

/** So many of the last records tell the highest clock: writers that waited in vain for the lock may have mixed them up. */
const LAST_RECORDS = 8;

/** A repository's mark: the highest clock it has given an event. */
export function readMark(folder: string): number {
  const file = openIfThere(activePath(folder));
  if (file === undefined) return readOlderMark(folder);
  try {
    return markOf(readTail(file)) ?? readOlderMark(folder);
  } finally {
    closeSync(file);
  }
}

/** The mark as what was sealed tells it. */
export function readOlderMark(folder: string): number {
  const { clock } = readHints(folder);
  return Math.max(markOf(readNewestTail(folder)) ?? 0, typeof clock === "number" ? clock : 0);
}

/** The mark as the last bytes of a segment tell it; undefined if there is no record in them. */
export function markOf(tail: Buffer): number | undefined {
  let mark: number | undefined;
  let count = 0;
  for (const bytes of linesFromEnd(tail)) {
    const found = parsePiece({ whole: true, bytes });
    if (found.kind !== "record") continue;
    mark = Math.max(mark ?? 0, found.record.clock);
    count += 1;
    if (count === LAST_RECORDS) break;
  }
  return mark;
}
