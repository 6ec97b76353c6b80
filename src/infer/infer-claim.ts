import type { EventDraft } from "../events/event-draft.ts";
import type { Lane } from "../model/lane.ts";
import { draftAssigned, draftMoved } from "./drafts.ts";
import { unrecordedHop } from "./hops.ts";
import type { State } from "./state.ts";

/** A worktree that was added for a work package: somebody is going to work on it. */
export interface Claim {
  readonly feature: string;
  readonly workPackage: string;
  /** When the worktree was added, in ms since the epoch. */
  readonly at: number;
  /** Oid of the worktree's HEAD. */
  readonly commit: string;
}

const CLAIMING_NAME = /^(.+)-(WP\d{2})$/;

/** Finds the planned work package that a new worktree's branch or directory names (`<feature>-WP01`); undefined if none. */
export function findClaim(
  names: readonly (string | undefined)[],
  state: State,
): Pick<Claim, "feature" | "workPackage"> | undefined {
  for (const name of names) {
    const [, feature = "", workPackage = ""] = CLAIMING_NAME.exec(name ?? "") ?? [];
    if (laneOf(state, { feature, workPackage }) === "planned") return { feature, workPackage };
  }
  return undefined;
}

/** The lane a claimed work package is in; undefined where the state does not know it. */
export function laneOf(
  state: State,
  { feature, workPackage }: Pick<Claim, "feature" | "workPackage">,
): Lane | undefined {
  return state.features.get(feature)?.workPackages.get(workPackage)?.lane;
}

/** Tells a claim: the work package moved to doing when the worktree was added, and its agent, if one is named, has it. */
export function tellClaim(claim: Claim, state: State): EventDraft[] {
  const { feature, workPackage, at } = claim;
  const known = state.features.get(feature)?.workPackages.get(workPackage);
  if (known?.lane !== "planned") return [];
  const { agent, agents, layout } = known;
  const commit = { oid: claim.commit, parents: [], authorTime: at, committerTime: at };
  const context = { feature, workPackage, commit, layout };
  const hop = { ...unrecordedHop("planned", "doing"), time: at, actor: agent };
  const move: EventDraft = { ...draftMoved(context, hop, { idTime: at, earlier: 0, notBefore: 0 }), kind: "worktree" };
  if (agent === undefined || agent === agents.implementation.at(-1)) return [move];
  const retries = agents.implementation.length;
  const assigned = draftAssigned(context, { agent, phase: "implementation", retries, move });
  return [move, { ...assigned, kind: "worktree" }];
}
