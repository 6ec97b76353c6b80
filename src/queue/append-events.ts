import { closeSync, fdatasyncSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../errors.ts";
import type { Envelope } from "../events/envelope.ts";
import { readBinding } from "./binding.ts";
import { openToAppend, toFailure, writeLines } from "./durable-file.ts";
import { findRecent } from "./find-recent.ts";
import type { LamportClock } from "./lamport-clock.ts";
import { acquireLock } from "./lock.ts";
import { markOf, readOlderMark } from "./mark.ts";
import { LONGEST_EVENT, recordsOf, renderRecord } from "./record.ts";
import { activePath, readSegments, sealSegment } from "./segments.ts";
import { readSettled, readSettledIds } from "./settled-ids.ts";

/** An event that gets its clock when it is appended; `stamp` gives undefined for one that turned out invalid (its clock value is lost, nothing else). */
export interface NewEvent {
  readonly id: string;
  stamp(clock: number): Envelope | undefined;
}

/** Events that are too long for the queue were refused; all others of the batch are in it. */
export class TooLong extends Failure {
  readonly appended: readonly Envelope[];

  constructor(ids: readonly string[], appended: readonly Envelope[]) {
    super("failed", {
      message: `${ids.length === 1 ? "Event" : "Events"} ${ids.join(", ")}: longer than ${LONGEST_EVENT} bytes, not queued.`,
      nextStep: "Shorten the text it was made of, in its work package.",
    });
    this.appended = appended;
  }
}

/** How long to wait for a writer that hangs. Without the lock the order may suffer, never an event. */
const WAIT = 1000;

/** Where to append. */
export interface Target {
  readonly folder: string;
  readonly clock: LamportClock;
  readonly now: () => number;
  readonly pid?: number | undefined;
}

/** Appends those events whose id is not known yet, with one write, and gives them; they are on the disk then. */
export async function appendEvents(
  target: Target,
  events: readonly NewEvent[],
  { known }: { readonly known: "recent" | "all" },
): Promise<readonly Envelope[]> {
  const byId = new Map(events.map((event) => [event.id, event]));
  if (known === "all") dropKnown(target.folder, byId);
  if (byId.size === 0) return [];
  const path = activePath(target.folder);
  const lock = join(target.folder, "queue.lock");
  const release = await acquireLock(lock, { wait: WAIT, pid: target.pid });
  try {
    return await appendTo(path, target, byId);
  } catch (error) {
    throw toFailure(path, error);
  } finally {
    release?.();
  }
}

/** An event of which only the id is left counts as known where the targets that count now have it. */
function dropKnown(folder: string, byId: Map<string, NewEvent>): void {
  for (const { id } of recordsOf(readSegments(folder))) byId.delete(id);
  const binding = readBinding(folder);
  const settled = binding ? readSettled(folder, binding.counts).keys() : readSettledIds(folder);
  for (const id of settled) byId.delete(id);
}

async function appendTo(path: string, target: Target, byId: Map<string, NewEvent>): Promise<readonly Envelope[]> {
  const file = openToAppend(path);
  try {
    for (const id of findRecent(file, byId.keys())) byId.delete(id);
    const fresh = [...byId.values()];
    if (fresh.length === 0) return [];
    const first = await target.clock.tick(fresh.length, markOf(file) ?? readOlderMark(target.folder));
    const { events, lines, tooLong } = render(fresh, first, target.now());
    if (lines.length > 0) writeSafely(file, lines, target);
    if (tooLong.length > 0) throw new TooLong(tooLong, events);
    return events;
  } finally {
    closeSync(file);
  }
}

function render(fresh: readonly NewEvent[], first: number, at: number) {
  const events: Envelope[] = [];
  const lines: string[] = [];
  const tooLong: string[] = [];
  for (const [index, draft] of fresh.entries()) {
    const event = draft.stamp(first + index);
    if (!event) continue;
    const json = JSON.stringify(event);
    if (Buffer.byteLength(json) > LONGEST_EVENT) {
      tooLong.push(event.event_id);
    } else {
      events.push(event);
      lines.push(renderRecord(event, json, at));
    }
  }
  return { events, lines, tooLong };
}

/**
 * Writes and syncs. What became of the bytes of a failed sync is not known, and a second sync would say that all is well:
 * the segment is sealed as it is, and the lines are written again to a new one.
 */
function writeSafely(file: number, lines: readonly string[], { folder, now }: Target): void {
  writeLines(file, lines);
  try {
    fdatasyncSync(file);
  } catch {
    sealSegment(folder, now());
    const next = openToAppend(activePath(folder));
    try {
      writeLines(next, lines);
      fdatasyncSync(next);
    } catch (error) {
      sealSegment(folder, now()); // so that an attempt to come does not take these lines for safe ones
      throw error;
    } finally {
      closeSync(next);
    }
  }
}
