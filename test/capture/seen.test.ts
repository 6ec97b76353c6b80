import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSeen, writeSeen } from "../../src/capture/seen.ts";
import { Failure } from "../../src/errors.ts";
import { makeFolder } from "../helpers/folder.ts";

const SEEN = { tips: ["a".repeat(40)], heads: { main: "b".repeat(40) } };

test("what was seen is read back, and is the user's alone", () => {
  const folder = join(makeFolder(), "spec-kitty");
  expect(readSeen(folder)).toBeUndefined();
  writeSeen(folder, SEEN);
  writeSeen(folder, SEEN);
  expect(readSeen(folder)).toEqual(SEEN);
  expect(readdirSync(folder)).toEqual(["seen.json"]);
  expect([statSync(folder).mode & 0o777, statSync(join(folder, "seen.json")).mode & 0o777]).toEqual([0o700, 0o600]);
});

test.each(["", "{", "[]", '{"v":2,"tips":[],"heads":{}}', '{"v":1,"tips":["x"],"heads":{}}', '{"v":1,"tips":[]}'])(
  "a damaged file is neither guessed nor forgotten: %s",
  (text) => {
    const folder = makeFolder();
    writeFileSync(join(folder, "seen.json"), text);
    expect(() => readSeen(folder)).toThrow(Failure);
  },
);
