import { applyEvent } from "../board/apply-event.ts";
import { BOARD_VERSION, type Entry } from "../board/entry.ts";
import { isKnown, keyOf, placeOf } from "../board/place.ts";
import type { AnyEvent, Arrival } from "../board/received-event.ts";
import { type Database, inTransaction, numberAt, type Row, textAt } from "./database.ts";

/** An event and its number in its team. */
export interface Numbered extends Arrival {
  readonly seq: number;
}

/** The boards as a table of entries, folded from the events as they come in. */
export interface BoardTable {
  /** Folds new events into the boards of their team, inside the caller's transaction. */
  apply(team: number, events: readonly Numbered[]): void;
  /** Entries that an event after this number has changed. */
  read(team: number, after: number): readonly Entry[];
}

/** Opens the boards; those of an older fold are made anew from the events. */
export function openBoardTable(database: Database): BoardTable {
  const select = database.prepare(
    "SELECT key, body FROM entries WHERE team = ? AND key IN (SELECT value FROM json_each(?))",
  );
  const upsert = database.prepare(
    `INSERT INTO entries (team, key, seq, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (team, key) DO UPDATE SET seq = excluded.seq, body = excluded.body`,
  );
  const changed = database.prepare("SELECT body FROM entries WHERE team = ? AND seq > ? ORDER BY seq");
  const table: BoardTable = {
    apply(team, events) {
      const placed = events.flatMap(({ event, ...rest }) => {
        const place = isKnown(event) ? placeOf(event) : undefined;
        return isKnown(event) && place ? [{ event, ...rest, place, key: keyOf(place) }] : [];
      });
      const keys = JSON.stringify([...new Set(placed.map(({ key }) => key))]);
      const known = new Map(select.all(team, keys).map((row) => [textAt(row, "key"), parseEntry(textAt(row, "body"))]));
      const news = new Map<string, { entry: Entry; seq: number }>();
      for (const { key, place, seq, ...arrival } of placed) {
        news.set(key, { entry: applyEvent(news.get(key)?.entry ?? known.get(key), place, arrival), seq });
      }
      for (const [key, { entry, seq }] of news) upsert.run(team, key, seq, JSON.stringify(entry));
    },
    read: (team, after) => changed.all(team, after).map((row) => parseEntry(textAt(row, "body"))),
  };
  const version = database.prepare("SELECT value FROM facts WHERE name = 'board'").get();
  if (version?.value !== BOARD_VERSION) inTransaction(database, () => rebuild(database, table));
  return table;
}

/** Only this file writes entries, so what it reads back is one. */
function parseEntry(body: string): Entry {
  return JSON.parse(body);
}

function rebuild(database: Database, table: BoardTable): void {
  database.exec("DELETE FROM entries");
  const page = database.prepare("SELECT * FROM events WHERE team = ? AND seq > ? ORDER BY seq LIMIT 1000");
  for (const row of database.prepare("SELECT id FROM teams").all()) {
    const team = numberAt(row, "id");
    let events = page.all(team, 0).map(numbered);
    while (events.length > 0) {
      table.apply(team, events);
      events = page.all(team, events.at(-1)?.seq ?? 0).map(numbered);
    }
  }
  database.prepare("INSERT OR REPLACE INTO facts (name, value) VALUES ('board', ?)").run(BOARD_VERSION);
}

function numbered(row: Row): Numbered {
  return {
    event: parseEvent(textAt(row, "body")),
    seq: numberAt(row, "seq"),
    receivedAt: numberAt(row, "received_at"),
  };
}

/** Only events that passed the contract's rules are kept. */
export function parseEvent(body: string): AnyEvent {
  return JSON.parse(body);
}
