import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "../../src/commands/run-cli.ts";
import { render028 } from "../../src/events/render-028.ts";
import { exampleEvent, examplePayloads } from "../events/example-events.ts";
import { makeContext } from "./cli-context.ts";

const good = render028(exampleEvent, { team: "local" });
const bad = { ...good, node_id: "" };
const id = good.event_id;
const valid = { event_id: id, valid: true, errors: [] };
const invalid = { event_id: id, valid: false, errors: ['node_id: "" is empty'] };
const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");

async function validate(text: string | Uint8Array, ...options: string[]) {
  const { context, written } = makeContext({ stdin: [Buffer.from(text)] });
  const status = await runCli(["events", "validate", ...options, "-"], context);
  const told = written.stdout.split("\n").filter(Boolean);
  return { status, told: told.map((line): unknown => JSON.parse(line)), stderr: written.stderr };
}

test.each([
  ["JSON lines", lines(good, good)],
  ["JSON lines without the last newline", lines(good, good).trimEnd()],
  ["JSON lines with CRLF, a BOM and blank lines", `\uFEFF${lines(good, good).replaceAll("\n", "\r\n \r\n")}`],
  ["an array", JSON.stringify([good, good])],
  ["an array over many lines", JSON.stringify([good, good], null, 2)],
])("%s holds two valid events", async (_, text) => {
  expect(await validate(text)).toEqual({ status: 0, told: [valid, valid], stderr: "" });
});

test("an event over many lines is one", async () => {
  expect(await validate(`\n${JSON.stringify(good, null, 2)}\n\n`)).toEqual({ status: 0, told: [valid], stderr: "" });
});

test("one invalid event makes the exit status 1, and the others are still judged", async () => {
  expect(await validate(lines(good, bad, good))).toMatchObject({ status: 1, told: [valid, invalid, valid] });
});

test.each<[string, string | Uint8Array, number, string]>([
  ["a torn first line", `{"event_id": "01\n${lines(good)}`, 0, "line 1: is not JSON"],
  ["a torn last line", `${lines(good)}{"event_id": "01`, 1, "line 2: is not JSON"],
  [
    "a line of bytes that are no text",
    Buffer.concat([Buffer.from(lines(good)), Buffer.from([34, 255, 34])]),
    1,
    "line 2: is not UTF-8",
  ],
  ["a line that is too long", `${lines(good)}"${"x".repeat(16 * 1024 * 1024)}"`, 1, "line 2: is longer than 16 MiB"],
  [
    "a first line that is too long",
    `"${"x".repeat(16 * 1024 * 1024)}"\n${lines(good)}`,
    0,
    "line 1: is longer than 16 MiB",
  ],
])("%s is told by its number, and the others are still judged", async (_, text, index, error) => {
  const { status, told } = await validate(text);
  expect(status).toBe(1);
  expect(told.length).toBe(2);
  expect(told[index]).toEqual({ event_id: null, valid: false, errors: [error] });
  expect(told[1 - index]).toEqual(valid);
});

test.each([
  ["null", "event: null is not of type object"],
  ["5", "event: 5 is not of type object"],
  ['"WP01"', 'event: "WP01" is not of type object'],
  ["[[]]", "event: an array is not of type object"],
])("%s is no event", async (text, error) => {
  expect(await validate(text)).toEqual({
    status: 1,
    told: [{ event_id: null, valid: false, errors: [error] }],
    stderr: "",
  });
});

test("an event of an unknown type passes on its envelope alone", async () => {
  expect(await validate(lines({ ...good, event_type: "MissionCreated", payload: {} }))).toMatchObject({ status: 0 });
});

test("an event without its team is not of profile 028", async () => {
  const { status, told } = await validate(lines(exampleEvent), "--profile", "028");
  expect(status).toBe(1);
  expect(told).toEqual([{ ...invalid, errors: ["team_slug: is missing"] }]);
});

test("with --type each object is a payload alone", async () => {
  const text = lines(examplePayloads.WPCreated, { ...examplePayloads.WPCreated, title: "" });
  expect(await validate(text, "--type", "WPCreated")).toEqual({
    status: 1,
    told: [
      { event_id: null, valid: true, errors: [] },
      { event_id: null, valid: false, errors: ['payload.title: "" is empty'] },
    ],
    stderr: "",
  });
});

test.each(["", "\n \n", "[]"])("%j holds no events, which is said and no failure", async (text) => {
  expect(await validate(text)).toEqual({ status: 0, told: [], stderr: "standard input holds no events.\n" });
});

test("JSON lines are judged as they come", async () => {
  const { context, written } = makeContext();
  const seen: number[] = [];
  const stdin = (async function* () {
    for (let count = 0; count < 3; count += 1) {
      yield Buffer.from(lines(good));
      seen.push(written.stdout.split("\n").length - 1);
    }
  })();
  await runCli(["events", "validate", "-"], { ...context, stdin });
  expect(seen).toEqual([1, 2, 3]);
});

test("a line may come in any number of pieces", async () => {
  const stdin = [...Buffer.from(lines({ ...good, project_slug: "Äpfel" }, bad))].map((byte) => Uint8Array.of(byte));
  const { context, written } = makeContext({ stdin });
  expect(await runCli(["events", "validate", "-"], context)).toBe(1);
  expect(written.stdout).toBe(lines(valid, invalid));
});

test("a file is found from the working directory, and one that is not there is a failure", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "spec-kitty-validate-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, "mit Leerzeichen.jsonl"), lines(good));
  const there = makeContext({ cwd });
  expect(await runCli(["events", "validate", "mit Leerzeichen.jsonl"], there.context)).toBe(0);
  expect(there.written.stdout).toBe(lines(valid));
  for (const file of ["gone.jsonl", "."]) {
    const { context, written } = makeContext({ cwd });
    expect(await runCli(["events", "validate", file], context)).toBe(1);
    expect(written.stdout).toBe("");
    expect(written.stderr).toMatch(new RegExp(`^${file} cannot be read: (ENOENT|EISDIR).*\nName a file .*\n$`));
  }
});
