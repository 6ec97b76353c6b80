import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Bell, openBells } from "../../src/capture/bells.ts";
import { makeFolder } from "../helpers/folder.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);
const bell = (oid: string): string => `1 post-commit ${oid} /a b/.git\n`;
const oidsOf = (bells: readonly Bell[]): string[] => bells.map(({ oid }) => oid);

test("a bell rings until it is taken, and names its commit", () => {
  const folder = makeFolder();
  const bells = openBells(folder);
  expect([bells.ringing(), bells.take()]).toEqual([false, []]);
  appendFileSync(join(folder, "spool"), bell(A) + bell(A) + bell(B));
  expect(bells.ringing()).toBe(true);
  expect(oidsOf(bells.take())).toEqual([A, A, B]);
  expect(bells.ringing()).toBe(false);
});

test("a bell that was taken and not answered is taken again, with those rung since", () => {
  const folder = makeFolder();
  appendFileSync(join(folder, "spool"), bell(A));
  openBells(folder).take();
  const bells = openBells(folder);
  expect(bells.take()).toEqual([{ oid: A, gitDir: "/a b/.git" }]);
  appendFileSync(join(folder, "spool"), bell(B));
  expect(oidsOf(bells.take())).toEqual([A, B]);
  bells.answered();
  expect(bells.take()).toEqual([]);
});

test("answers that die one after the other lose no bell", () => {
  const folder = makeFolder();
  for (const oid of [A, B]) {
    appendFileSync(join(folder, "spool"), bell(oid));
    openBells(folder).take();
  }
  const bells = openBells(folder);
  expect(oidsOf(bells.take())).toEqual([A, B]);
  bells.answered();
  expect(readdirSync(folder)).toEqual([]);
});

test("lines that are no bells name nothing, and ring all the same", () => {
  const folder = makeFolder();
  writeFileSync(join(folder, "spool"), "2 post-commit x\n\0\0\n1 post-commit  .git\n");
  const bells = openBells(folder);
  expect([bells.ringing(), bells.take()]).toEqual([true, []]);
});
