import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findHome } from "../../src/config/home.ts";
import { Failure } from "../../src/errors.ts";

test("our folder is in the user's home, or where SPEC_KITTY_HOME puts it", () => {
  expect(findHome({})).toBe(join(homedir(), ".spec-kitty"));
  expect(findHome({ SPEC_KITTY_HOME: "" })).toBe(join(homedir(), ".spec-kitty"));
  expect(findHome({ SPEC_KITTY_HOME: "/tmp/kitty" })).toBe("/tmp/kitty");
  expect(() => findHome({ SPEC_KITTY_HOME: "kitty" })).toThrow(Failure);
});
