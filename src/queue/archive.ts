import { statSync } from "node:fs";
import { applyAck, renderAck, type Standing, standings } from "./ack.ts";
import { replaceFile } from "./durable-file.ts";
import { quarantine } from "./quarantine.ts";
import { readLines } from "./read-lines.ts";
import { acksOf, readAcks } from "./read-standings.ts";
import { parsePiece, recordsOf } from "./record.ts";
import {
  activePath,
  deleteFile,
  listSegments,
  moveFile,
  readSegment,
  readSegments,
  sealSegment,
  segmentPath,
  timeOf,
} from "./segments.ts";
import { rememberSettled, type SettledState } from "./settled-ids.ts";

const LARGE = 1024 * 1024;
const MANY = 1000;
/** A writer that was stopped before the segment was sealed may still write to it for so long. */
const GRACE = 10 * 60_000;
const KEPT_FOR = 7 * 24 * 60 * 60_000;
const KEPT_BYTES = 50 * 1024 * 1024;

/** What the moves of segments need to know. */
export interface Upkeep {
  readonly folder: string;
  readonly now: number;
  readonly standingOf: (id: string) => Standing;
}

/** Seals the active segment once it is large, or `force`d if it is not empty. */
export function sealLarge({ folder, now, force }: { folder: string; now: number; force: boolean }): boolean {
  const { size } = statOf(activePath(folder));
  if (size === 0) return false;
  let events = 0;
  let held: Buffer | undefined; // damage at the very end may be a line that is being written
  for (const piece of readLines(activePath(folder))) {
    if (held) quarantine(folder, held, now);
    const found = parsePiece(piece);
    held = found.kind === "damaged" ? Buffer.from(found.bytes) : undefined;
    if (found.kind === "record") events += 1;
  }
  return (force || size > LARGE || events > MANY) && sealSegment(folder, now);
}

/** Moves sealed segments to the archive when nothing in them is pending and nobody writes to them any more. */
export function archiveSettled(upkeep: Upkeep): void {
  const { folder, now } = upkeep;
  for (const [name, shelf] of listSegments(folder)) {
    const from = segmentPath(folder, "sealed", name, "jsonl");
    const before = statOf(from);
    if (shelf === "archive" || isRecent(timeOf(name), now) || isRecent(before.mtimeMs, now)) continue;
    if (!hasEnded(upkeep, name, (state) => state !== "pending") || statOf(from).size !== before.size) continue;
    if (!moveFile(from, segmentPath(folder, "archive", name, "jsonl"))) continue;
    moveFile(segmentPath(folder, "sealed", name, "acks"), segmentPath(folder, "archive", name, "acks"));
  }
}

/** Deletes what the archive has held for long or has too much of; of delivered and skipped events the ids remain. */
export function ageArchive(upkeep: Upkeep): void {
  const { folder, now } = upkeep;
  const archived = [...listSegments(folder)].filter(([, shelf]) => shelf === "archive").map(([name]) => name);
  let bytes = archived.reduce((sum, name) => sum + sizeOf(folder, name), 0);
  const old: string[] = [];
  for (const name of archived) {
    if (now - timeOf(name) <= KEPT_FOR && bytes <= KEPT_BYTES) continue;
    if (!hasEnded(upkeep, name, (state) => state === "delivered" || state === "skipped")) continue;
    old.push(name);
    bytes -= sizeOf(folder, name);
  }
  if (old.length === 0) return;
  remember(folder, old);
  for (const name of old) deleteFile(segmentPath(folder, "archive", name, "jsonl"));
  trimAcks(folder);
}

/** True if all of a segment has come to such a state; an event that a later release wrote never does. */
function hasEnded(
  { folder, now, standingOf }: Upkeep,
  name: string,
  isEnd: (state: Standing["state"]) => boolean,
): boolean {
  for (const piece of readSegment(folder, name, "jsonl")) {
    const found = parsePiece(piece);
    if (found.kind === "damaged") quarantine(folder, found.bytes, now);
    else if (found.kind === "newer" || !isEnd(standingOf(found.record.id).state)) return false;
  }
  return true;
}

function remember(folder: string, names: readonly string[]): void {
  const ids = new Set(names.flatMap((name) => [...recordsOf(readSegment(folder, name, "jsonl"))].map(({ id }) => id)));
  const targets = new Map<string, Map<string, Standing>>();
  for (const ack of readAcks(folder)) {
    if (!ids.has(ack.id)) continue;
    const target = targets.get(ack.target) ?? new Map<string, Standing>();
    target.set(ack.id, applyAck(target.get(ack.id) ?? standings.pending, ack));
    targets.set(ack.target, target);
  }
  for (const [target, standingById] of targets) {
    const settled = new Map<string, SettledState>();
    for (const [id, { state }] of standingById)
      if (state === "delivered" || state === "skipped") settled.set(id, state);
    rememberSettled(folder, target, settled);
  }
}

/** Acks whose own segment is gone may still be needed: they tell of older segments that a dead event keeps. */
function trimAcks(folder: string): void {
  const segments = listSegments(folder);
  const orphans = [...listSegments(folder, "acks")].filter(([name]) => !segments.has(name));
  const ids = new Set([...recordsOf(readSegments(folder))].map(({ id }) => id));
  for (const [name, shelf] of orphans) {
    const path = segmentPath(folder, shelf, name, "acks");
    const kept = [...acksOf(readSegment(folder, name, "acks"))].filter(({ id }) => ids.has(id));
    if (kept.length === 0) deleteFile(path);
    else replaceFile(path, kept.map(renderAck).join(""), { durable: true });
  }
}

function isRecent(time: number, now: number): boolean {
  return Math.abs(now - time) < GRACE; // a time far in the future is that of a clock that was wrong
}

function sizeOf(folder: string, name: string): number {
  return statOf(segmentPath(folder, "archive", name, "jsonl")).size;
}

function statOf(path: string): { size: number; mtimeMs: number } {
  return statSync(path, { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 };
}
