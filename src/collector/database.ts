/** A value as SQLite stores it. */
export type Value = string | number | null;

/** A row by its columns. */
export type Row = Readonly<Record<string, Value>>;

/** A prepared statement. */
export interface Statement {
  /** Gives the number of rows it changed. */
  run(...values: Value[]): number;
  get(...values: Value[]): Row | undefined;
  all(...values: Value[]): readonly Row[];
  iterate(...values: Value[]): Iterable<Row>;
}

/** The one connection to a database, of whichever driver. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** What SQLite's primary result codes mean to us: https://sqlite.org/rescode.html */
const REASONS: ReadonlyMap<number, DatabaseError["reason"]> = new Map([
  [5, "locked"],
  [6, "locked"],
  [8, "read-only"],
  [10, "disk"],
  [11, "damaged"],
  [13, "full"],
  [14, "disk"],
  [26, "damaged"],
]);

/** The database could not do what it was told; nothing of the transaction was kept. */
export class DatabaseError extends Error {
  readonly reason: "locked" | "read-only" | "disk" | "damaged" | "full" | "other";

  constructor(message: string, { code, cause }: { code: number; cause: unknown }) {
    super(message, { cause });
    this.name = "DatabaseError";
    // The extended codes keep the primary one in their low byte.
    this.reason = REASONS.get(code & 0xff) ?? "other";
  }
}

/** Runs an action as one transaction: all of it is durable when this returns, or nothing is kept. */
export function inTransaction<T>(database: Database, action: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = action();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself when the disk is full or broken.
    }
    throw error;
  }
}

/** The text in a column; anything else there means that the code and the schema disagree. */
export function textAt(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`column ${column} holds no text`);
  return value;
}

/** The number in a column. */
export function numberAt(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new TypeError(`column ${column} holds no number`);
  return value;
}
