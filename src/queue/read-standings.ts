import { type Ack, applyAck, parseAck, type Standing, standings } from "./ack.ts";
import type { Piece } from "./line.ts";
import { readLines } from "./read-lines.ts";
import { activeAcksPath, listSegments, readSegment } from "./segments.ts";
import { readSettled } from "./settled-ids.ts";

/** Where each event stands for targets any of whose acks count; the acks are read once, now. */
export function readStandings(folder: string, targets: readonly string[]): (id: string) => Standing {
  const byId = foldAcks(folder, targets);
  let settled: ReturnType<typeof readSettled> | undefined; // read only if an event has to be looked up there
  return (id) => {
    const standing = byId.get(id) ?? standings.pending;
    if (standing.state === "delivered" || standing.state === "skipped") return standing;
    settled ??= readSettled(folder, targets);
    const state = settled.get(id);
    return state ? standings[state] : standing;
  };
}

function foldAcks(folder: string, targets: readonly string[]): Map<string, Standing> {
  const wanted = new Set(targets);
  const byId = new Map<string, Standing>();
  for (const ack of readAcks(folder)) {
    if (wanted.has(ack.target)) byId.set(ack.id, applyAck(byId.get(ack.id) ?? standings.pending, ack));
  }
  return byId;
}

/** All acks in append order. A file that is sealed meanwhile is read twice: `failed` may then count double, no more. */
export function* readAcks(folder: string): Generator<Ack> {
  const read = new Set<string>();
  do {
    for (const name of listSegments(folder, "acks").keys()) {
      if (read.has(name)) continue;
      read.add(name);
      yield* acksOf(readSegment(folder, name, "acks"));
    }
    yield* acksOf(readLines(activeAcksPath(folder)));
  } while ([...listSegments(folder, "acks").keys()].some((name) => !read.has(name)));
}

/** The acks among lines of a file of acks. */
export function* acksOf(pieces: Iterable<Piece>): Generator<Ack> {
  for (const { whole, bytes } of pieces) {
    const ack = whole ? parseAck(bytes) : undefined;
    if (ack) yield ack;
  }
}
