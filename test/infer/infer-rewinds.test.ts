import { describe, expect, test } from "vitest";
import { createIdentity } from "../../src/events/stamp-draft.ts";
import { inferReturn, inferRewinds } from "../../src/infer/infer-rewinds.ts";
import type { State } from "../../src/infer/state.ts";
import type { Commit } from "../../src/model/snapshot.ts";
import { describeDraft, type Files, fold, stateAfter } from "../helpers/fold.ts";
import { digest } from "../helpers/memory-store.ts";
import { workPackage } from "../helpers/work-package.ts";

const HOUR = 3_600_000;
const TIP = { oid: "e".repeat(40), parents: [], authorTime: HOUR, committerTime: 2 * HOUR };

/** One feature with WP01 in a lane, and more of them by id. */
const login = (lane: string, more: Record<string, string> = {}): Files => ({
  "001-login": { WP01: workPackage({ lane }), ...more },
});
const second = (lane: string) => ({ WP02: workPackage({ id: "WP02", lane }) });

const LEFT = "d".repeat(40);
const rewinds = (from: State, to: State, { tip = TIP, left = LEFT }: { tip?: Commit; left?: string } = {}) =>
  inferRewinds({ left, from, to, tip }, []).map(({ draft }) => draft);
const rewind = (from: readonly Files[], to: readonly Files[]) => rewinds(stateAfter(...from), stateAfter(...to));

test.each<[string, Files[], Files[], string[]]>([
  ["a dropped move is taken back", [login("planned"), login("doing")], [login("planned")], ["WP01 doing>planned"]],
  [
    "two dropped moves are taken back at once",
    [login("planned"), login("doing"), login("done")],
    [login("planned")],
    ["WP01 done>planned"],
  ],
  ["the same lane by another way is no rewind", [login("planned"), login("doing")], [login("doing")], []],
  ["doing and in_progress are one lane", [login("doing")], [login("in_progress")], []],
  ["nothing changed", [login("doing")], [login("doing")], []],
  [
    "each work package by itself",
    [login("planned", second("planned")), login("doing", second("done"))],
    [login("doing", second("planned"))],
    ["WP02 done>planned"],
  ],
  ["a work package that is not there any more", [login("planned", second("doing"))], [login("planned")], []],
  ["a work package that was not there before", [login("planned")], [login("planned", second("doing"))], []],
  ["a feature that is not there any more", [login("doing")], [{}], []],
  ["a feature that was not there before", [{}], [login("doing")], []],
  ["files deleted, their state kept", [login("doing")], [login("doing"), {}], []],
])("%s", (_, from, to, expected) => {
  expect(rewind(from, to).map(describeDraft)).toEqual(expected);
});

test.each<[string, { lost: number; now: number }, string[]]>([
  ["a later move of the new history is told already", { lost: HOUR, now: 2 * HOUR }, []],
  ["an older one leaves boards in the lane that was lost", { lost: 2 * HOUR, now: HOUR }, ["WP01 done>for_review"]],
])("%s", (_, { lost, now }, expected) => {
  const base = fold(login("planned"));
  const from = fold(login("done"), { parent: base.state, at: lost }).state;
  const to = fold(login("for_review"), { parent: base.state, at: now }).state;
  expect(rewinds(from, to).map(describeDraft)).toEqual(expected);
});

test("a move that the lost history knew, too, explains nothing", () => {
  const to = fold(login("doing"), { parent: stateAfter(login("planned")), at: HOUR }).state;
  const from = fold(login("done"), { parent: to, at: HOUR }).state;
  expect(rewinds(from, to).map(describeDraft)).toEqual(["WP01 done>doing"]);
});

test("it happened when the new tip was committed, and says how it came about", () => {
  const [draft] = rewind([login("planned"), login("doing")], [login("planned")]);
  expect(draft).toMatchObject({ time: TIP.committerTime, idTime: TIP.committerTime, commit: TIP.oid, kind: "rewind" });
});

test("it is told as no earlier than the move it takes back", () => {
  const lost = fold(login("doing"), { parent: stateAfter(login("planned")), at: 5 * HOUR }).state;
  const [draft] = rewinds(lost, stateAfter(login("planned")));
  expect(draft).toMatchObject({ time: 5 * HOUR, idTime: TIP.committerTime });
});

test("its id follows from the lane, the new tip, the HEAD that was left and how often it happened", () => {
  const idOf = createIdentity("0f0e0d0c-0b0a-5908-8706-050403020100", (text) => Buffer.from(digest(text), "hex"));
  const idsFor = (lane: string, change: { tip?: Commit; left?: string } = {}) =>
    rewinds(stateAfter(login(lane)), stateAfter(login("planned")), change).map(idOf);
  expect(idsFor("doing")).toEqual(idsFor("done"));
  expect(idsFor("doing")).not.toEqual(idsFor("doing", { tip: { ...TIP, oid: "f".repeat(40) } }));
  expect(idsFor("doing")).not.toEqual(idsFor("doing", { left: "f".repeat(40) }));
  const [first] = inferRewinds(
    { left: LEFT, from: stateAfter(login("doing")), to: stateAfter(login("planned")), tip: TIP },
    [],
  );
  const again = inferRewinds(
    { left: LEFT, from: stateAfter(login("doing")), to: stateAfter(login("planned")), tip: TIP },
    first ? [first.rewound] : [],
  );
  expect(again.map(({ draft }) => idOf(draft))).not.toEqual(idsFor("doing"));
});

describe("what was taken back", () => {
  const base = fold(login("planned"));
  const doing = fold(login("doing"), { parent: base.state, at: HOUR }).state;
  const [taken] = inferRewinds({ left: LEFT, from: doing, to: base.state, tip: TIP }, []);
  const was = taken?.rewound ?? {
    feature: "",
    workPackage: "",
    lane: "planned" as const,
    time: 0,
    undone: "",
    turn: 0,
  };

  test("and stays so is told no more", () => {
    expect(inferReturn(was, base.state, TIP)).toEqual({ rewind: undefined, keep: true });
    expect(inferReturn(was, fold({}).state, TIP)).toEqual({ rewind: undefined, keep: true });
  });

  test("and comes again is told once more, no earlier than the rewind", () => {
    const { rewind: back, keep } = inferReturn(was, doing, TIP);
    expect([describeDraft(back?.draft ?? missing()), keep]).toEqual(["WP01 planned>doing", false]);
    expect(back?.draft).toMatchObject({ kind: "rewind", time: was.time });
    expect(back?.rewound).toMatchObject({ lane: "doing", turn: 2 });
  });

  test("counts no more once a later move has been told", () => {
    const later = fold(login("for_review"), { parent: base.state, at: 5 * HOUR }).state;
    expect(inferReturn(was, later, TIP)).toEqual({ rewind: undefined, keep: false });
  });

  test("an older move than the rewind is told after it", () => {
    const older = fold(login("for_review"), { parent: base.state, at: HOUR / 2 }).state;
    expect(describeDraft(inferReturn(was, older, TIP).rewind?.draft ?? missing())).toBe("WP01 planned>for_review");
  });
});

function missing(): never {
  throw new Error("nothing was told");
}
