import { randomBytes } from "node:crypto";
import { readdirSync, renameSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { isUlid, ulidFrom } from "../events/ulid.ts";
import { codeOf, makeFolder, openIfThere, syncFolder, toFailure } from "./durable-file.ts";
import type { Piece } from "./line.ts";
import { readLines } from "./read-lines.ts";

/** Where a segment may lie once it is sealed. */
export type Shelf = "sealed" | "archive";

const SHELVES = ["sealed", "archive"] as const satisfies readonly Shelf[]; // the way a segment goes: none is missed while it moves
const REFUSED = new Set(["ENOENT", "EBUSY", "EPERM", "EACCES"]);
const ULID_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The segment that is written to, and the acks that go with it. */
export const activePath = (folder: string): string => join(folder, "queue.jsonl");
export const activeAcksPath = (folder: string): string => join(folder, "queue.acks");

/** A sealed segment's file of events or acks on a shelf. */
export function segmentPath(folder: string, shelf: Shelf, name: string, kind: "jsonl" | "acks"): string {
  return join(folder, shelf, `${name}.${kind}`);
}

/** The sealed segments by name, oldest first, with the shelf each lies on. */
export function listSegments(folder: string, kind: "jsonl" | "acks" = "jsonl"): Map<string, Shelf> {
  const found = SHELVES.flatMap((shelf) => listNames(join(folder, shelf), kind).map((name) => [name, shelf] as const));
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** The names in a folder that end so and are ULIDs. */
function listNames(folder: string, kind: string): string[] {
  const names = listFolder(folder).filter((name) => name.endsWith(`.${kind}`));
  return names.map((name) => name.slice(0, -kind.length - 1)).filter(isUlid);
}

/** What is in a folder; a missing one is empty. */
export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw error;
  }
}

/** The lines of all segments in append order, and what is between them; what is sealed or moved meanwhile is not missed. */
export function* readSegments(folder: string): Generator<Piece> {
  const read = new Set<string>();
  do {
    for (const name of listSegments(folder).keys()) {
      if (read.has(name)) continue;
      read.add(name);
      yield* readSegment(folder, name, "jsonl");
    }
    yield* readLines(activePath(folder));
  } while ([...listSegments(folder).keys()].some((name) => !read.has(name)));
}

/** The lines of one sealed segment, wherever it lies by now. */
export function* readSegment(folder: string, name: string, kind: "jsonl" | "acks"): Generator<Piece> {
  for (const shelf of SHELVES) {
    let isThere = false;
    for (const piece of readLines(segmentPath(folder, shelf, name, kind))) {
      isThere = true;
      yield piece;
    }
    if (isThere) return;
  }
}

/** Opens the newest sealed segment, wherever it lies; undefined if nothing was ever sealed. */
export function openNewest(folder: string): number | undefined {
  const name = [...listSegments(folder).keys()].at(-1);
  if (name === undefined) return undefined;
  const paths = SHELVES.map((shelf) => segmentPath(folder, shelf, name, "jsonl"));
  return paths.reduce<number | undefined>((file, path) => file ?? openIfThere(path), undefined);
}

/** Seals the active segment: a rename, so that a writer who has it open still writes to it. */
export function sealSegment(folder: string, now: number): boolean {
  const newest = [...listSegments(folder).keys()].at(-1);
  const name = ulidFrom(Math.max(now, newest === undefined ? 0 : timeOf(newest) + 1), randomBytes(10));
  if (!moveFile(activePath(folder), segmentPath(folder, "sealed", name, "jsonl"))) return false;
  moveFile(activeAcksPath(folder), segmentPath(folder, "sealed", name, "acks"));
  return true;
}

/** When a segment was sealed, in ms. */
export function timeOf(name: string): number {
  return [...name.slice(0, 10)].reduce((time, digit) => time * ULID_DIGITS.length + ULID_DIGITS.indexOf(digit), 0);
}

/** Moves a file; false if it is not there or, on Windows, in use. */
export function moveFile(from: string, to: string): boolean {
  try {
    makeFolder(dirname(to));
    if (!isDone(() => renameSync(from, to))) return false;
    syncFolder(dirname(to));
    syncFolder(dirname(from));
    return true;
  } catch (error) {
    throw toFailure(from, error);
  }
}

/** Deletes a file; false if it is not there or, on Windows, in use. */
export function deleteFile(path: string): boolean {
  try {
    return isDone(() => unlinkSync(path));
  } catch (error) {
    throw toFailure(path, error);
  }
}

function isDone(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (REFUSED.has(codeOf(error))) return false;
    throw error;
  }
}
