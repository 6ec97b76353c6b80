import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { command } from "../src/commands/demo.ts";
import { makeContext } from "./commands/cli-context.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the capture in the README is what the demo prints", async () => {
  const { context, written } = makeContext({ env: process.env });
  await command.run({ exit: true }, context);
  const captured = /\$ npm start\n(.*)\n…\n/s.exec(readme)?.[1] ?? "no capture";
  expect(written.stdout).toContain(`\n\n${captured}\n`);
});

test("every test file that the README names exists", () => {
  const named = [...readme.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((path) => !existsSync(new URL(`../${path}`, import.meta.url)))).toEqual([]);
});
