import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lastHookError } from "../../src/commands/last-hook-error.ts";
import { makeFolder } from "../helpers/folder.ts";

const OLD = "2026-01-01T00:00:00.000Z post-commit the disk is full";
const NEW = "2026-03-01T00:00:00.000Z post-commit the disk is full again";

test("the last error of hooks counts until a look has succeeded since", () => {
  const folder = makeFolder();
  const log = join(folder, "hook.log");
  expect(lastHookError(folder)).toBeUndefined();
  writeFileSync(log, "");
  expect(lastHookError(folder)).toBeUndefined();
  writeFileSync(log, `${OLD}\n`);
  expect(lastHookError(folder)).toBe(OLD);
  writeFileSync(join(folder, "seen.json"), "{}");
  const looked = Date.parse("2026-02-01T00:00:00Z") / 1000;
  utimesSync(join(folder, "seen.json"), looked, looked);
  expect(lastHookError(folder)).toBeUndefined();
  writeFileSync(log, `${OLD}\n${NEW}\n`);
  expect(lastHookError(folder)).toBe(NEW);
});
