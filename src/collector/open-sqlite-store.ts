import { type BoardTable, type Numbered, openBoardTable, parseEvent } from "./board-table.ts";
import { type Database, inTransaction, numberAt, type Row, textAt } from "./database.ts";
import { findConflict } from "./find-conflict.ts";
import { prepareSchema } from "./sqlite-schema.ts";
import type { CredentialKind, Head, Outcome, Recorded, Sent, Store, StoredEvent, Submission, Team } from "./store.ts";

/** Clocks from here on are somebody's mistake, and would be everybody's if they were passed on. */
const CLOCK_LIMIT = 2 ** 48;

/** Keeps everything in one SQLite database, which it closes with itself. */
export function openSqliteStore(database: Database): Store {
  prepareSchema(database);
  const board = openBoardTable(database);
  const record = createRecorder(database, board);
  const head = database.prepare("SELECT seq, clock FROM teams WHERE id = ?");
  const team = database.prepare("SELECT id, slug FROM teams WHERE slug = ?");
  const events = database.prepare(
    "SELECT seq, received_at, body FROM events WHERE team = ? AND seq > ? ORDER BY seq LIMIT ?",
  );
  const latest = database.prepare(
    "SELECT seq, received_at, body FROM events WHERE team = ? AND seq > ? ORDER BY seq DESC LIMIT ?",
  );
  const credential = database.prepare(
    "SELECT id, slug, kind, expires_at FROM credentials JOIN teams ON teams.id = team WHERE hash = ?",
  );
  const readHead = ({ id }: Team): Head => {
    const row = head.get(id);
    return row ? { seq: numberAt(row, "seq"), clock: numberAt(row, "clock") } : { seq: 0, clock: 0 };
  };
  return {
    async ensureTeam(slug) {
      const known = team.get(slug);
      if (known) return { team: teamOf(known), created: false };
      const row = database.prepare("INSERT INTO teams (slug) VALUES (?) RETURNING id, slug").all(slug)[0];
      if (row === undefined) throw new TypeError("SQLite gave no row for a new team");
      return { team: teamOf(row), created: true };
    },
    async addCredential({ hash, team: { id }, kind, expiresAt }) {
      database
        .prepare("INSERT INTO credentials (hash, team, kind, expires_at) VALUES (?, ?, ?, ?)")
        .run(hash, id, kind, expiresAt);
    },
    async findCredential(hash) {
      const row = credential.get(hash);
      if (row === undefined) return undefined;
      const kind: CredentialKind = row.kind === "token" ? "token" : "session";
      return { hash, team: teamOf(row), kind, expiresAt: row.expires_at === null ? null : numberAt(row, "expires_at") };
    },
    async removeCredential(hash) {
      database.prepare("DELETE FROM credentials WHERE hash = ?").run(hash);
    },
    record: async (submissions) => inTransaction(database, () => submissions.map(record)),
    readHead: async (of) => readHead(of),
    async readEvents({ id }, { after, limit, bytes }) {
      const found: StoredEvent[] = [];
      let left = bytes;
      for (const row of events.iterate(id, after, limit)) {
        const event = storedEvent(row);
        left -= event.body.length;
        if (left < 0 && found.length > 0) break;
        found.push(event);
      }
      return found;
    },
    readBoard: async (of, { after, latest: limit }) => ({
      seq: readHead(of).seq,
      entries: board.read(of.id, after),
      latest: latest.all(of.id, after, limit).map(storedEvent),
    }),
    close: async () => database.close(),
  };
}

/** Creates what stores one submission inside a transaction: first write wins, numbers have no gap. */
function createRecorder(database: Database, board: BoardTable): (submission: Submission) => Recorded {
  const insert = database.prepare(
    `INSERT INTO events (team, seq, event_id, received_at, body) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (team, event_id) DO NOTHING`,
  );
  const stored = database.prepare("SELECT body FROM events WHERE team = ? AND event_id = ?");
  const head = database.prepare("SELECT seq, clock FROM teams WHERE id = ?");
  const advance = database.prepare("UPDATE teams SET seq = ?, clock = ? WHERE id = ?");
  return ({ team: { id }, events }) => {
    const before = head.get(id);
    let seq = before ? numberAt(before, "seq") : 0;
    let clock = before ? numberAt(before, "clock") : 0;
    const news: Numbered[] = [];
    const outcomes = events.map((sent): Outcome => {
      const { event, receivedAt, body } = sent;
      if (insert.run(id, seq + 1, event.event_id, receivedAt, body) === 0) {
        return compare(stored.get(id, event.event_id), sent);
      }
      seq += 1;
      news.push({ event, receivedAt, seq });
      if (event.lamport_clock < CLOCK_LIMIT) clock = Math.max(clock, event.lamport_clock);
      return "success";
    });
    if (news.length > 0) {
      board.apply(id, news);
      advance.run(seq, clock, id);
    }
    return { outcomes, clock };
  };
}

function compare(row: Row | undefined, { body, event }: Sent): Outcome {
  const stored = row ? textAt(row, "body") : body;
  if (stored === body) return "duplicate";
  const conflict = findConflict(parseEvent(stored), event);
  return conflict === undefined ? "duplicate" : { conflict };
}

function teamOf(row: Row): Team {
  return { id: numberAt(row, "id"), slug: textAt(row, "slug") };
}

function storedEvent(row: Row): StoredEvent {
  return { seq: numberAt(row, "seq"), receivedAt: numberAt(row, "received_at"), body: textAt(row, "body") };
}
