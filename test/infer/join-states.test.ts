import { describe, expect, test } from "vitest";
import { joinStates } from "../../src/infer/join-states.ts";
import {
  EMPTY_FEATURE,
  EMPTY_STATE,
  type FeatureState,
  type State,
  type WorkPackageState,
} from "../../src/infer/state.ts";

const PACKAGE: WorkPackageState = {
  blob: "b0",
  present: true,
  layout: "flat",
  lane: "planned",
  written: undefined,
  moved: undefined,
  moves: new Map(),
  entries: new Map(),
  rows: new Set(),
  agent: undefined,
  agents: { implementation: [], review: [] },
  dependencies: [],
  resolved: new Set(),
  unreadable: new Set(),
};

function feature(workPackage: Partial<WorkPackageState>, more: Partial<FeatureState> = {}): FeatureState {
  return { ...EMPTY_FEATURE, workPackages: new Map([["WP01", { ...PACKAGE, ...workPackage }]]), ...more };
}

function state(features: Record<string, FeatureState>, more: Partial<State> = {}): State {
  return { ...EMPTY_STATE, features: new Map(Object.entries(features)), ...more };
}

/** What two parents together know of WP01 of one feature. */
function join(a: Partial<WorkPackageState>, b: Partial<WorkPackageState>): WorkPackageState | undefined {
  const joined = joinStates([state({ f: feature(a) }), state({ f: feature(b) })], new Map());
  return joined.features.get("f")?.workPackages.get("WP01");
}

function namesOf(joined: State): string[] {
  return [...joined.features].map(([name]) => name).sort();
}

const at = (time: number) => ({ idTime: time, time });

describe("parents", () => {
  test("no parent knows nothing", () => {
    expect(joinStates([], new Map())).toBe(EMPTY_STATE);
  });

  test("one parent, or one twice, is taken as it is", () => {
    const only = state({ f: feature({}) }, { depth: 3 });
    expect(joinStates([only], new Map())).toBe(only);
    expect(joinStates([only, only], new Map())).toBe(only);
  });

  test("the deepest counts, and each one's features are known", () => {
    const joined = joinStates(
      [state({ a: feature({}) }, { depth: 3 }), state({ b: feature({}) }, { depth: 9 }), state({})],
      new Map(),
    );
    expect(joined.depth).toBe(9);
    expect(namesOf(joined)).toEqual(["a", "b"]);
  });

  test("a feature that both have as it is stays the same object", () => {
    const shared = feature({});
    const joined = joinStates([state({ f: shared }), state({ f: shared, g: feature({}) })], new Map());
    expect(joined.features.get("f")).toBe(shared);
  });
});

describe("one work package that two parents know", () => {
  test.each<[string, Partial<WorkPackageState>, Partial<WorkPackageState>, string]>([
    ["the later move wins", { lane: "doing", moved: at(1) }, { lane: "done", moved: at(2) }, "done"],
    ["whichever parent has it", { lane: "done", moved: at(2) }, { lane: "doing", moved: at(1) }, "done"],
    ["a move wins over none", { lane: "planned" }, { lane: "done", moved: at(0) }, "done"],
    [
      "of two at one time the one further down the board",
      { lane: "doing", moved: at(1) },
      { lane: "done", moved: at(1) },
      "done",
    ],
    [
      "the time told counts, not the recorded one",
      { lane: "doing", moved: { idTime: 99, time: 1 } },
      { lane: "done", moved: { idTime: 2, time: 2 } },
      "done",
    ],
  ])("%s", (_, a, b, lane) => {
    expect(join(a, b)?.lane).toBe(lane);
  });

  test("the winner brings its file, agent and dependencies along", () => {
    const winner = { blob: "b2", agent: "codex", dependencies: ["WP09"], layout: "event_log", present: false } as const;
    expect(join({ blob: "b1", agent: "claude", moved: at(1) }, { ...winner, moved: at(2) })).toMatchObject(winner);
  });

  test("all that was told stays told", () => {
    const joined = join(
      {
        moves: new Map([
          ["doing@1", 2],
          ["done@2", 1],
        ]),
        entries: new Map([["a", "1 x"]]),
        rows: new Set(["r1"]),
        resolved: new Set(["WP02@1"]),
        unreadable: new Set(["u1"]),
      },
      {
        moves: new Map([
          ["doing@1", 1],
          ["planned@3", 1],
        ]),
        entries: new Map([["b", "2 y"]]),
        rows: new Set(["r2"]),
        resolved: new Set(["WP02@2"]),
        unreadable: new Set(["u2"]),
      },
    );
    expect(joined).toMatchObject({
      moves: new Map([
        ["doing@1", 2],
        ["done@2", 1],
        ["planned@3", 1],
      ]),
      entries: new Map([
        ["a", "1 x"],
        ["b", "2 y"],
      ]),
      rows: new Set(["r1", "r2"]),
      resolved: new Set(["WP02@1", "WP02@2"]),
      unreadable: new Set(["u1", "u2"]),
    });
  });

  test.each<[string[], string[], string[]]>([
    [[], ["a"], ["a"]],
    [["a"], [], ["a"]],
    [["a", "b"], ["a"], ["a", "b"]],
    [["a"], ["a", "b"], ["a", "b"]],
    [
      ["a", "b"],
      ["a", "c"],
      ["a", "b", "c"],
    ],
    [["a"], ["b"], ["a", "b"]],
    [
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ],
  ])("agents %j and %j are %j", (a, b, agents) => {
    const joined = join({ agents: { implementation: a, review: b } }, { agents: { implementation: b, review: [] } });
    expect(joined?.agents).toEqual({ implementation: agents, review: b });
  });
});

describe("one feature that two parents know", () => {
  test("has the work packages of both", () => {
    const one = { ...EMPTY_FEATURE, workPackages: new Map([["WP01", PACKAGE]]) };
    const two = { ...EMPTY_FEATURE, workPackages: new Map([["WP02", PACKAGE]]) };
    const joined = joinStates([state({ f: one }), state({ f: two })], new Map()).features.get("f");
    expect([...(joined?.workPackages.keys() ?? [])]).toEqual(["WP01", "WP02"]);
  });

  test.each<[Partial<FeatureState>, Partial<FeatureState>, Partial<FeatureState>]>([
    [{ eventLog: true }, {}, { eventLog: true }],
    [{}, { eventLog: true }, { eventLog: true }],
    [{ complete: true }, {}, { complete: true }],
    [{}, {}, { eventLog: false, complete: false, missionId: undefined }],
    [{ missionId: "1" }, { missionId: "2" }, { missionId: "1" }],
    [{}, { missionId: "2" }, { missionId: "2" }],
    [{ tree: "t1" }, { tree: "t2" }, { tree: "t1" }],
    [{}, { tree: "t2" }, { tree: "t2" }],
    [{ completions: new Set([1]) }, { completions: new Set([2]) }, { completions: new Set([1, 2]) }],
  ])("%j and %j is %j", (a, b, expected) => {
    const joined = joinStates([state({ f: feature({}, a) }), state({ f: feature({}, b) })], new Map());
    expect(joined.features.get("f")).toMatchObject(expected);
  });
});

describe("renames", () => {
  const old = (more: Partial<State> = {}): State => state({ a: feature({ lane: "doing", moved: at(1) }) }, more);
  const renamed = state({ b: feature({}) }, { renames: new Map([["a", "b"]]) });

  test.each([
    ["the first", [renamed, old()]],
    ["the other", [old(), renamed]],
  ])("a feature that %s parent renamed is one, under its new name", (_, parents) => {
    const joined = joinStates(parents, new Map([["b", "tree"]]));
    expect(namesOf(joined)).toEqual(["b"]);
    expect(joined.features.get("b")?.workPackages.get("WP01")?.lane).toBe("doing");
    expect([...joined.renames]).toEqual([["a", "b"]]);
  });

  test("several renames are followed to the end", () => {
    const last = state(
      { c: feature({}) },
      {
        renames: new Map([
          ["a", "b"],
          ["b", "c"],
        ]),
      },
    );
    expect(namesOf(joinStates([last, old()], new Map([["c", "tree"]])))).toEqual(["c"]);
  });

  test("a name that the commit's tree still has is its own feature", () => {
    const names = new Map([
      ["a", "tree"],
      ["b", "tree"],
    ]);
    expect(namesOf(joinStates([renamed, old()], names))).toEqual(["a", "b"]);
  });

  test("a rename that was taken back is not followed in a circle", () => {
    const back = state(
      { a: feature({}) },
      {
        renames: new Map([
          ["a", "b"],
          ["b", "a"],
        ]),
      },
    );
    const between = state({ b: feature({ lane: "doing", moved: at(1) }) }, { renames: new Map([["a", "b"]]) });
    expect(namesOf(joinStates([back, between], new Map([["a", "tree"]])))).toEqual(["a"]);
  });
});
