import { closeSync, readSync } from "node:fs";
import { openIfThere } from "./durable-file.ts";
import { damaged, isWhole, type Piece, salvage } from "./line.ts";
import { LONGEST_RECORD } from "./record.ts";

const CHUNK = 64 * 1024;
/** What is longer is no line of ours, and is given away in parts. */
const LONGEST_LINE = 4 * LONGEST_RECORD;
const LINE_BREAK = 0x0a;

/**
 * Reads a file of lines piece by piece, whatever its bytes are; a missing file has none. The bytes of a piece are good
 * until the next one is asked for.
 */
export function* readLines(path: string): Generator<Piece> {
  const file = openIfThere(path);
  if (file === undefined) return;
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const length = readSync(file, chunk, 0, CHUNK, null);
      if (length === 0) break;
      const read = chunk.subarray(0, length);
      const bytes = rest.length === 0 ? read : Buffer.concat([rest, read]);
      let start = 0;
      for (;;) {
        const end = bytes.indexOf(LINE_BREAK, start);
        if (end === -1) break;
        yield* cutLine(bytes.subarray(start, end));
        start = end + 1;
      }
      rest = Buffer.from(bytes.subarray(start));
      if (rest.length > LONGEST_LINE) rest = yield* shorten(rest);
    }
    yield* cutLine(rest);
  } finally {
    closeSync(file);
  }
}

function* cutLine(bytes: Buffer): Generator<Piece, undefined> {
  if (bytes.length === 0) return;
  if (isWhole(bytes)) yield { whole: true, bytes };
  else yield* damaged(bytes.subarray(yield* salvage(bytes)));
}

/** Gives away what is certain of a line too long to hold, and keeps as much as the longest line of ours may need. */
function* shorten(bytes: Buffer): Generator<Piece, Buffer> {
  const rest = bytes.subarray(yield* salvage(bytes));
  const kept = Math.max(0, rest.length - LONGEST_RECORD);
  yield* damaged(rest.subarray(0, kept));
  return rest.subarray(kept);
}
