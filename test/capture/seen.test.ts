import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSeen, writeSeen } from "../../src/capture/seen.ts";
import { Failure } from "../../src/errors.ts";
import { makeFolder } from "../helpers/folder.ts";

const REWIND = {
  worktree: "main",
  branch: "main",
  feature: "001-x",
  workPackage: "WP01",
  lane: "planned",
  time: 1,
  undone: "",
  turn: 1,
};
const SEEN = {
  tips: ["a".repeat(40)],
  heads: { main: "b".repeat(40) },
  lefts: { main: ["c".repeat(40)] },
  rewinds: [REWIND],
};

test("what was seen is read back, and is the user's alone", () => {
  const folder = join(makeFolder(), "spec-kitty");
  expect(readSeen(folder)).toBeUndefined();
  writeSeen(folder, SEEN);
  writeSeen(folder, SEEN);
  expect(readSeen(folder)).toEqual(SEEN);
  expect(readdirSync(folder)).toEqual(["seen.json"]);
  expect([statSync(folder).mode & 0o777, statSync(join(folder, "seen.json")).mode & 0o777]).toEqual([0o700, 0o600]);
});

test("a file that is there and cannot be read is no beginning", () => {
  const folder = makeFolder();
  mkdirSync(join(folder, "seen.json"));
  expect(() => readSeen(folder)).toThrow(Failure);
});

test.each(["", "{", "[]", '{"v":2,"tips":[],"heads":{}}', '{"v":1,"tips":["x"],"heads":{}}', '{"v":1,"tips":[]}'])(
  "a damaged file is neither guessed nor forgotten: %s",
  (text) => {
    const folder = makeFolder();
    writeFileSync(join(folder, "seen.json"), text);
    expect(() => readSeen(folder)).toThrow(Failure);
  },
);
