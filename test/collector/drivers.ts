import { type Driver, openLibsql, openNodeSqlite } from "../../src/collector/sqlite-drivers.ts";

/** The drivers that this Node and this platform have. */
export const drivers: readonly (readonly [name: string, driver: Driver])[] = await findDrivers();

async function findDrivers(): Promise<[string, Driver][]> {
  const all: [string, Driver][] = [
    ["libsql", openLibsql],
    ["node:sqlite", openNodeSqlite],
  ];
  const found: [string, Driver][] = [];
  for (const [name, driver] of all) {
    const database = await driver(":memory:").catch(() => undefined);
    if (database) found.push([name, driver]);
    else console.log(`Skipped: ${name} is not there in Node ${process.version}; its store is not tested.`);
    database?.close();
  }
  return found;
}
