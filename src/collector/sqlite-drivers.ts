import { type Database, DatabaseError, type Row, type Value } from "./database.ts";

/** Opens a database file with one of the SQLite libraries. */
export type Driver = (path: string) => Promise<Database>;

/** What the libraries have in common. */
interface Native {
  exec(sql: string): unknown;
  prepare(sql: string): NativeStatement;
  close(): unknown;
}

interface NativeStatement {
  run(...values: Value[]): { readonly changes: number | bigint };
  get(...values: Value[]): unknown;
  all(...values: Value[]): unknown[];
  iterate(...values: Value[]): Iterable<unknown>;
}

/** Opens a database with the SQLite inside Node; rejects on Node 20, which has none. */
export async function openNodeSqlite(path: string): Promise<Database> {
  const { DatabaseSync } = await import("node:sqlite");
  return wrap(() => new DatabaseSync(path));
}

/** Opens a database with libsql, a native package that is installed where it can be. */
export async function openLibsql(path: string): Promise<Database> {
  const { default: Libsql } = await import("libsql");
  return wrap(() => new Libsql(path));
}

function wrap(open: () => Native): Database {
  const native = translate(open);
  return {
    exec: (sql) => void translate(() => native.exec(sql)),
    prepare(sql) {
      const statement = translate(() => native.prepare(sql));
      return {
        run: (...values) => Number(translate(() => statement.run(...values)).changes),
        get(...values) {
          const row = translate(() => statement.get(...values));
          return isRow(row) ? row : undefined;
        },
        all: (...values) => translate(() => statement.all(...values)).filter(isRow),
        *iterate(...values) {
          for (const row of translate(() => statement.iterate(...values))) if (isRow(row)) yield row;
        },
      };
    },
    close: () => void native.close(),
  };
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null;
}

/** Both libraries give SQLite's own result code, under names of their own. */
function translate<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const code = cause instanceof Error ? (Reflect.get(cause, "errcode") ?? Reflect.get(cause, "rawCode")) : undefined;
    if (cause instanceof Error && typeof code === "number") throw new DatabaseError(cause.message, { code, cause });
    throw cause;
  }
}
