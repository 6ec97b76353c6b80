import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { isExecutable, isInside, orFailure, readText, resolveLinks } from "../../../src/git/hooks/files.ts";
import { makeFolder } from "../../helpers/folder.ts";

test("what the system refuses is a Failure that names the file; anything else is what it was", () => {
  const folder = makeFolder();
  expect(orFailure(() => 1)).toBe(1);
  expect(() => orFailure(() => mkdirSync(folder))).toThrow(Failure);
  expect(() => orFailure(() => mkdirSync(folder))).toThrow(`${folder} cannot be written: EEXIST.`);
  expect(() =>
    orFailure(() => {
      throw new TypeError("a bug");
    }),
  ).toThrow(TypeError);
});

test("a file is read, one that is not there is empty; one may be run or not", () => {
  const file = join(makeFolder(), "file");
  expect([readText(file), isExecutable(file)]).toEqual(["", false]);
  writeFileSync(file, "text");
  chmodSync(file, 0o755);
  expect([readText(file), isExecutable(file)]).toEqual(["text", true]);
});

test("links are followed as far as the path exists", () => {
  const folder = makeFolder();
  mkdirSync(join(folder, "there"));
  symlinkSync(join(folder, "there"), join(folder, "link"));
  expect(resolveLinks(join(folder, "link"))).toBe(realpathSync(join(folder, "there")));
  expect(resolveLinks(join(folder, "link/a/b"))).toBe(join(folder, "there/a/b"));
  expect(isInside(resolveLinks(join(folder, "link/a")), join(folder, "there"))).toBe(true);
  expect([isInside("/a/b", "/a/bc"), isInside("/a", "/a"), isInside("/a/..b", "/a")]).toEqual([false, true, true]);
});
