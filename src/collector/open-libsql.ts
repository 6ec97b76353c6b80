import { type Database, DatabaseError, type Row } from "./database.ts";

/** Opens a database with libsql, a native package that is installed where it can be. */
export async function openLibsql(path: string): Promise<Database> {
  const { default: Libsql } = await import("libsql");
  const database = translate(() => new Libsql(path));
  return {
    exec: (sql) => void translate(() => database.exec(sql)),
    prepare(sql) {
      const statement = translate(() => database.prepare(sql));
      return {
        run: (...values) => void translate(() => statement.run(...values)),
        get: (...values) => translate(() => rowOf(statement.get(...values))),
        all: (...values) => translate(() => statement.all(...values).filter(isRow)),
        *iterate(...values) {
          for (const value of translate(() => statement.iterate(...values))) {
            const row = rowOf(value);
            if (row !== undefined) yield row;
          }
        },
      };
    },
    close: () => void database.close(),
  };
}

function rowOf(value: unknown): Row | undefined {
  return isRow(value) ? value : undefined;
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null;
}

function translate<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof Error && "rawCode" in cause) {
      throw new DatabaseError(cause.message, { code: Number(cause.rawCode), cause });
    }
    throw cause;
  }
}
