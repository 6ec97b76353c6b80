import { Failure } from "../errors.ts";
import { type Database, inTransaction, numberAt } from "./database.ts";

const SCHEMA_VERSION = 1;
const TABLES = `
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE teams (
  id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE,
  seq INTEGER NOT NULL DEFAULT 0, clock INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE credentials (
  hash TEXT PRIMARY KEY, team INTEGER NOT NULL REFERENCES teams, kind TEXT NOT NULL, expires_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  team INTEGER NOT NULL, seq INTEGER NOT NULL, event_id TEXT NOT NULL,
  received_at INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (team, seq), UNIQUE (team, event_id)
) STRICT;
CREATE TABLE entries (
  team INTEGER NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (team, key)
) STRICT;
CREATE INDEX entries_by_seq ON entries (team, seq);
`;

/** Creates the tables where there are none; refuses those of a later release. */
export function prepareSchema(database: Database): void {
  const row = database.prepare("PRAGMA user_version").get();
  const version = row ? numberAt(row, "user_version") : 0;
  if (version > SCHEMA_VERSION) {
    throw new Failure("failed", {
      message: `The collector's database has version ${version}; this spec-kitty knows ${SCHEMA_VERSION}.`,
      nextStep: "Update spec-kitty, or name another folder: --data <dir>",
    });
  }
  if (version === 0) inTransaction(database, () => database.exec(`${TABLES} PRAGMA user_version = ${SCHEMA_VERSION};`));
}
