import { type Database, DatabaseError } from "./database.ts";

/** Opens a database with the SQLite inside Node; rejects on Node 20, which has none. */
export async function openNodeSqlite(path: string): Promise<Database> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = translate(() => new DatabaseSync(path));
  return {
    exec: (sql) => translate(() => database.exec(sql)),
    prepare(sql) {
      const statement = translate(() => database.prepare(sql));
      return {
        run: (...values) => void translate(() => statement.run(...values)),
        get: (...values) => translate(() => statement.get(...values)),
        all: (...values) => translate(() => statement.all(...values)),
        iterate: (...values) => translate(() => statement.iterate(...values)),
      };
    },
    close: () => database.close(),
  };
}

function translate<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof Error && "errcode" in cause) {
      throw new DatabaseError(cause.message, { code: Number(cause.errcode), cause });
    }
    throw cause;
  }
}
