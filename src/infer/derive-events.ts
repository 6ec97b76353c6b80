import type { EventDraft } from "../events/event-draft.ts";
import type { Commit } from "../model/snapshot.ts";
import { draftCompleted, draftResolved } from "./drafts.ts";
import type { FeatureState, LastMove, WorkPackageState } from "./state.ts";

/** What a commit says of one feature. */
export interface FeatureOutcome {
  readonly after: FeatureState;
  readonly drafts: EventDraft[];
}

/** A feature in a commit: its name, what the commit's parents know of it, together and each, and the commit. */
export interface FeatureChange {
  readonly feature: string;
  readonly before: FeatureState;
  readonly parents: readonly (FeatureState | undefined)[];
  readonly commit: Commit;
}

/**
 * Adds what follows from the lanes: dependencies that are met and a feature that is complete, each told once. Lanes that
 * were set without a move (`untold`) bring nothing, nor does a new edge to what every parent already knew as done.
 */
export function deriveEvents(
  change: FeatureChange,
  state: FeatureState,
  { drafts, untold }: { drafts: EventDraft[]; untold: ReadonlySet<string> },
): FeatureOutcome {
  const { feature, before, parents, commit } = change;
  const workPackages = new Map([...state.workPackages].sort((a, b) => (a[0] < b[0] ? -1 : 1)));
  for (const [id, workPackage] of workPackages) {
    if (!workPackage.present) continue;
    let { resolved } = workPackage;
    for (const dependency of workPackage.dependencies) {
      const other = state.workPackages.get(dependency);
      if (other?.lane !== "done" || !other.moved) continue;
      const { moved } = other;
      const key = `${dependency}@${moved.idTime}`;
      if (resolved.has(key)) continue;
      resolved = new Set([...resolved, key]);
      const old = parents.length > 0 && parents.every((parent) => knowsAsDone(parent, dependency, moved));
      if (untold.has(dependency) || old) continue;
      drafts.push(draftResolved({ feature, workPackage: id, commit, layout: workPackage.layout }, dependency, moved));
    }
    if (resolved !== workPackage.resolved) workPackages.set(id, { ...workPackage, resolved });
  }
  const present = [...workPackages].filter((entry) => entry[1].present);
  const complete = isComplete(present);
  const [last, move] = complete ? latest(present) : [];
  const completions = move && !before.complete ? new Set([...state.completions, move.idTime]) : state.completions;
  if (move && completions.size > state.completions.size && !untold.has(last ?? "")) {
    const layout = present[0]?.[1].layout ?? "flat";
    drafts.push(draftCompleted({ feature, commit, layout }, present.length, move));
  }
  return { after: { ...state, workPackages, complete, completions }, drafts };
}

function knowsAsDone(parent: FeatureState | undefined, id: string, { idTime }: LastMove): boolean {
  const known = parent?.workPackages.get(id);
  return known?.lane === "done" && known.moved?.idTime === idTime;
}

function isComplete(workPackages: readonly (readonly [string, WorkPackageState])[]): boolean {
  const ended = workPackages.every((entry) => entry[1].lane === "done" || entry[1].lane === "canceled");
  return ended && workPackages.some((entry) => entry[1].lane === "done");
}

/** The move that was told last, and whose it was. */
function latest(workPackages: readonly (readonly [string, WorkPackageState])[]): [string, LastMove] | [] {
  const moves = workPackages.flatMap(([id, { moved }]): [string, LastMove][] => (moved ? [[id, moved]] : []));
  return moves.reduce<[string, LastMove] | []>(
    (last, move) => (last[1] && last[1].time >= move[1].time ? last : move),
    [],
  );
}
