import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readClaims, writeClaims } from "../../src/capture/claims.ts";
import { makeFolder } from "../helpers/folder.ts";

const CLAIM = { worktree: "wt@1", feature: "001-x", workPackage: "WP01", at: 1, commit: "a".repeat(40) };

test("claims are read back", () => {
  const folder = makeFolder();
  expect(readClaims(folder)).toEqual([]);
  writeClaims(folder, [CLAIM]);
  expect(readClaims(folder)).toEqual([CLAIM]);
});

test("what is no claim is passed over", () => {
  const folder = makeFolder();
  const claims = [null, 1, { ...CLAIM, at: "x" }, { ...CLAIM, feature: undefined }, CLAIM];
  writeFileSync(join(folder, "claims.json"), JSON.stringify({ v: 1, claims }));
  expect(readClaims(folder)).toEqual([CLAIM]);
  writeFileSync(join(folder, "claims.json"), "{");
  expect(readClaims(folder)).toEqual([]);
});
