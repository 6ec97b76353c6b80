import { expect, test } from "vitest";
import { createIdentity } from "../../src/events/stamp-draft.ts";
import { inferRewinds } from "../../src/infer/infer-rewinds.ts";
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

const rewind = (from: readonly Files[], to: readonly Files[], told: Parameters<typeof inferRewinds>[1]["told"] = []) =>
  inferRewinds({ from: stateAfter(...from), to: stateAfter(...to) }, { tip: TIP, told });

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

test("what a commit of the new history tells is not told again", () => {
  const base = fold(login("planned"));
  const tells = fold(login("for_review"), { parent: base.state, at: HOUR });
  const lost = fold(login("doing"), { parent: base.state, at: HOUR });
  const both = { from: lost.state, to: tells.state };
  expect(inferRewinds(both, { tip: TIP, told: tells.drafts })).toEqual([]);
  expect(inferRewinds(both, { tip: TIP, told: base.drafts }).map(describeDraft)).toEqual(["WP01 doing>for_review"]);
});

test("a move of another work package, feature or lane explains nothing", () => {
  const told = (before: Files, after: Files) => fold(after, { parent: stateAfter(before) }).drafts;
  const explains = [
    ...told({ "002-other": login("doing")["001-login"] ?? {} }, { "002-other": login("planned")["001-login"] ?? {} }),
    ...told(login("doing", second("doing")), login("doing", second("planned"))),
    ...told(login("doing"), login("for_review")),
  ];
  expect(explains.map(describeDraft)).toEqual(["WP01 doing>planned", "WP02 doing>planned", "WP01 doing>for_review"]);
  expect(rewind([login("doing")], [login("planned")], explains).map(describeDraft)).toEqual(["WP01 doing>planned"]);
});

test("it happened when the new tip was committed, and says how it came about", () => {
  const [draft] = rewind([login("planned"), login("doing")], [login("planned")]);
  expect(draft).toMatchObject({ time: TIP.committerTime, idTime: TIP.committerTime, commit: TIP.oid, kind: "rewind" });
});

test("it is told as no earlier than the move it takes back", () => {
  const lost = fold(login("doing"), { parent: stateAfter(login("planned")), at: 5 * HOUR }).state;
  const [draft] = inferRewinds({ from: lost, to: stateAfter(login("planned")) }, { tip: TIP, told: [] });
  expect(draft).toMatchObject({ time: 5 * HOUR, idTime: TIP.committerTime });
});

test("its id follows from the lane and the new tip alone", () => {
  const idOf = createIdentity("0f0e0d0c-0b0a-5908-8706-050403020100", (text) => Buffer.from(digest(text), "hex"));
  const idsFor = (lane: string, oid: string) =>
    inferRewinds(
      { from: stateAfter(login(lane)), to: stateAfter(login("planned")) },
      { tip: { ...TIP, oid }, told: [] },
    ).map(idOf);
  expect(idsFor("doing", TIP.oid)).toEqual(idsFor("done", TIP.oid));
  expect(idsFor("doing", TIP.oid)).not.toEqual(idsFor("doing", "f".repeat(40)));
});
