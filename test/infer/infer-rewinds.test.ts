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

const rewind = (from: readonly Files[], to: readonly Files[]) =>
  inferRewinds({ from: stateAfter(...from), to: stateAfter(...to) }, TIP);

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
  expect(inferRewinds({ from, to }, TIP).map(describeDraft)).toEqual(expected);
});

test("a move that the lost history knew, too, explains nothing", () => {
  const to = fold(login("doing"), { parent: stateAfter(login("planned")), at: HOUR }).state;
  const from = fold(login("done"), { parent: to, at: HOUR }).state;
  expect(inferRewinds({ from, to }, TIP).map(describeDraft)).toEqual(["WP01 done>doing"]);
});

test("it happened when the new tip was committed, and says how it came about", () => {
  const [draft] = rewind([login("planned"), login("doing")], [login("planned")]);
  expect(draft).toMatchObject({ time: TIP.committerTime, idTime: TIP.committerTime, commit: TIP.oid, kind: "rewind" });
});

test("it is told as no earlier than the move it takes back", () => {
  const lost = fold(login("doing"), { parent: stateAfter(login("planned")), at: 5 * HOUR }).state;
  const [draft] = inferRewinds({ from: lost, to: stateAfter(login("planned")) }, TIP);
  expect(draft).toMatchObject({ time: 5 * HOUR, idTime: TIP.committerTime });
});

test("its id follows from the lane and the new tip alone", () => {
  const idOf = createIdentity("0f0e0d0c-0b0a-5908-8706-050403020100", (text) => Buffer.from(digest(text), "hex"));
  const idsFor = (lane: string, oid: string) =>
    inferRewinds({ from: stateAfter(login(lane)), to: stateAfter(login("planned")) }, { ...TIP, oid }).map(idOf);
  expect(idsFor("doing", TIP.oid)).toEqual(idsFor("done", TIP.oid));
  expect(idsFor("doing", TIP.oid)).not.toEqual(idsFor("doing", "f".repeat(40)));
});
