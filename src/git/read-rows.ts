import { parseStatusRow, type StatusRow } from "../model/parse-status-row.ts";
import { createCache } from "./cache.ts";
import type { ObjectReader } from "./object-reader.ts";

/** Transition rows by work package, in time order. */
type Rows = ReadonlyMap<string, readonly StatusRow[]>;

interface Version {
  readonly bytes: Buffer;
  readonly rows: Rows;
}

/**
 * Creates a reader of event logs, given features by name and the log's blob. A log is only ever appended to, so the rows
 * of the version read before are taken over where the new bytes start with the old ones; any other is read anew.
 */
export function createRowReader(objects: ObjectReader) {
  const versions = createCache<Version>(64);
  const latest = createCache<Version>(256);
  return async (
    logs: readonly (readonly [feature: string, blob: string | undefined])[],
  ): Promise<(Rows | undefined)[]> => {
    const wanted = logs.flatMap(([, blob]) => (blob === undefined ? [] : [blob]));
    const read = new Map(wanted.map((blob) => [blob, versions.peek(blob)]));
    const unread = [...read].flatMap(([blob, version]) => (version ? [] : [blob]));
    const bytes = await objects.read(unread);
    const byBlob = new Map(unread.map((blob, index) => [blob, bytes[index]]));
    return logs.map(([feature, blob]) => {
      if (blob === undefined) return undefined;
      const version = read.get(blob) ?? addVersion(byBlob.get(blob), latest.peek(feature));
      read.set(blob, version);
      versions.set(blob, version);
      latest.set(feature, version);
      return version.rows.size > 0 ? version.rows : undefined;
    });
  };
}

function addVersion(read: Buffer | undefined, before: Version | undefined): Version {
  const bytes = Buffer.from(read ?? []); // a copy: what git printed is one large piece
  const grown = before?.bytes.at(-1) === 0x0a && bytes.subarray(0, before.bytes.length).equals(before.bytes);
  const text = bytes.toString("utf8", grown ? before.bytes.length : 0);
  return { bytes, rows: addRows(grown ? before.rows : new Map(), text) };
}

function addRows(before: Rows, text: string): Rows {
  const ids = new Set([...before.values()].flatMap((rows) => rows.map(({ eventId }) => eventId)));
  const added = text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .flatMap((line) => parseStatusRow(line) ?? [])
    .map((row) => claimId(row, ids));
  const rows = new Map(before);
  for (const id of new Set(added.map(({ workPackage }) => workPackage))) {
    const all = [...(before.get(id) ?? []), ...added.filter(({ workPackage }) => workPackage === id)];
    rows.set(
      id,
      all.sort((a, b) => a.time - b.time),
    );
  }
  return rows;
}

/** Of rows that share an id the first one keeps it: two moves must never become one event. */
function claimId(row: StatusRow, ids: Set<string | undefined>): StatusRow {
  const taken = ids.has(row.eventId);
  ids.add(row.eventId);
  return taken ? { ...row, eventId: undefined } : row;
}
