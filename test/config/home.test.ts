import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createHome, findHome } from "../../src/config/home.ts";
import { Failure } from "../../src/errors.ts";

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "spec-kitty-home-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("our folder is in the user's home, or where SPEC_KITTY_HOME puts it", () => {
  expect(findHome({})).toBe(join(homedir(), ".spec-kitty"));
  expect(findHome({ SPEC_KITTY_HOME: "" })).toBe(join(homedir(), ".spec-kitty"));
  expect(findHome({ SPEC_KITTY_HOME: "/tmp/kitty" })).toBe("/tmp/kitty");
  expect(() => findHome({ SPEC_KITTY_HOME: "kitty" })).toThrow(Failure);
});

test("it is created for the user alone, and what is there keeps its mode", () => {
  const home = join(makeFolder(), "a", "b");
  expect(createHome(home)).toBe(join(home, "git"));
  expect(statSync(home).mode & 0o777).toBe(0o700);
  expect(statSync(join(home, "git")).mode & 0o777).toBe(0o700);
  chmodSync(home, 0o750);
  createHome(home);
  expect(statSync(home).mode & 0o777).toBe(0o750);
});

test("a folder that cannot be created is a failure with a next step", () => {
  const folder = makeFolder();
  writeFileSync(join(folder, "file"), "");
  expect(() => createHome(join(folder, "file"))).toThrow(/cannot be created/);
});
