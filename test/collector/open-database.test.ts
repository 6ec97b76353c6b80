import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Database, DatabaseError, numberAt, textAt } from "../../src/collector/database.ts";
import { openDatabase, openWithBest } from "../../src/collector/open-database.ts";
import { openSqliteStore } from "../../src/collector/open-sqlite-store.ts";
import { type Driver, openLibsql } from "../../src/collector/sqlite-drivers.ts";
import { drivers } from "./drivers.ts";
import { makeDatabase, makeFolder } from "./folders.ts";

const pragma = (database: Database, name: string) => database.prepare(`PRAGMA ${name}`).get()?.[name];

describe.each(drivers)("a database on %s", (name, driver) => {
  test("survives a crash by its pragmas: a log where that is sound, else a rollback journal", async () => {
    const database = await makeDatabase(driver);
    expect(pragma(database, "journal_mode")).toBe(name === "libsql" ? "truncate" : "wal");
    expect(pragma(database, "synchronous")).toBe(2);
    expect(pragma(database, "locking_mode")).toBe("exclusive");
  });

  test("is one collector's alone, until that ends", async () => {
    const folder = makeFolder();
    const first = await openDatabase(folder, driver);
    await expect(openDatabase(folder, driver)).rejects.toMatchObject({
      code: "failed",
      message: `Another collector is running on ${folder}.`,
      nextStep: expect.stringContaining("--data"),
    });
    first.close();
    (await openDatabase(folder, driver)).close();
  });

  test("that is no database is refused, and left as it is", async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, "collector.db"), "no database, whatever it is ".repeat(400));
    await expect(openDatabase(folder, driver)).rejects.toMatchObject({
      message: expect.stringContaining("is damaged"),
      nextStep: expect.stringContaining("sync now --rebind --resend"),
    });
    expect(statSync(join(folder, "collector.db")).size).toBe(28 * 400);
  });

  test("with a page that is torn is refused", async () => {
    const folder = makeFolder();
    const database = await openDatabase(folder, driver);
    database.exec("CREATE TABLE t (a TEXT UNIQUE); BEGIN");
    const insert = database.prepare("INSERT INTO t VALUES (?)");
    for (let index = 0; index < 2000; index++) insert.run(`${index} ${"x".repeat(60)}`);
    database.exec("COMMIT");
    database.close();
    const path = join(folder, "collector.db");
    const { size } = statSync(path);
    const file = openSync(path, "r+");
    writeSync(file, Buffer.alloc(size - 8192, 0xa5), 0, size - 8192, 8192);
    closeSync(file);
    await expect(openDatabase(folder, driver)).rejects.toMatchObject({
      message: expect.stringContaining("is damaged"),
    });
  });

  test("of a later release is refused", async () => {
    const database = await makeDatabase(driver);
    database.exec("PRAGMA user_version = 99");
    expect(() => openSqliteStore(database)).toThrow(/has version 99; this spec-kitty knows 1/);
  });

  test("tells which of SQLite's failures it is", async () => {
    const database = await makeDatabase(driver);
    expect(() => database.exec("SELECT nonsense")).toThrow(DatabaseError);
    expect(() => database.prepare("SELECT nonsense")).toThrow(expect.objectContaining({ reason: "other" }));
    database.exec("CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1), (2), (3)");
    expect(() => database.prepare("INSERT INTO t VALUES (?)").run(1)).toThrow(
      expect.objectContaining({ reason: "other" }),
    );
    expect([...database.prepare("SELECT a FROM t WHERE a > ? ORDER BY a").iterate(1)].map((row) => row.a)).toEqual([
      2, 3,
    ]);
  });
});

test("is readable by its owner alone", async () => {
  const folder = join(makeFolder(), "deep", "collector");
  const database = await openDatabase(folder);
  openSqliteStore(database);
  for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) {
    expect(statSync(path).mode & 0o077).toBe(0);
  }
  database.close();
});

test("a folder that cannot be made is named", async () => {
  const file = join(makeFolder(), "file");
  writeFileSync(file, "");
  await expect(openDatabase(join(file, "data"))).rejects.toMatchObject({
    message: expect.stringContaining(join(file, "data")),
    nextStep: expect.stringContaining("--data <dir>"),
  });
});

test("a pragma that has no effect is refused: a network disk may not keep a log", async () => {
  const driver: Driver = async (path) => {
    const database = await openLibsql(path);
    return {
      ...database,
      prepare: (sql) =>
        sql === "PRAGMA synchronous" ? database.prepare("SELECT 0 AS synchronous") : database.prepare(sql),
    };
  };
  await expect(openDatabase(makeFolder(), driver)).rejects.toMatchObject({
    message: "SQLite keeps synchronous at 0 where 2 is needed to survive a crash.",
  });
});

test("a disk that fails is no damage, and no other collector", async () => {
  const driver: Driver = async () => ({
    exec: () => undefined,
    prepare: () => {
      throw new DatabaseError("disk I/O error", { code: 10, cause: undefined });
    },
    close: () => undefined,
  });
  await expect(openDatabase(makeFolder(), driver)).rejects.toMatchObject({
    message: expect.stringContaining("cannot be used: disk I/O error"),
  });
});

test("a bug while opening is told as one", async () => {
  const driver: Driver = async () => Promise.reject(new TypeError("of x"));
  await expect(openDatabase(makeFolder(), driver)).rejects.toThrow(TypeError);
});

describe("the library", () => {
  const missing: Driver = () => Promise.reject(new Error("Cannot find package"));
  const withVersion =
    (version: string, opened: string[]): Driver =>
    async (path) => {
      opened.push(path);
      return {
        ...(await openLibsql(":memory:")),
        prepare: () => ({ run: () => 0, get: () => ({ version }), all: () => [], iterate: () => [] }),
      };
    };

  test.each<[string, boolean]>([
    ["3.51.2", false],
    ["3.51.3", true],
    ["3.60.0", true],
    ["4.0.0", true],
    ["3.9.9", false],
  ])("inside Node is taken from 3.51.3 on: %s, %s", async (version, isTaken) => {
    const [inNode, inPackage]: [string[], string[]] = [[], []];
    await openWithBest("x.db", { inNode: withVersion(version, inNode), inPackage: withVersion("3.45.1", inPackage) });
    expect([inNode, inPackage]).toEqual(isTaken ? [[":memory:", "x.db"], []] : [[":memory:"], ["x.db"]]);
  });

  test("is asked for where there is none", async () => {
    await expect(openWithBest("x.db", { inNode: missing, inPackage: missing })).rejects.toMatchObject({
      nextStep: expect.stringContaining("npm install libsql"),
    });
  });
});

test("a column of another type than the schema's is a bug", () => {
  expect(() => textAt({ a: 1 }, "a")).toThrow("column a holds no text");
  expect(() => numberAt({ a: null }, "a")).toThrow("column a holds no number");
});
