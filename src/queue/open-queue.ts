import type { Envelope } from "../events/envelope.ts";
import { type Ack, type EventState, renderAck } from "./ack.ts";
import { appendEvents, type NewEvent } from "./append-events.ts";
import { ageArchive, archiveSettled, sealLarge } from "./archive.ts";
import { type Binding, readBinding, writeBinding } from "./binding.ts";
import { type Counts, countEvents } from "./count-events.ts";
import { buryDead } from "./dead-letters.ts";
import { appendLines } from "./durable-file.ts";
import { type Hints, readHints, writeHints } from "./hints.ts";
import type { LamportClock } from "./lamport-clock.ts";
import { readMark } from "./mark.ts";
import { readStandings } from "./read-standings.ts";
import { recordsOf } from "./record.ts";
import { activeAcksPath, readSegments } from "./segments.ts";

export type { Ack, Binding, Counts, EventState, NewEvent };

export interface QueueOptions {
  /** `<commonDir>/spec-kitty`; it may not exist yet. */
  readonly folder: string;
  readonly clock: LamportClock;
  /** In ms. */
  readonly now: () => number;
  /** Of this process, for its locks. */
  readonly pid?: number;
}

/** An event of the queue, with where it stands. */
export interface QueuedEvent {
  /** The record's clock in decimal: strictly increasing in append order, and the same wherever the segment lies. */
  readonly position: string;
  readonly state: EventState;
  readonly event: Envelope;
  /** When it was appended, in ms. */
  readonly at: number;
  readonly reason?: string;
}

/** An event that is not delivered yet, with the attempts made so far. */
export interface PendingEvent {
  readonly event: Envelope;
  readonly attempts: number;
  readonly firstFailedAt: number | undefined;
}

/**
 * A repository's events, from the moment they are known until they are delivered, and after.
 *
 * An event is appended to the active segment, `queue.jsonl`. Once that is large it is sealed: renamed, for nobody else
 * ever writes there. What a target said of an event is an ack, appended to `queue.acks`; an event without one is pending.
 * A sealed segment in which nothing is pending goes to the archive, and after a week only the ids of its events remain.
 * Nothing is ever overwritten, so that a process may die at any point: at worst an event is there twice, or sent twice.
 */
export interface Queue {
  /**
   * Under the lock: drops events whose id is known (recent: in the last 256 KiB of the active segment; all: anywhere),
   * ticks once for the rest, writes and syncs them with one call. Gives what was appended.
   */
  append(events: readonly NewEvent[], options: { readonly known: "recent" | "all" }): Promise<readonly Envelope[]>;
  /** All events in append order, each id once, with their state for these targets (acks of any of them count). */
  events(options: { readonly targets: readonly string[]; readonly after?: string }): Iterable<QueuedEvent>;
  /** Pending events, oldest first, each id once. */
  pending(targets: readonly string[]): Iterable<PendingEvent>;
  /** Appends acks with one write and sync; what is dead is also copied to `dead.jsonl`. */
  settle(acks: readonly Ack[]): void;
  counts(targets: readonly string[]): Counts;
  /** Seals a large active segment (`force`: any that is not empty), archives settled segments, ages the archive. */
  maintain(options: { readonly targets: readonly string[]; readonly force?: boolean }): void;
  readHints(): Hints;
  writeHints(patch: Hints): void;
  readBinding(): Binding | undefined;
  writeBinding(binding: Binding): void;
}

/** Opens the queue of a repository; nothing is read or written before it is used. */
export function openQueue({ folder, clock, now, pid }: QueueOptions): Queue {
  return {
    append: (events, options) => appendEvents({ folder, clock, now, pid }, events, options),
    events: ({ targets, after }) => listEvents(folder, targets, after === undefined ? -1 : Number(after)),
    pending: (targets) => listPending(folder, targets),
    settle(acks) {
      buryDead(folder, acks); // first: a crash in between leaves it pending, and a copy too many
      appendLines(activeAcksPath(folder), acks.map(renderAck));
    },
    counts: (targets) => countEvents(folder, targets),
    maintain({ targets, force = false }) {
      const mark = readMark(folder);
      if (sealLarge({ folder, now: now(), force })) writeHints(folder, { clock: mark });
      const upkeep = { folder, now: now(), standingOf: readStandings(folder, targets) };
      archiveSettled(upkeep);
      ageArchive(upkeep);
    },
    readHints: () => readHints(folder),
    writeHints: (patch) => writeHints(folder, patch),
    readBinding: () => readBinding(folder),
    writeBinding: (binding) => writeBinding(folder, binding),
  };
}

function* listEvents(folder: string, targets: readonly string[], after: number): Generator<QueuedEvent> {
  if (readMark(folder) <= after) return; // whoever follows the queue asks often
  const standingOf = readStandings(folder, targets);
  const seen = new Set<string>();
  for (const { id, clock, at, readEvent } of recordsOf(readSegments(folder))) {
    if (seen.has(id)) continue;
    seen.add(id);
    const event = clock > after ? readEvent() : undefined;
    if (!event) continue;
    const { state, reason } = standingOf(id);
    yield { position: String(clock), state, event, at, ...(reason !== undefined && { reason }) };
  }
}

function* listPending(folder: string, targets: readonly string[]): Generator<PendingEvent> {
  const standingOf = readStandings(folder, targets);
  const seen = new Set<string>();
  for (const { id, readEvent } of recordsOf(readSegments(folder))) {
    const { state, attempts, firstFailedAt } = standingOf(id);
    if (state !== "pending" || seen.has(id)) continue;
    seen.add(id);
    const event = readEvent();
    if (event) yield { event, attempts, firstFailedAt };
  }
}
