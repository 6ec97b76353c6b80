import { expect, test } from "vitest";
import { type Hop, hopsFromEntries, hopsFromRows, lateHops } from "../../src/infer/hops.ts";
import type { Lane } from "../../src/model/lane.ts";
import type { LogEntry } from "../../src/model/log-entry.ts";
import type { StatusRow } from "../../src/model/parse-status-row.ts";

const entry = (lane: Lane | undefined, time: number | undefined, exact = true): LogEntry => ({
  key: `${time} ${lane}`,
  time,
  exact,
  agent: "claude",
  lane,
  text: "moved",
});

const row = (from: Lane, to: Lane, time: number, live = true): StatusRow => ({
  workPackage: "WP01",
  from,
  to,
  time,
  actor: "codex",
  eventId: undefined,
  live,
  answersReview: false,
});

const told = (hops: readonly Hop[]) => hops.map(({ from, to, time }) => `${from}>${to}@${time ?? "commit"}`);

test.each<[string, Lane, Lane, LogEntry[], string[]]>([
  ["nothing recorded: one move at the commit", "planned", "done", [], ["planned>done@commit"]],
  ["no change and nothing recorded: none", "doing", "doing", [], []],
  [
    "entries in file order that connect",
    "planned",
    "for_review",
    [entry("doing", 1), entry("for_review", 2)],
    ["planned>doing@1", "doing>for_review@2"],
  ],
  [
    "newest first: time order connects",
    "planned",
    "for_review",
    [entry("for_review", 2), entry("doing", 1)],
    ["planned>doing@1", "doing>for_review@2"],
  ],
  [
    "file order wins over hand-made times",
    "planned",
    "for_review",
    [entry("doing", 9), entry("for_review", 2)],
    ["planned>doing@9", "doing>for_review@2"],
  ],
  [
    "what entries do not explain is the last hop",
    "planned",
    "done",
    [entry("doing", 1)],
    ["planned>doing@1", "doing>done@commit"],
  ],
  [
    "of two orders that both connect the time's",
    "doing",
    "doing",
    [entry("for_review", 9), entry("doing", 10), entry("blocked", 1), entry("doing", 2)],
    ["doing>blocked@1", "blocked>doing@2", "doing>for_review@9", "for_review>doing@10"],
  ],
  [
    "an entry dated after its commit keeps its place in the file",
    "planned",
    "done",
    [entry("doing", 1), entry("for_review", 999), entry("done", 3)],
    ["planned>doing@1", "doing>for_review@999", "for_review>done@3"],
  ],
  [
    "a repetition that is dated rightly takes the place of a move dated by hand",
    "planned",
    "doing",
    [entry("doing", 999), entry("doing", 5)],
    ["planned>doing@5"],
  ],
  [
    "a repetition takes no place of a move dated rightly",
    "planned",
    "doing",
    [entry("doing", 4), entry("doing", 5)],
    ["planned>doing@4"],
  ],
  ["entries that lead elsewhere move nothing", "planned", "planned", [entry("doing", 1)], []],
  [
    "there and back in one commit",
    "doing",
    "doing",
    [entry("for_review", 1), entry("doing", 2)],
    ["doing>for_review@1", "for_review>doing@2"],
  ],
  [
    "an entry that repeats the lane is no move",
    "planned",
    "doing",
    [entry("planned", 1), entry("doing", 2)],
    ["planned>doing@2"],
  ],
  ["entries without a lane are no moves", "planned", "planned", [entry(undefined, 1)], []],
  [
    "a date without a clock orders nothing: the commit's time",
    "planned",
    "doing",
    [entry("doing", 0, false)],
    ["planned>doing@commit"],
  ],
])("entries: %s", (_, from, to, entries, expected) => {
  expect(told(hopsFromEntries({ from, to, entries, latest: 100 }))).toEqual(expected);
});

test.each<[string, Lane, Lane, StatusRow[], number[], string[]]>([
  [
    "each new row is a move",
    "planned",
    "doing",
    [row("planned", "claimed", 1), row("claimed", "doing", 2)],
    [],
    ["planned>claimed@1", "claimed>doing@2"],
  ],
  [
    "a known row is none",
    "claimed",
    "doing",
    [row("planned", "claimed", 1), row("claimed", "doing", 2)],
    [1],
    ["claimed>doing@2"],
  ],
  ["a row of a migration sets the lane without a move", "planned", "done", [row("planned", "done", 1, false)], [], []],
  ["a row from a lane to itself is none", "planned", "planned", [row("planned", "planned", 1)], [], []],
  [
    "a row that was taken back is one move at the commit",
    "doing",
    "claimed",
    [row("planned", "claimed", 1)],
    [1],
    ["doing>claimed@commit"],
  ],
  [
    "a row that arrives late is told as it was",
    "done",
    "done",
    [row("planned", "doing", 1), row("doing", "done", 2)],
    [2],
    ["planned>doing@1"],
  ],
])("rows: %s", (_, from, to, rows, known, expected) => {
  expect(
    told(
      hopsFromRows({
        from,
        to,
        rows,
        isKnown: ({ time }) => known.includes(time),
        entries: [],
        written: [],
        until: 100,
      }),
    ),
  ).toEqual(expected);
});

const MINUTE = 60_000;
const LAST = { to: "done", time: 100 * MINUTE } as const;

test.each<[string, LogEntry[], string[]]>([
  ["none", [], []],
  [
    "older moves in time order, from planned",
    [entry("for_review", 20 * MINUTE), entry("doing", 10 * MINUTE)],
    [`planned>doing@${10 * MINUTE}`, `doing>for_review@${20 * MINUTE}`],
  ],
  ["a record of the last move, written ten minutes before it, is none", [entry("done", 90 * MINUTE)], []],
  ["one of more than that is a move", [entry("done", 90 * MINUTE - 1)], [`planned>done@${90 * MINUTE - 1}`]],
  [
    "another lane within these minutes is a move",
    [entry("for_review", 95 * MINUTE)],
    [`planned>for_review@${95 * MINUTE}`],
  ],
  ["what was told already is none", [entry("blocked", 5 * MINUTE)], []],
  ["a note is none", [entry(undefined, 5 * MINUTE)], []],
  ["planned at the start is none", [entry("planned", 1)], []],
])("late records: %s", (_, entries, expected) => {
  const known = [{ to: "blocked", time: 5 * MINUTE } as const];
  expect(told(lateHops({ entries, last: LAST, told: expected.length > 0 ? [] : known }))).toEqual(expected);
});

test("rows: a log entry after the last record counts for nothing", () => {
  const change = {
    from: "planned",
    to: "doing",
    rows: [row("planned", "doing", 10_000)],
    isKnown: () => false,
    written: [],
  } as const;
  const entries = [entry("for_review", 1_000), entry("done", 20_000)];
  expect(told(hopsFromRows({ ...change, entries, until: 10_000 }))).toEqual([
    "planned>for_review@1000",
    "planned>doing@10000",
  ]);
});
