import type { Envelope } from "../events/envelope.ts";
import { bodyOf, type Piece, renderLine } from "./line.ts";

/** The most bytes an event may have. */
export const LONGEST_EVENT = 64 * 1024;
/** More bytes than the line of any event has. */
export const LONGEST_RECORD = LONGEST_EVENT + 1024;

const HEAD = /^\{"v":1,"id":"[0-9A-Z]{26}","lc":(\d{1,15}),"at":"([^"]{1,40})","e":/;
const LONGEST_HEAD = 160;
const ID_AT = '{"v":1,"id":"'.length;
const ID_LENGTH = 26;
const THIS_VERSION = '{"v":1,';

/** One event as the queue holds it; the event itself is parsed when it is asked for, while the bytes of its line are good. */
export interface QueueRecord {
  readonly id: string;
  readonly clock: number;
  /** When it was appended, in ms. */
  readonly at: number;
  /** Undefined if there is no event of this id inside. */
  readEvent(): Envelope | undefined;
}

/** Renders the line of an event that is appended `at` this time. */
export function renderRecord(event: Envelope, json: string, at: number): string {
  const { event_id, lamport_clock } = event;
  return renderLine(event_id, `"lc":${lamport_clock},"at":"${new Date(at).toISOString()}","e":${json}`);
}

/** What a piece of a queue file turns out to be; `newer` is a line that only a later release can read. */
export type Found =
  | { readonly kind: "record"; readonly record: QueueRecord }
  | { readonly kind: "newer" }
  | { readonly kind: "damaged"; readonly bytes: Buffer };

/** Parses a piece of a queue file. */
export function parsePiece({ whole, bytes }: Piece): Found {
  if (!whole) return { kind: "damaged", bytes };
  const [head, clock, at] = HEAD.exec(bytes.toString("latin1", 0, LONGEST_HEAD)) ?? [];
  if (head === undefined || at === undefined) {
    return bytes.toString("latin1", 0, THIS_VERSION.length) === THIS_VERSION
      ? { kind: "damaged", bytes }
      : { kind: "newer" };
  }
  const id = bytes.toString("latin1", ID_AT, ID_AT + ID_LENGTH); // not a part of the head, which it would keep alive
  const readEvent = () => parseEvent(bodyOf(bytes).toString("utf8", head.length), id);
  return { kind: "record", record: { id, clock: Number(clock), at: Date.parse(at), readEvent } };
}

/** The records among pieces of a queue file. */
export function* recordsOf(pieces: Iterable<Piece>): Generator<QueueRecord> {
  for (const piece of pieces) {
    const found = parsePiece(piece);
    if (found.kind === "record") yield found.record;
  }
}

function parseEvent(json: string, id: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isEvent(value, id) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The checksum says that we wrote it, and what we write was valid: the id alone tells an event from a foreign thing. */
function isEvent(value: unknown, id: string): value is Envelope {
  return typeof value === "object" && value !== null && "event_id" in value && value.event_id === id;
}
