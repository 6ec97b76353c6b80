import { crc32 } from "node:zlib";

/** What every line of every version starts with; text can't hold it, since JSON escapes the quotes of strings. */
const START = '{"v":1,"id":"';
const END_LENGTH = ',"crc":"00000000"}'.length;
const END = /^,"crc":"([0-9a-f]{8})"\}$/;
const STARTS_AND_ENDS = /\{"v":\d{1,9},"id":"|,"crc":"[0-9a-f]{8}"\}/g;
const NOTHING = /^[\s\0\u00ef\u00bb\u00bf]*$/; // blank, CR, NUL blocks and a BOM, as Latin-1

/** A stretch of a file: a line whose checksum is right, or bytes that are none. */
export interface Piece {
  readonly whole: boolean;
  readonly bytes: Buffer;
}

/**
 * Renders one line of a queue file: the fields after `v` and `id`, a checksum, and a line break at both ends. The one in
 * front keeps it apart from what a killed writer left unfinished.
 */
export function renderLine(id: string, fields: string): string {
  const body = `${startOf(id)},${fields}`;
  return `\n${body},"crc":"${crc32(body).toString(16).padStart(8, "0")}"}\n`;
}

/** What the line of this id starts with. */
export function startOf(id: string): string {
  return `${START}${id}"`;
}

/** The bytes of a line that its checksum covers: an object without its closing brace. */
export function bodyOf(line: Buffer): Buffer {
  return line.subarray(0, line.length - END_LENGTH);
}

/** True if these bytes are one line whose checksum is right. */
export function isWhole(line: Buffer): boolean {
  if (line.length <= END_LENGTH) return false;
  const end = END.exec(line.toString("latin1", line.length - END_LENGTH));
  return end?.[1] !== undefined && Number.parseInt(end[1], 16) === crc32(bodyOf(line));
}

/** Whole lines, the last one first. */
export function* linesFromEnd(bytes: Buffer): Generator<Buffer> {
  for (let at = bytes.lastIndexOf(START); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(START, at - 1)) {
    const line = lineAt(bytes, at);
    if (line) yield line;
  }
}

/** The whole line that starts there, if there is one. */
export function lineAt(bytes: Buffer, start: number): Buffer | undefined {
  const end = bytes.indexOf(',"crc":"', start);
  const line = bytes.subarray(start, end + END_LENGTH);
  return end !== -1 && isWhole(line) ? line : undefined;
}

/** Cuts bytes that are not one whole line into the whole lines inside and the rest; gives where the last of them ends. */
export function* salvage(bytes: Buffer): Generator<Piece, number> {
  let done = 0;
  let start = -1;
  for (const match of bytes.toString("latin1").matchAll(STARTS_AND_ENDS)) {
    if (match[0].startsWith("{")) {
      start = match.index;
      continue;
    }
    const end = match.index + match[0].length;
    const line = bytes.subarray(start, end);
    if (start !== -1 && isWhole(line)) {
      yield* damaged(bytes.subarray(done, start));
      yield { whole: true, bytes: line };
      done = end;
    }
    start = -1;
  }
  return done;
}

/** Bytes that are no line, unless there is nothing in them. */
export function* damaged(bytes: Buffer): Generator<Piece> {
  if (!NOTHING.test(bytes.toString("latin1"))) yield { whole: false, bytes };
}
