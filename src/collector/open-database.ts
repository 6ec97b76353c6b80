import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../errors.ts";
import { type Database, DatabaseError, type Row } from "./database.ts";
import { type Driver, openLibsql, openNodeSqlite } from "./sqlite-drivers.ts";

const FILE = "collector.db";
/** The first release without the WAL-reset bug: https://sqlite.org/wal.html#walresetbug */
const WAL_SINCE = [3, 51, 3] as const;
/** Reading a larger database whole would hold up the start too long. */
const CHECKED_SIZE = 256 * 1024 * 1024;

/**
 * Opens the database in a folder and keeps it to itself until it is closed. The kernel holds that lock, so it ends with
 * the process. Node's own SQLite is taken where it is sound with a write-ahead log, else libsql with a rollback journal.
 */
export async function openDatabase(folder: string, driver: Driver = openWithBest): Promise<Database> {
  const path = join(folder, FILE);
  const size = prepareFile(folder, path);
  const database = await driver(path);
  try {
    const journal = hasSoundLog(database) ? "wal" : "truncate";
    demand(database, { pragma: "locking_mode", value: "exclusive" });
    demand(database, { pragma: "journal_mode", value: journal });
    demand(database, { pragma: "synchronous", value: 2 });
    database.exec("PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; BEGIN EXCLUSIVE; COMMIT");
    if (size <= CHECKED_SIZE) check(database, path);
    return { ...database, close: () => closeAndUnlock(database) };
  } catch (error) {
    database.close();
    throw error instanceof DatabaseError ? explain(error, folder, path) : error;
  }
}

/** Opens with the SQLite inside Node where that is sound, else with the one of the package. */
export async function openWithBest(
  path: string,
  { inNode = openNodeSqlite, inPackage = openLibsql }: { inNode?: Driver; inPackage?: Driver } = {},
): Promise<Database> {
  const probe = await inNode(":memory:").catch(() => undefined);
  const isSound = probe !== undefined && hasSoundLog(probe);
  probe?.close();
  if (isSound) return inNode(path);
  try {
    return await inPackage(path);
  } catch (cause) {
    if (cause instanceof DatabaseError) throw cause;
    throw new Failure("failed", {
      message: "This Node has no SQLite that can be trusted with events, and the package libsql is not installed.",
      nextStep: "Use Node 22.23 or later, or run: npm install libsql@0.5.29",
      cause,
    });
  }
}

function hasSoundLog(database: Database): boolean {
  const parts = String(only(database.prepare("SELECT sqlite_version() AS version").get(), "version")).split(".");
  const difference = WAL_SINCE.map((part, index) => Number(parts[index]) - part).find((part) => part !== 0) ?? 0;
  return difference >= 0;
}

/** Makes folder and file readable by their owner alone, and gives the file's size. */
function prepareFile(folder: string, path: string): number {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
    return statSync(path).size;
  } catch (cause) {
    throw new Failure("failed", {
      message: `The collector cannot keep its events in ${folder}: ${cause instanceof Error ? cause.message : cause}`,
      nextStep: "Name a folder you may write to: --data <dir>",
      cause,
    });
  }
}

function demand(database: Database, { pragma, value }: { pragma: string; value: string | number }): void {
  database.prepare(`PRAGMA ${pragma} = ${value}`).all();
  const effective = only(database.prepare(`PRAGMA ${pragma}`).get(), pragma);
  if (effective === value) return;
  throw new Failure("failed", {
    message: `SQLite keeps ${pragma} at ${effective} where ${value} is needed to survive a crash.`,
    nextStep: "Move the collector's folder to a local disk: --data <dir>",
  });
}

function check(database: Database, path: string): void {
  const verdict = only(database.prepare("PRAGMA quick_check(1)").get(), "quick_check");
  if (verdict !== "ok") throw damaged(path, String(verdict));
}

function only(row: Row | undefined, column: string): Row[string] | undefined {
  return row?.[column];
}

/** libsql lets go of a file only when its statements are collected, so the lock is given back first. */
function closeAndUnlock(database: Database): void {
  database.exec("PRAGMA locking_mode = NORMAL; BEGIN IMMEDIATE; COMMIT");
  database.close();
}

function explain(error: DatabaseError, folder: string, path: string): Failure {
  if (error.reason === "damaged") return damaged(path, error.message, error);
  if (error.reason !== "locked") {
    return new Failure("failed", {
      message: `${path} cannot be used: ${error.message}`,
      nextStep: "Free some space or mend the permissions, or name another folder: --data <dir>",
      cause: error,
    });
  }
  return new Failure("failed", {
    message: `Another collector is running on ${folder}.`,
    nextStep: "Stop it first, or name another folder: --data <dir>",
    cause: error,
  });
}

function damaged(path: string, verdict: string, cause?: unknown): Failure {
  return new Failure("failed", {
    message: `${path} is damaged: ${verdict}`,
    nextStep:
      "Move it away or restore a copy, start again, then run in each clone: spec-kitty sync now --rebind --resend",
    cause,
  });
}
