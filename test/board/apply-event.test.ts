import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyOf } from "../../src/board/place.ts";
import type { Arrival } from "../../src/board/received-event.ts";
import { renderEntry } from "../../src/board/render-entry.ts";
import { LANES, type Lane, statusOf } from "../../src/model/lane.ts";
import { arrivalOf, NOON, PROJECT } from "./events.ts";
import { cardOf, foldBoard } from "./fold.ts";

const moveTo = (lane: Lane, facts: { minute?: number; clock?: number; receivedMinute?: number } = {}) =>
  arrivalOf("WPStatusChanged", { ...facts, payload: { new_status: statusOf(lane), to_lane: lane, changed_by: "ana" } });
const at = (minute: number) => new Date(NOON + minute * 60_000).toISOString();

describe("a card", () => {
  test.each<[string, Arrival[], Lane, number]>([
    ["is planned once it is created", [arrivalOf("WPCreated", { payload: { title: "Form" } })], "planned", 0],
    [
      "begins in the lane it was created in, without a move",
      [arrivalOf("WPCreated", { payload: { lane: "approved" } })],
      "approved",
      0,
    ],
    ["exists from its first status on", [moveTo("doing")], "doing", 1],
    ["does not move to the lane it has", [moveTo("doing"), moveTo("doing", { minute: 5 })], "doing", 1],
    ["goes by time", [moveTo("done", { minute: 9 }), moveTo("doing", { minute: 3 })], "done", 2],
    ["goes by clock at one time", [moveTo("done", { clock: 9 }), moveTo("doing", { clock: 3 })], "done", 2],
    ["goes by id at one time and clock", [moveTo("doing"), moveTo("done")].reverse(), "done", 2],
    [
      "counts what comes between two of a lane",
      [moveTo("doing"), moveTo("doing", { minute: 4 }), moveTo("done", { minute: 2 })],
      "doing",
      3,
    ],
    [
      "keeps its moves when it is created late",
      [moveTo("doing"), arrivalOf("WPCreated", { minute: 9, payload: { lane: "planned" } })],
      "doing",
      1,
    ],
  ])("%s", (_, arrivals, lane, moves) => {
    expect(cardOf(arrivals)).toMatchObject({ lane, moves });
  });

  test("takes the contract's four statuses where no exact lane is given", () => {
    expect(cardOf([arrivalOf("WPStatusChanged", { payload: { new_status: "for_review" } })]).lane).toBe("for_review");
  });

  test("says since when and by whom it is in its lane: the move, not the repetition", () => {
    const arrivals = [moveTo("doing", { minute: 1 }), moveTo("doing", { minute: 5 })];
    expect(cardOf(arrivals)).toMatchObject({ since: at(1), moved_by: "ana" });
  });

  test("from the future moves when it was received, beyond ten minutes", () => {
    const early = moveTo("doing", { minute: 100, receivedMinute: 0 });
    expect(cardOf([early]).since).toBe(at(0));
    expect(cardOf([early, moveTo("done", { minute: 1 })]).lane).toBe("done");
    expect(cardOf([moveTo("doing", { minute: 10, receivedMinute: 0 })]).since).toBe(at(10));
  });

  test("at a leap second moves when it was received", () => {
    const { event, receivedAt } = moveTo("doing");
    expect(cardOf([{ event: { ...event, timestamp: "2016-12-31T23:59:60Z" }, receivedAt }]).since).toBe(at(60 * 24));
  });

  test("shows who works on it, and which part came last", () => {
    const assign = (agent_id: string, phase: "implementation" | "review", minute: number) =>
      arrivalOf("WPAssigned", { minute, payload: { agent_id, phase } });
    expect(cardOf([assign("bo", "review", 3), assign("ana", "implementation", 1)])).toMatchObject({
      implementer: "ana",
      reviewer: "bo",
      phase: "review",
    });
    expect(cardOf([assign("ana", "implementation", 1), assign("cy", "implementation", 4)])).toMatchObject({
      implementer: "cy",
      phase: "implementation",
    });
  });

  test("counts notes and errors and shows the latest of each", () => {
    const note = (entry_content: string, minute: number) =>
      arrivalOf("HistoryAdded", { minute, payload: { entry_content, author: "ana" } });
    const error = arrivalOf("ErrorLogged", { payload: { error_type: "validation", error_message: "unreadable" } });
    expect(cardOf([note("second", 2), note("first", 1), error])).toMatchObject({
      notes: 2,
      last_note: { by: "ana", text: "second", at: at(2) },
      errors: 1,
      last_error: { by: "validation", text: "unreadable" },
    });
  });

  test("shows which dependencies are out of the way", () => {
    const arrivals = [
      arrivalOf("DependencyResolved", { payload: { dependency_wp_id: "WP03" } }),
      arrivalOf("WPCreated", { payload: { title: "Form", dependencies: ["WP02", "WP03"] } }),
    ];
    expect(cardOf(arrivals).dependencies).toEqual([
      { wp_id: "WP02", resolved: false },
      { wp_id: "WP03", resolved: true },
    ]);
  });

  test("cuts what somebody wrote at length", () => {
    const long = arrivalOf("HistoryAdded", { payload: { entry_content: "x".repeat(9000) } });
    expect(cardOf([long]).last_note?.text).toHaveLength(401);
  });
});

describe("a feature", () => {
  test("has its own entry, with when it was completed last", () => {
    const error = arrivalOf("ErrorLogged", { payload: {} });
    const ofFeature = { feature_slug: "012-login", error_type: "runtime", error_message: "broken" };
    const board = foldBoard([
      arrivalOf("FeatureCompleted", { minute: 7, payload: { total_wps: 2 } }),
      arrivalOf("FeatureCreated", { payload: { feature_number: "012", target_branch: "main", wp_count: 2 } }),
      { ...error, event: { ...error.event, payload: ofFeature } },
    ]);
    expect([...board.values()].map(renderEntry)).toEqual([
      {
        kind: "feature",
        project: PROJECT,
        project_name: "shop",
        feature_slug: "012-login",
        feature_number: "012",
        target_branch: "main",
        created_at: at(0),
        completed_at: at(7),
        errors: 1,
        last_error: { at: at(0), by: "runtime", text: "broken" },
      },
    ]);
  });
});

describe("places", () => {
  const created = arrivalOf("WPCreated", { payload: { title: "Form" } });
  const within = (change: object): Arrival => ({ ...created, event: { ...created.event, ...change } });

  test("WP01 of two features, and of two projects, are different cards", () => {
    const board = foldBoard([
      created,
      within({ payload: { feature_slug: "013-logout", wp_id: "WP01" } }),
      arrivalOf("WPCreated", { project: "00000000-0000-5000-8000-000000000000", payload: {} }),
    ]);
    expect(board.size).toBe(3);
  });

  test.each([
    [
      "project_uuid",
      { source: undefined, project_uuid: "11111111-1111-4111-8111-111111111111" },
      "11111111-1111-4111-8111-111111111111",
    ],
    ["project_slug", { source: undefined, project_uuid: null, project_slug: "shop" }, "shop"],
    ["nothing at all", { source: undefined, project_slug: undefined }, ""],
  ])("without a source, the project is known by %s", (_, change, project) => {
    expect([...foldBoard([within(change)]).keys()]).toEqual([
      keyOf({ project, feature: "012-login", workPackage: "WP01" }),
    ]);
  });

  test.each([
    ["no feature", { payload: { wp_id: "WP01" } }],
    ["a type of tomorrow", { event_type: "WPTeleported" }],
  ])("an event of %s is on no card", (_, change) => {
    expect(foldBoard([within(change)]).size).toBe(0);
  });
});

test("any order of arrival gives the same board", () => {
  const fact = fc.record({
    kind: fc.constantFrom(
      "WPCreated",
      "WPStatusChanged",
      "WPAssigned",
      "HistoryAdded",
      "ErrorLogged",
      "DependencyResolved",
    ),
    wp_id: fc.constantFrom("WP01", "WP02"),
    lane: fc.constantFrom(...LANES),
    phase: fc.constantFrom("implementation" as const, "review" as const),
    minute: fc.integer({ min: 0, max: 6 }),
    clock: fc.integer({ min: 0, max: 3 }),
    receivedMinute: fc.constantFrom(0, 1440),
    name: fc.constantFrom("ana", "bo"),
  });
  const arrival = fact.map(({ kind, lane, wp_id, name, phase, ...facts }): Arrival => {
    const status = statusOf(lane);
    const all = {
      wp_id,
      lane,
      to_lane: lane,
      new_status: status,
      agent_id: name,
      phase,
      title: name,
      error_message: name,
    };
    const payload = { ...all, entry_content: name, dependency_wp_id: wp_id };
    return arrivalOf(kind, { ...facts, payload });
  });
  const inTwoOrders = fc
    .array(arrival, { maxLength: 12 })
    .chain((arrivals) =>
      fc.tuple(fc.constant(arrivals), fc.shuffledSubarray(arrivals, { minLength: arrivals.length })),
    );
  fc.assert(
    fc.property(inTwoOrders, ([one, other]) => {
      expect(Object.fromEntries(foldBoard(other))).toEqual(Object.fromEntries(foldBoard(one)));
    }),
    { numRuns: 300 },
  );
});
