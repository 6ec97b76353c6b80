import { expect, test } from "vitest";
import { readCulprits, readReason, readResults } from "../../src/sync/read-answer.ts";

const resultsOf = (...items: unknown[]) => readResults(JSON.stringify({ results: items }))?.results;

test.each([
  "",
  "{",
  "null",
  "[]",
  "{}",
  '{"results":{}}',
  '{"results":"none"}',
  "<html></html>",
  '{"results":[{"event_id"',
])("%j has no results", (text) => {
  expect(readResults(text)).toBeUndefined();
});

test("a result needs an id and a status, both text", () => {
  const found = resultsOf(
    null,
    7,
    [],
    {},
    { event_id: 1, status: "success" },
    { event_id: "A" },
    { event_id: "B", status: 1 },
  );
  expect(found).toEqual(new Map());
  expect(resultsOf({ event_id: "A", status: "success" })).toEqual(
    new Map([["A", { status: "success", reason: "", permanent: false }]]),
  );
});

test("an id that is told twice has no result, even if both agree", () => {
  const twice = { event_id: "A", status: "success" };
  expect(resultsOf(twice, twice)?.has("A")).toBe(false);
  expect(resultsOf(twice, { event_id: "A" }, twice)?.has("A")).toBe(false);
  expect(resultsOf({ event_id: "A" }, twice)?.has("A")).toBe(false);
});

test.each([
  [{ error_message: "no such team", error: "x" }, "no such team", false],
  [{ error: "conflict" }, "conflict", true],
  [{ error: "busy", retryable: false }, "busy", true],
  [{ reason: "later", retryable: true }, "later", false],
  [{ error_message: "refused", error_category: "project_refused" }, "refused", true],
  [{ error: { deep: 1 } }, "", false],
])("the error %j reads %j, for good: %j", (fields, reason, permanent) => {
  expect(resultsOf({ event_id: "A", status: "error", ...fields })?.get("A")).toEqual({
    status: "error",
    reason,
    permanent,
  });
});

test("a reason is one short line without control characters", () => {
  const reason = readReason(JSON.stringify({ error: `\u001b[31mred\u0007\r\n${"x".repeat(1000)}` }));
  expect(reason).toMatch(/^\[31mred x+$/);
  expect(reason).toHaveLength(300);
});

test.each([
  [0, 0],
  [41, 41],
  [2 ** 48 - 1, 2 ** 48 - 1],
  [2 ** 48, undefined],
  [-1, undefined],
  [1.5, undefined],
  ["7", undefined],
  [null, undefined],
])("the clock %j is received as %j", (clock, expected) => {
  expect(readResults(JSON.stringify({ results: [], lamport_clock: clock }))?.clock).toBe(expected);
});

test("a 400 names its culprits in a list or in the text of one", () => {
  const details = [{ event_id: "A", reason: "bad lane" }, { event_id: "B", detail: "too old" }, { no: 1 }];
  const expected = new Map([
    ["A", { status: "error", reason: "bad lane", permanent: true }],
    ["B", { status: "error", reason: "too old", permanent: true }],
  ]);
  expect(readCulprits(JSON.stringify({ details }))).toEqual(expected);
  expect(readCulprits(JSON.stringify({ details: JSON.stringify(details) }))).toEqual(expected);
  for (const text of ["", "{}", '{"details":[]}', '{"details":"["}', '{"details":[{"error":"x"}]}']) {
    expect(readCulprits(text), text).toBeUndefined();
  }
});
