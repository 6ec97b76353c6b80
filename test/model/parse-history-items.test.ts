import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogEntry } from "../../src/model/log-entry.ts";
import { parseHistoryItems } from "../../src/model/parse-history-items.ts";

const NOON = 1_735_732_800_000; // 2025-01-01T12:00:00Z
const AT = "2025-01-01T12:00:00Z";

const entry = (fields: Partial<LogEntry> & Pick<LogEntry, "key" | "text">): LogEntry => ({
  time: NOON,
  exact: true,
  agent: undefined,
  lane: undefined,
  ...fields,
});
const undated = { time: undefined, exact: false };

test.each<[unknown, LogEntry]>([
  [{ at: AT, actor: "me", action: "did" }, entry({ key: `action=did actor=me at=${AT}`, agent: "me", text: "did" })],
  [
    { timestamp: AT, lane: "in_progress", agent: "a", shell_pid: 7, action: "did" },
    entry({
      key: `action=did agent=a lane=in_progress shell_pid=7 timestamp=${AT}`,
      agent: "a",
      text: "did",
    }),
  ],
  [{ at: AT, actor: "me", note: "n" }, entry({ key: `actor=me at=${AT} note=n`, agent: "me", text: "n" })],
  [
    { date: "2025-01-01", author: "me", event: "e" },
    entry({ key: "author=me date=2025-01-01 event=e", time: NOON - 43_200_000, exact: false, agent: "me", text: "e" }),
  ],
  [
    { date: "2025-01-01", status: "s", by: "me", notes: "n" },
    entry({
      key: "by=me date=2025-01-01 notes=n status=s",
      time: NOON - 43_200_000,
      exact: false,
      agent: "me",
      text: "n",
    }),
  ],
  [{ at: AT, status: "s" }, entry({ key: `at=${AT} status=s`, text: "s" })],
  [
    { timestamp: "{{TIMESTAMP}}", lane: "planned", agent: "" },
    entry({ ...undated, key: "lane=planned timestamp={{TIMESTAMP}}", text: "planned" }),
  ],
  [{ at: "2025-13-45", actor: "me" }, entry({ ...undated, key: "actor=me at=2025-13-45", agent: "me", text: "me" })],
  [{ b: true, a: 1.5, c: null, d: [1], e: { f: 1 } }, entry({ ...undated, key: "a=1.5 b=true", text: "a=1.5 b=true" })],
  [" just text\r\n", entry({ ...undated, key: "just text", text: "just text" })],
  [
    `${AT} – me – lane=done – did`,
    entry({ key: `${AT} – me – lane=done – did`, agent: "me", lane: "done", text: "did" }),
  ],
  ["2025-01-01T12:00:00Z: did", entry({ key: `${AT}: did`, text: "did" })],
])("%j is an entry", (item, expected) => {
  expect(parseHistoryItems([item])).toEqual([expected]);
});

test("the order of an item's keys does not matter", () => {
  const [one, other] = parseHistoryItems([
    { at: AT, actor: "me" },
    { actor: "me", at: AT },
  ]);
  expect(one).toEqual(other);
});

test.each([
  [[]],
  [{}],
  [""],
  [" "],
  [null],
  [undefined],
  [42],
  [true],
  [["x"]],
  [[null, 1, [], {}, { a: null }, { a: [] }]],
])("%j holds no entry", (history) => {
  expect(parseHistoryItems(history)).toEqual(
    Array.isArray(history) && history[0] === "x" ? parseHistoryItems("x") : [],
  );
});

test("one string or map stands for a list of one", () => {
  expect(parseHistoryItems("text")).toEqual(parseHistoryItems(["text"]));
  expect(parseHistoryItems({ note: "text" })).toEqual(parseHistoryItems([{ note: "text" }]));
});

test("any value is read, and no entry is empty", () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.array(fc.anything())), (history) => {
      for (const { key, text } of parseHistoryItems(history)) {
        expect(key).not.toBe("");
        expect(text).not.toBe("");
      }
    }),
    { numRuns: 1000 },
  );
});
