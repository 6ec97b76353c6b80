import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openBells } from "../../src/capture/bells.ts";
import { makeFolder } from "../helpers/folder.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);
const bell = (oid: string): string => `1 post-commit ${oid} .git\n`;

test("a bell rings until it is taken, and names its commit", () => {
  const folder = makeFolder();
  const bells = openBells(folder);
  expect([bells.ringing(), bells.take()]).toEqual([false, []]);
  appendFileSync(join(folder, "spool"), bell(A) + bell(A) + bell(B));
  expect(bells.ringing()).toBe(true);
  expect(bells.take()).toEqual([A, B]);
  expect(bells.ringing()).toBe(false);
});

test("a bell that was taken and not answered is taken again, with those rung since", () => {
  const folder = makeFolder();
  appendFileSync(join(folder, "spool"), bell(A));
  openBells(folder).take();
  const bells = openBells(folder);
  expect(bells.take()).toEqual([A]);
  appendFileSync(join(folder, "spool"), bell(B));
  expect(bells.take()).toEqual([A, B]);
  bells.answered();
  expect(bells.take()).toEqual([]);
});

test("lines that are no bells name nothing, and ring all the same", () => {
  const folder = makeFolder();
  writeFileSync(join(folder, "spool"), "2 post-commit x\n\0\0\n1 post-commit  .git\n");
  const bells = openBells(folder);
  expect([bells.ringing(), bells.take()]).toEqual([true, []]);
});
