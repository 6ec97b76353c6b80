import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readLaneNames, writeLaneNames } from "../../src/capture/lane-names.ts";
import { makeFolder } from "../helpers/folder.ts";

test("names are handed on, and written only when they change", () => {
  const folder = join(makeFolder(), "spec-kitty");
  expect(readLaneNames(folder)).toEqual(new Map());
  const names = new Map([["in-dev", "doing"]]);
  writeLaneNames(folder, names);
  expect(readLaneNames(folder)).toEqual(names);
  const { ino } = statSync(join(folder, "lanes.json"));
  writeLaneNames(folder, new Map(names));
  expect(statSync(join(folder, "lanes.json")).ino).toBe(ino);
  writeLaneNames(folder, new Map([["in-dev", "for_review"]]));
  expect(readLaneNames(folder).get("in-dev")).toBe("for_review");
  writeLaneNames(folder, new Map());
  expect([readLaneNames(folder).size, readdirSync(folder)]).toEqual([0, ["lanes.json"]]);
});

test.each(["", "{", '{"v":2,"names":{"a":"doing"}}', '{"v":1}'])("a file that is none gives no names: %s", (text) => {
  const folder = makeFolder();
  writeFileSync(join(folder, "lanes.json"), text);
  expect(readLaneNames(folder)).toEqual(new Map());
});
