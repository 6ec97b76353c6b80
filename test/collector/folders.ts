import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Database } from "../../src/collector/database.ts";
import { openDatabase } from "../../src/collector/open-database.ts";
import type { Driver } from "../../src/collector/sqlite-drivers.ts";

/** A folder of its own, removed with the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "spec-kitty-collector-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** An open database in a folder of its own. */
export async function makeDatabase(driver?: Driver): Promise<Database> {
  const database = await openDatabase(makeFolder(), driver);
  onTestFinished(() => {
    try {
      database.close();
    } catch {
      // The test has closed it.
    }
  });
  return database;
}
