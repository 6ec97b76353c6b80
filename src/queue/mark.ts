import { closeSync, fstatSync, readSync } from "node:fs";
import { openIfThere } from "./durable-file.ts";
import { readHints } from "./hints.ts";
import { linesFromEnd } from "./line.ts";
import { LONGEST_RECORD, parsePiece } from "./record.ts";
import { activePath, openNewest } from "./segments.ts";

/** The last few records are in the small one; where there is only damage, more is looked through. */
const TAILS = [16 * 1024, 4 * LONGEST_RECORD];
/** So many of the last records tell the highest clock: writers that waited in vain for the lock may have mixed them up. */
const LAST_RECORDS = 8;

/** A repository's mark: the highest clock it has given an event. */
export function readMark(folder: string): number {
  return closing(openIfThere(activePath(folder)), markOf) ?? readOlderMark(folder);
}

/** The mark as what was sealed tells it. */
export function readOlderMark(folder: string): number {
  const { clock } = readHints(folder);
  return Math.max(closing(openNewest(folder), markOf) ?? 0, typeof clock === "number" ? clock : 0);
}

/** The mark as the end of a segment tells it; undefined if there is no record in it. */
export function markOf(file: number): number | undefined {
  for (const length of TAILS) {
    const clocks = lastClocks(readEnd(file, length));
    if (clocks.length > 0) return Math.max(...clocks);
  }
  return undefined;
}

function lastClocks(bytes: Buffer): number[] {
  const clocks: number[] = [];
  for (const line of linesFromEnd(bytes)) {
    const found = parsePiece({ whole: true, bytes: line });
    if (found.kind === "record") clocks.push(found.record.clock);
    if (clocks.length === LAST_RECORDS) break;
  }
  return clocks;
}

function readEnd(file: number, length: number): Buffer {
  const { size } = fstatSync(file);
  const end = Buffer.allocUnsafe(Math.min(size, length));
  return end.subarray(0, readSync(file, end, 0, end.length, size - end.length));
}

function closing<Result>(file: number | undefined, action: (file: number) => Result): Result | undefined {
  if (file === undefined) return undefined;
  try {
    return action(file);
  } finally {
    closeSync(file);
  }
}
