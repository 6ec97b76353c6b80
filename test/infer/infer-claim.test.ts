import { expect, test } from "vitest";
import { findClaim, laneOf, tellClaim } from "../../src/infer/infer-claim.ts";
import { describeDraft, fold, stateAfter } from "../helpers/fold.ts";
import { workPackage } from "../helpers/work-package.ts";

const AT = Date.parse("2026-01-02T03:04:05Z");
const state = stateAfter({
  "001-login": {
    WP01: workPackage(),
    WP02: workPackage({ id: "WP02", lane: "doing" }),
    WP03: workPackage({ id: "WP03", agent: "claude" }),
  },
  "002-log-WP01": { WP01: workPackage() },
});
const claimOf = (workPackage: string) => ({ feature: "001-login", workPackage, at: AT, commit: "c".repeat(40) });

test.each<[string, (string | undefined)[], string | undefined]>([
  ["a branch names it", ["001-login-WP01"], "001-login WP01"],
  ["a detached worktree's directory names it", [undefined, "001-login-WP01"], "001-login WP01"],
  ["the branch counts before the directory", ["001-login-WP01", "001-login-WP03"], "001-login WP01"],
  ["the directory counts where the branch names none", ["topic", "001-login-WP03"], "001-login WP03"],
  ["a feature's name may itself look like that", ["002-log-WP01-WP01"], "002-log-WP01 WP01"],
  ["it is past planned already", ["001-login-WP02"], undefined],
  ["nobody knows the work package", ["001-login-WP09"], undefined],
  ["nobody knows the feature", ["009-login-WP01"], undefined],
  ["more digits are another name", ["001-login-WP011"], undefined],
  ["something follows", ["001-login-WP01-fix"], undefined],
  ["small letters", ["001-login-wp01"], undefined],
  ["no feature", ["WP01", "-WP01"], undefined],
  ["no name", [undefined], undefined],
])("a claim: %s", (_, names, expected) => {
  const found = findClaim(names, state);
  expect(found && `${found.feature} ${found.workPackage}`).toBe(expected);
});

test("the lane is the state's, and unknown where it knows none", () => {
  expect(laneOf(state, claimOf("WP02"))).toBe("doing");
  expect(laneOf(state, claimOf("WP09"))).toBeUndefined();
  expect(laneOf(state, { feature: "009-none", workPackage: "WP01" })).toBeUndefined();
});

test("a claim without an agent is one move, at the time of the worktree", () => {
  const drafts = tellClaim(claimOf("WP01"), state);
  expect(drafts.map(describeDraft)).toEqual(["WP01 planned>doing"]);
  expect(drafts[0]).toMatchObject({ time: AT, idTime: AT, commit: "c".repeat(40), kind: "worktree", cause: undefined });
});

test("where the file names an agent, the work package is its own from then on", () => {
  const [move, assigned, ...more] = tellClaim(claimOf("WP03"), state);
  expect(more).toEqual([]);
  expect(move?.fact.payload).toMatchObject({ from_lane: "planned", to_lane: "doing", changed_by: "claude" });
  expect(assigned).toMatchObject({
    fact: { event_type: "WPAssigned", payload: { agent_id: "claude", phase: "implementation", retry_count: 0 } },
    time: AT,
    kind: "worktree",
    cause: move,
  });
});

test.each<[string, string, (number | string)[]]>([
  ["the agent that had it before has it still", "claude", []],
  ["another one is the next try", "codex", ["codex", 1]],
])("sent back to planned: %s", (_, agent, expected) => {
  const sentBack = stateAfter(
    { "001-login": { WP01: workPackage() } },
    { "001-login": { WP01: workPackage({ lane: "doing", agent: "claude" }) } },
    { "001-login": { WP01: workPackage({ agent }) } },
  );
  const [move, ...assigned] = tellClaim(claimOf("WP01"), sentBack);
  expect(move && describeDraft(move)).toBe("WP01 planned>doing");
  const told = assigned.flatMap(({ fact }) =>
    fact.event_type === "WPAssigned" ? [fact.payload.agent_id, fact.payload.retry_count] : [],
  );
  expect(told).toEqual(expected);
});

test("a work package that left planned meanwhile, or is unknown, tells nothing", () => {
  expect(tellClaim(claimOf("WP02"), state)).toEqual([]);
  expect(tellClaim(claimOf("WP09"), state)).toEqual([]);
});

test("a commit that says doing at the very time of the worktree tells the same move", () => {
  const { drafts } = fold(
    { "001-login": { WP01: workPackage({ lane: "doing" }) } },
    { parent: stateAfter({ "001-login": { WP01: workPackage() } }), at: AT },
  );
  const [claimed] = tellClaim(claimOf("WP01"), state);
  expect(drafts.map(describeDraft)).toEqual(["WP01 planned>doing"]);
  expect(drafts[0]?.discriminator).toEqual(claimed?.discriminator);
});
