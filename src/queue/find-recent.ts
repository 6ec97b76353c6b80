import { fstatSync, readSync } from "node:fs";
import { lineAt, startOf } from "./line.ts";
import { LONGEST_RECORD } from "./record.ts";

const RECENT = 256 * 1024;
/** Small, so that its memory is used again: fresh pages take longer than the reading. */
const CHUNK = 32 * 1024;
const OVERLAP = 64; // more than the start of a line

/** Those of these ids whose events are among the last 256 KiB of a segment, whole: one that was cut is no event. */
export function findRecent(file: number, ids: Iterable<string>): Set<string> {
  const { size } = fstatSync(file);
  const starts = [...ids].map((id) => ({ id, start: startOf(id) }));
  const found = new Set<string>();
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (let offset = Math.max(0, size - RECENT); offset < size; offset += CHUNK - OVERLAP) {
    const bytes = chunk.subarray(0, readSync(file, chunk, 0, CHUNK, offset));
    for (const { id, start } of starts) {
      for (let at = bytes.indexOf(start); at !== -1; at = bytes.indexOf(start, at + 1)) {
        if (isRecordAt(file, offset + at)) found.add(id);
      }
    }
  }
  return found;
}

function isRecordAt(file: number, offset: number): boolean {
  const bytes = Buffer.allocUnsafe(LONGEST_RECORD);
  return lineAt(bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset)), 0) !== undefined;
}
