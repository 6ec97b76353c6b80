import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { Failure } from "../errors.ts";

const { O_APPEND, O_CREAT, O_RDWR } = constants;
/** Not every system lets a folder be opened and synced. */
const NO_FOLDER_SYNC = new Set(["EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP"]);

/** The code of a failed system call. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/**
 * What to throw for an error met at a path: a Failure if a system call failed, else the error itself, which is a bug. A
 * file is named without its folder, for a log may be shown to others.
 */
export function toFailure(path: string, error: unknown): unknown {
  if (!(error instanceof Error && "syscall" in error)) return error;
  return new Failure("failed", {
    message: `${basename(path)} of the queue cannot be written: ${codeOf(error)}.`,
    nextStep: "Make room on the disk and the folder `spec-kitty` in the git directory writable, then run it again.",
    cause: error,
  });
}

/** Opens a file to read and append, and sees to it that a new one survives a power cut. */
export function openToAppend(path: string): number {
  try {
    return openSync(path, O_RDWR | O_APPEND);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  makeFolder(dirname(path));
  const file = openSync(path, O_RDWR | O_APPEND | O_CREAT, 0o600);
  syncFolder(dirname(path));
  return file;
}

/** Opens a file to read it; undefined if there is none. */
export function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Writes lines with one call. After a short write it begins again with the line that was cut, not in its middle: another
 * process may have written in between.
 */
export function writeLines(file: number, lines: readonly string[]): void {
  let left = lines.map((line) => Buffer.from(line));
  for (let stuck = false; ; ) {
    const bytes = Buffer.concat(left);
    let written = writeOrBreakLine(file, bytes);
    if (written === bytes.length) return;
    const before = left.length;
    while (left[0] && written >= left[0].length) {
      written -= left[0].length;
      left = left.slice(1);
    }
    if (stuck && left.length === before)
      throw Object.assign(new Error("short write"), { syscall: "write", code: "ENOSPC" });
    stuck = left.length === before;
  }
}

function writeOrBreakLine(file: number, bytes: Buffer): number {
  try {
    return writeSync(file, bytes);
  } catch (error) {
    try {
      writeSync(file, "\n");
    } catch {} // the next line begins with a line break of its own
    throw error;
  }
}

/** Appends lines to a file of ours; they are on the disk when it returns. */
export function appendLines(path: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  try {
    const file = openToAppend(path);
    try {
      writeLines(file, lines);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw toFailure(path, error);
  }
}

/** Replaces a file as a whole; `durable` if it must survive a power cut. */
export function replaceFile(path: string, content: string | Buffer, { durable = false } = {}): void {
  const temporary = `${path}.tmp`;
  makeFolder(dirname(path));
  writeFileSync(temporary, content, { mode: 0o600, flush: durable });
  renameSync(temporary, path);
  if (durable) syncFolder(dirname(path));
}

/** The text of a file; undefined if there is none or it can't be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Makes a folder of ours and those above it, and sees to it that they survive a power cut. One by one, as node's own
 * recursion never ends where a folder is there and yet none can be made in it, such as `/proc`.
 */
export function makeFolder(path: string): void {
  const parent = dirname(path);
  if (isFolder(path)) return;
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === "EEXIST" && isFolder(path)) return;
    throw error;
  }
  syncFolder(parent);
}

/** Makes the names in a folder survive a power cut. */
export function syncFolder(path: string): void {
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (!NO_FOLDER_SYNC.has(codeOf(error))) throw error;
  }
}
