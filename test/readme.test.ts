import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("every test file that the README names exists", () => {
  const named = [...readme.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((path) => !existsSync(new URL(`../${path}`, import.meta.url)))).toEqual([]);
});
