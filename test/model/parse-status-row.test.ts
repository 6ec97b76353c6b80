import { describe, expect, test } from "vitest";
import { parseStatusRow } from "../../src/model/parse-status-row.ts";

const ROW = {
  actor: "claude",
  at: "2026-02-10T12:00:00.123456+00:00",
  event_id: "01KDVDNA000159G2PYC6Z8QNFX",
  from_lane: "planned",
  reason: null,
  review_ref: null,
  to_lane: "in_progress",
  wp_id: "WP01",
};
const parse = (changes: object) => parseStatusRow(JSON.stringify({ ...ROW, ...changes }));

describe("a row", () => {
  test("of an event log is one transition", () => {
    expect(parse({})).toEqual({
      workPackage: "WP01",
      from: "planned",
      to: "doing",
      time: Date.parse("2026-02-10T12:00:00.123Z"),
      actor: "claude",
      eventId: "01KDVDNA000159G2PYC6Z8QNFX",
      live: true,
      answersReview: false,
    });
  });

  test("may name its work package by its longer key, starts from planned without a lane, and needs no actor and no id", () => {
    const line = JSON.stringify({ work_package_id: "WP07", to_lane: "done", at: "2026-02-10T12:00:00Z" });
    expect(parseStatusRow(line)).toMatchObject({
      workPackage: "WP07",
      from: "planned",
      actor: undefined,
      eventId: undefined,
    });
    expect(parse({ from_lane: "lane-a" })?.from).toBe("planned");
    expect(parse({ wp_id: "WP02", work_package_id: "WP01" })?.workPackage).toBe("WP02");
  });

  test.each([
    ["not upper case", ROW.event_id.toLowerCase()],
    ["over 128 bits", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ"],
    ["too short", "01KDVDNA000159G2PYC6Z8QNF"],
    ["a UUID", "0f0e0d0c-0b0a-5908-8706-050403020100"],
    ["a number", 1],
  ])("has no id where it is %s", (_, event_id) => {
    expect(parse({ event_id })?.eventId).toBeUndefined();
  });

  test.each<[string, unknown, string | undefined]>([
    ["text", " claude ", "claude"],
    ["blank", " ", undefined],
    ["tool, model, profile, role", { role: "r", profile: "p", model: "m", tool: "t" }, "t:m:p:r"],
    ["some of them", { role: "r", tool: "t", model: "", profile: 3 }, "t:r"],
    ["an object of others", { name: "x" }, undefined],
    ["a list", ["claude"], undefined],
    ["null", null, undefined],
  ])("has an actor that is %s", (_, actor, expected) => {
    expect(parse({ actor })?.actor).toBe(expected);
  });

  test.each([
    { actor: "migration" },
    { actor: "migration:backfill_runtime_state" },
    { actor: "finalize-tasks" },
    { reason: "historical_frontmatter_to_jsonl:v1" },
    { reason: "canonical bootstrap" },
    { reason: "Bootstrap from frontmatter lane done" },
    { reason: "sync from frontmatter: doing" },
  ])("is not live by %j", (changes) => {
    expect(parse(changes)?.live).toBe(false);
  });

  test.each([
    { actor: "migrations" },
    { actor: "my-migration" },
    { reason: "moved, then canonical bootstrap" },
    { reason: 3 },
  ])("is live by %j", (changes) => {
    expect(parse(changes)?.live).toBe(true);
  });

  test.each([
    ["review-cycle-1", true],
    ["", false],
    [null, false],
    [true, false],
  ])("with review_ref %j answers a review: %s", (review_ref, expected) => {
    expect(parse({ review_ref })?.answersReview).toBe(expected);
  });
});

describe("no row", () => {
  test.each<[string, object]>([
    ["an annotation", { to_lane: undefined, kind: "annotation" }],
    ["an unknown lane", { to_lane: "lane-a" }],
    ["a lane that is no text", { to_lane: 3 }],
    ["no work package", { wp_id: undefined }],
    ["an id that is none", { wp_id: "WP1" }],
    ["an id that is no text", { wp_id: 1 }],
    ["no time", { at: undefined }],
    ["a time that is none", { at: "yesterday" }],
    ["a date without a clock", { at: "2026-02-10" }],
    ["a number as time", { at: 1_770_000_000 }],
  ])("%s", (_, changes) => {
    expect(parse(changes)).toBeUndefined();
  });

  test.each([
    "",
    "{",
    '{"to_lane": "done"',
    '["to_lane"]',
    '"to_lane"',
    "<<<<<<< HEAD",
    'null, "to_lane"',
    '{"a":{"to_lane":"done"}}',
  ])("the line %j", (line) => {
    expect(parseStatusRow(line)).toBeUndefined();
  });
});
