import { LANES } from "../model/lane.ts";
import type { FeatureState, State, WorkPackageState } from "./state.ts";
import { EMPTY_STATE } from "./state.ts";

/** Joins what the parents of a commit know: of each work package the latest move wins, and all that was told stays told. */
export function joinStates(parents: readonly State[], names: ReadonlyMap<string, unknown>): State {
  const [first = EMPTY_STATE, ...others] = parents;
  if (others.every((other) => other === first)) return first;
  const renames = new Map(parents.flatMap((parent) => [...parent.renames]));
  const features = new Map<string, FeatureState>();
  for (const parent of parents) {
    for (const [name, feature] of parent.features) {
      const current = names.has(name) ? name : follow(renames, name, names);
      const other = features.get(current);
      features.set(current, other === undefined ? feature : joinFeatures(other, feature));
    }
  }
  return { depth: Math.max(...parents.map((parent) => parent.depth)), tree: undefined, features, renames };
}

/** The name a feature has now. */
function follow(renames: ReadonlyMap<string, string>, name: string, names: ReadonlyMap<string, unknown>): string {
  let current = name;
  for (let steps = 0; steps < renames.size; steps++) {
    const next = renames.get(current);
    if (next === undefined || names.has(current)) break;
    current = next;
  }
  return current;
}

function joinFeatures(a: FeatureState, b: FeatureState): FeatureState {
  if (a === b) return a;
  const workPackages = new Map(a.workPackages);
  for (const [id, workPackage] of b.workPackages) {
    const other = workPackages.get(id);
    workPackages.set(id, other === undefined ? workPackage : joinWorkPackages(other, workPackage));
  }
  return {
    tree: a.tree ?? b.tree,
    missionId: a.missionId ?? b.missionId,
    eventLog: a.eventLog || b.eventLog,
    complete: a.complete || b.complete,
    completions: union(a.completions, b.completions),
    workPackages,
  };
}

function joinWorkPackages(a: WorkPackageState, b: WorkPackageState): WorkPackageState {
  if (a === b) return a;
  const latest = isLater(b, a) ? b : a;
  const moves = new Map(a.moves);
  for (const [key, count] of b.moves) moves.set(key, Math.max(count, moves.get(key) ?? 0));
  return {
    ...latest,
    moves,
    entries: joinEntries(a.entries, b.entries),
    rows: union(a.rows, b.rows),
    agents: {
      implementation: joinAgents(a.agents.implementation, b.agents.implementation),
      review: joinAgents(a.agents.review, b.agents.review),
    },
    resolved: union(a.resolved, b.resolved),
    unreadable: union(a.unreadable, b.unreadable),
  };
}

/** Whether a state is the newer of two, whichever parent comes first: by the time told, the time recorded, the lane. */
function isLater(a: WorkPackageState, b: WorkPackageState): boolean {
  const told = (a.moved?.time ?? -1) - (b.moved?.time ?? -1);
  const recorded = (a.moved?.idTime ?? -1) - (b.moved?.idTime ?? -1);
  return (told || recorded || LANES.indexOf(a.lane) - LANES.indexOf(b.lane)) > 0;
}

/** What both know; an entry that one side still has was not taken out. */
function joinEntries(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const entries = new Map(a);
  for (const [key, stamp] of b) entries.set(key, stamp || (a.get(key) ?? ""));
  return entries;
}

/** Of two lists with one beginning the longer; else one after the other, what both have in common once. */
function joinAgents(a: readonly string[], b: readonly string[]): readonly string[] {
  const shared = a.findIndex((agent, index) => agent !== b[index]);
  return shared === -1
    ? b.length > a.length
      ? b
      : a
    : [...a, ...b.slice(shared).filter((agent) => !a.includes(agent))];
}

function union<Item>(a: ReadonlySet<Item>, b: ReadonlySet<Item>): ReadonlySet<Item> {
  return a === b ? a : new Set([...a, ...b]);
}
