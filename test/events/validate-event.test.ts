import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventType } from "../../src/events/envelope.ts";
import { validateEvent } from "../../src/events/validate-event.ts";
import { eventOf, exampleEvent, examplePayloads, pythonEvent } from "./example-events.ts";

const types: EventType[] = [
  "WPStatusChanged",
  "WPCreated",
  "WPAssigned",
  "FeatureCreated",
  "FeatureCompleted",
  "HistoryAdded",
  "ErrorLogged",
  "DependencyResolved",
];
/** `undefined` as a value takes the field away. */
const changed = (object: object, field: string, value: unknown) =>
  JSON.parse(JSON.stringify({ ...object, [field]: value }));

// What each payload refuses: field, value, message; a missing field is refused as "missing".
const refused: Record<EventType, [field: string, value: unknown, message: string][]> = {
  WPStatusChanged: [
    ["wp_id", undefined, "payload.wp_id: is missing"],
    ["wp_id", "WP1", 'payload.wp_id: "WP1" does not match WP and two digits'],
    ["wp_id", "WP001", 'payload.wp_id: "WP001" does not match WP and two digits'],
    ["wp_id", "WP01\n", 'payload.wp_id: "WP01\\n" does not match WP and two digits'],
    ["previous_status", undefined, "payload.previous_status: is missing"],
    [
      "previous_status",
      "claimed",
      'payload.previous_status: "claimed" is not one of: planned, doing, for_review, done',
    ],
    ["new_status", undefined, "payload.new_status: is missing"],
    ["new_status", "Done", 'payload.new_status: "Done" is not one of: planned, doing, for_review, done'],
    ["changed_by", 5, "payload.changed_by: 5 is not of type string"],
    ["feature_slug", "", 'payload.feature_slug: "" is empty'],
    [
      "to_lane",
      "dong",
      'payload.to_lane: "dong" is not one of: planned, claimed, doing, for_review, in_review, approved, done, blocked, canceled',
    ],
  ],
  WPCreated: [
    ["wp_id", null, "payload.wp_id: null is not of type string"],
    ["title", undefined, "payload.title: is missing"],
    ["title", "", 'payload.title: "" is empty'],
    ["feature_slug", undefined, "payload.feature_slug: is missing"],
    ["dependencies", "WP02", 'payload.dependencies: "WP02" is not of type array'],
    ["dependencies", ["WP02", "wp3"], 'payload.dependencies[1]: "wp3" does not match WP and two digits'],
  ],
  WPAssigned: [
    ["wp_id", {}, "payload.wp_id: an object is not of type string"],
    ["agent_id", undefined, "payload.agent_id: is missing"],
    ["agent_id", "", 'payload.agent_id: "" is empty'],
    ["phase", undefined, "payload.phase: is missing"],
    ["phase", "implement", 'payload.phase: "implement" is not one of: implementation, review'],
    ["retry_count", -1, "payload.retry_count: -1 is less than 0"],
    ["retry_count", 1.5, "payload.retry_count: 1.5 is not of type integer"],
    ["retry_count", "1", 'payload.retry_count: "1" is not of type integer'],
  ],
  FeatureCreated: [
    ["feature_slug", undefined, "payload.feature_slug: is missing"],
    ["feature_number", undefined, "payload.feature_number: is missing"],
    ["feature_number", 12, "payload.feature_number: 12 is not of type string or null"],
    ["target_branch", undefined, "payload.target_branch: is missing"],
    ["target_branch", null, "payload.target_branch: null is not of type string"],
    ["wp_count", undefined, "payload.wp_count: is missing"],
    ["wp_count", -1, "payload.wp_count: -1 is less than 0"],
    ["created_at", "yesterday", 'payload.created_at: "yesterday" is not an ISO 8601 date and time with its offset'],
    [
      "created_at",
      "2026-02-30T10:00:00Z",
      'payload.created_at: "2026-02-30T10:00:00Z" is not an ISO 8601 date and time with its offset',
    ],
  ],
  FeatureCompleted: [
    ["feature_slug", [], "payload.feature_slug: an array is not of type string"],
    ["total_wps", undefined, "payload.total_wps: is missing"],
    ["total_wps", 0.5, "payload.total_wps: 0.5 is not of type integer"],
    [
      "completed_at",
      "2026-02-04",
      'payload.completed_at: "2026-02-04" is not an ISO 8601 date and time with its offset',
    ],
    ["total_duration", 12.5, "payload.total_duration: 12.5 is not of type string"],
  ],
  HistoryAdded: [
    ["wp_id", undefined, "payload.wp_id: is missing"],
    ["entry_type", undefined, "payload.entry_type: is missing"],
    ["entry_type", "log", 'payload.entry_type: "log" is not one of: note, review, error, comment'],
    ["entry_content", undefined, "payload.entry_content: is missing"],
    ["entry_content", "", 'payload.entry_content: "" is empty'],
    ["author", null, "payload.author: null is not of type string"],
  ],
  ErrorLogged: [
    ["error_type", undefined, "payload.error_type: is missing"],
    ["error_type", "fatal", 'payload.error_type: "fatal" is not one of: validation, runtime, network, auth, unknown'],
    ["error_message", undefined, "payload.error_message: is missing"],
    ["error_message", "", 'payload.error_message: "" is empty'],
    ["wp_id", "error", 'payload.wp_id: "error" does not match WP and two digits'],
    ["stack_trace", [], "payload.stack_trace: an array is not of type string"],
    ["agent_id", false, "payload.agent_id: false is not of type string"],
  ],
  DependencyResolved: [
    ["wp_id", undefined, "payload.wp_id: is missing"],
    ["dependency_wp_id", undefined, "payload.dependency_wp_id: is missing"],
    ["dependency_wp_id", "WP-2", 'payload.dependency_wp_id: "WP-2" does not match WP and two digits'],
    ["resolution_type", undefined, "payload.resolution_type: is missing"],
    ["resolution_type", "done", 'payload.resolution_type: "done" is not one of: completed, skipped, merged'],
  ],
};

describe("a payload", () => {
  test.each(types)("of %s that is complete is valid alone, queued and delivered", (type) => {
    expect(validateEvent(examplePayloads[type], { profile: "028", type })).toEqual([]);
    expect(validateEvent(eventOf(type), { profile: "canonical" })).toEqual([]);
    expect(validateEvent({ ...eventOf(type), team_slug: "local" }, { profile: "028" })).toEqual([]);
  });

  const cases = types.flatMap((type) =>
    refused[type].map(([field, value, message]) => ({ type, field, value, message })),
  );
  test.each(cases)("of $type is refused for $message", ({ type, field, value, message }) => {
    const payload = changed(examplePayloads[type], field, value);
    expect(validateEvent(payload, { profile: "028", type })).toEqual([message]);
    expect(validateEvent({ ...eventOf(type, payload), team_slug: "local" }, { profile: "028" })).toEqual([message]);
    expect(validateEvent(eventOf(type, payload), { profile: "canonical" })).toEqual([message]);
  });

  test.each<[EventType, string]>([
    ["WPStatusChanged", "feature_slug"],
    ["WPStatusChanged", "from_lane"],
    ["WPStatusChanged", "to_lane"],
    ["WPStatusChanged", "changed_by"],
    ["WPCreated", "dependencies"],
    ["WPAssigned", "feature_slug"],
    ["WPAssigned", "retry_count"],
    ["HistoryAdded", "feature_slug"],
    ["HistoryAdded", "author"],
    ["DependencyResolved", "feature_slug"],
    ["ErrorLogged", "feature_slug"],
  ])("of %s needs %s only where it is ours", (type, field) => {
    const payload = changed(examplePayloads[type], field, undefined);
    expect(validateEvent(payload, { profile: "028", type })).toEqual([]);
    const errors = validateEvent(eventOf(type, payload), { profile: "canonical" });
    expect(errors).toEqual([expect.stringMatching(new RegExp(`^payload\\.${field}: is missing`))]);
  });

  test("of another shape is told as such", () => {
    expect(validateEvent(5, { profile: "028", type: "WPCreated" })).toEqual(["payload: 5 is not of type object"]);
  });

  test("may have a slug and a number as real repositories have them", () => {
    const payload = { ...examplePayloads.FeatureCreated, feature_slug: "Ärger mit Login", feature_number: null };
    expect(validateEvent(eventOf("FeatureCreated", payload), { profile: "canonical" })).toEqual([]);
  });
});

describe("an envelope", () => {
  test.each<[field: string, value: unknown, message: string]>([
    ["event_id", undefined, "event_id: is missing"],
    [
      "event_id",
      "01hzy3jq4t8m0v5r6n7p8q9s0a",
      'event_id: "01hzy3jq4t8m0v5r6n7p8q9s0a" does not match an upper-case ULID',
    ],
    [
      "event_id",
      "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
      'event_id: "8ZZZZZZZZZZZZZZZZZZZZZZZZZ" does not match an upper-case ULID',
    ],
    ["event_type", "", 'event_type: "" is empty'],
    ["aggregate_id", "", 'aggregate_id: "" is empty'],
    ["aggregate_type", "Mission", 'aggregate_type: "Mission" is not one of: WorkPackage, Feature'],
    ["payload", [], "payload: an array is not of type object"],
    ["node_id", "", 'node_id: "" is empty'],
    ["lamport_clock", -1, "lamport_clock: -1 is less than 0"],
    ["lamport_clock", 1.5, "lamport_clock: 1.5 is not of type integer"],
    ["causation_id", "WP01", 'causation_id: "WP01" does not match an upper-case ULID'],
    [
      "timestamp",
      "2026-02-04T10:00:00",
      'timestamp: "2026-02-04T10:00:00" is not an ISO 8601 date and time with its offset',
    ],
    ["project_uuid", "shop", 'project_uuid: "shop" is not a UUID'],
    ["project_slug", 1, "project_slug: 1 is not of type string or null"],
    ["git_branch", 1, "git_branch: 1 is not of type string or null"],
    ["head_commit_sha", 1, "head_commit_sha: 1 is not of type string or null"],
    ["repo_slug", 1, "repo_slug: 1 is not of type string or null"],
    ["source", null, "source: null is not of type object"],
    ["source", { ...exampleEvent.source, commit: "abc" }, 'source.commit: "abc" does not match a full commit oid'],
    [
      "source",
      { ...exampleEvent.source, layout: "x" },
      'source.layout: "x" is not one of: event_log, lane_directory, flat, null',
    ],
  ])("with %s %j is refused in both forms", (field, value, message) => {
    expect(validateEvent(changed(exampleEvent, field, value), { profile: "canonical" })).toEqual([message]);
    const rendered = { ...exampleEvent, team_slug: "local" };
    expect(validateEvent(changed(rendered, field, value), { profile: "028" })).toEqual([message]);
  });

  test("of the Python CLI is valid when delivered, and is not what we queue", () => {
    expect(validateEvent(pythonEvent, { profile: "028" })).toEqual([]);
    expect(validateEvent(pythonEvent, { profile: "canonical" })).toContain("source: is missing");
  });

  test.each(Object.keys(pythonEvent))("without %s is no event of the contract", (field) => {
    expect(validateEvent(changed(pythonEvent, field, undefined), { profile: "028" })).toEqual([`${field}: is missing`]);
  });

  test("without its team is queued, not delivered", () => {
    expect(validateEvent(exampleEvent, { profile: "canonical" })).toEqual([]);
    expect(validateEvent(exampleEvent, { profile: "028" })).toEqual(["team_slug: is missing"]);
    expect(validateEvent({ ...exampleEvent, team_slug: "" }, { profile: "028" })).toEqual(['team_slug: "" is empty']);
  });

  test("of an unknown type is judged without its payload", () => {
    const event = { ...exampleEvent, event_type: "MissionCreated", payload: { wp_id: 5 } };
    expect(validateEvent(event, { profile: "canonical" })).toEqual([]);
    expect(validateEvent({ ...event, team_slug: "t" }, { profile: "028" })).toEqual([]);
    expect(validateEvent({ ...event, node_id: "" }, { profile: "canonical" })).toEqual(['node_id: "" is empty']);
  });

  test("tells everything that is wrong with it, and an array's inside stays unsaid", () => {
    expect(validateEvent(["secret"], { profile: "canonical" })).toEqual(["event: an array is not of type object"]);
    expect(validateEvent({ ...exampleEvent, node_id: "", lamport_clock: -1 }, { profile: "canonical" })).toHaveLength(
      2,
    );
  });

  test("is queued only if its fields agree", () => {
    const payload = { ...examplePayloads.WPStatusChanged, previous_status: "done", new_status: "done" };
    expect(validateEvent({ ...exampleEvent, payload, aggregate_id: "WP02" }, { profile: "canonical" })).toEqual([
      'payload.from_lane: "blocked" does not belong to previous_status "done"',
      'payload.to_lane: "in_review" does not belong to new_status "done"',
      'aggregate_id: "WP02" is not payload.wp_id',
    ]);
  });
});

test("a message quotes at most 60 characters of a value", () => {
  const [error] = validateEvent({ ...exampleEvent, event_id: "é".repeat(1000) }, { profile: "canonical" });
  expect(error).toBe(`event_id: "${"é".repeat(60)}"… does not match an upper-case ULID`);
});

test("whatever JSON comes, it is judged and nothing is thrown", () => {
  const field = fc.constantFrom(...Object.keys(exampleEvent), "team_slug");
  const spoilt = fc.tuple(fc.constantFrom(...types), field, fc.jsonValue()).map(([type, name, value]) => {
    return { ...eventOf(type), [name]: value };
  });
  const profile = fc.constantFrom("canonical" as const, "028" as const);
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue(), spoilt),
      profile,
      fc.option(fc.constantFrom(...types)),
      (event, form, type) => {
        const errors = validateEvent(event, { profile: form, ...(type && { type }) });
        for (const error of errors) expect(error.length).toBeLessThan(600);
      },
    ),
    { numRuns: 2000 },
  );
});
