import type { EventDraft } from "../events/event-draft.ts";
import type { Commit, FeatureSnapshot, Snapshot } from "../model/snapshot.ts";
import { inferFeature, inferTakenFeature } from "./infer-feature.ts";
import { joinStates } from "./join-states.ts";
import { LayeredMap } from "./layered-map.ts";
import { EMPTY_FEATURE, type FeatureState, type State } from "./state.ts";

/** What a commit says: the state after it, and the events that led there. */
export interface Inference {
  readonly state: State;
  readonly drafts: EventDraft[];
}

const NO_TREES: ReadonlyMap<string, string> = new Map();

/**
 * Folds one commit: what its tree says, given what its parents knew. A path that one parent has as it is tells nothing
 * new; a feature that is gone while one with the same content appears was renamed; what is deleted stays known.
 */
export function inferEvents(parents: readonly State[], snapshot: Snapshot, commit: Commit): Inference {
  const depth = 1 + Math.max(0, ...parents.map((parent) => parent.depth));
  const trees = parents.length > 1 ? new Map(snapshot.features.map(({ name, oid }) => [name, oid])) : NO_TREES;
  const joined = joinStates(parents, trees);
  if (
    parents.length > 0 &&
    parents.every((parent) => parent.tree === snapshot.tree && parent.features === joined.features)
  ) {
    return { state: { ...joined, depth, tree: snapshot.tree }, drafts: [] };
  }
  const layers = joined.features instanceof LayeredMap ? joined.features : new LayeredMap(joined.features);
  const { features, renames } = followRenames(layers, joined.renames, snapshot);
  const news = new Map<string, FeatureState>();
  for (const feature of snapshot.gone) {
    const before = features.get(feature);
    if (before) news.set(feature, withoutFiles(before));
  }
  const drafts: EventDraft[] = [];
  // With one parent, what did not change there cannot have been taken from another.
  const names = parents.length > 1 ? trees.keys() : snapshot.changed.keys();
  for (const feature of names) {
    const before = features.get(feature) ?? EMPTY_FEATURE;
    const known = parents.map((parent) => parent.features.get(feature));
    const change = { feature, before, parents: known, commit };
    const changed = snapshot.changed.get(feature);
    const [taken, ...others] = changed
      ? []
      : known.flatMap((state) => (state && state.tree === trees.get(feature) ? [state] : []));
    if (!changed && (!taken || taken === before)) continue;
    const { after, drafts: more } = changed
      ? inferFeature(change, changed)
      : inferTakenFeature(change, [taken ?? before, ...others]);
    news.set(feature, after);
    drafts.push(...more);
  }
  return { state: { depth, tree: snapshot.tree, features: features.with(news), renames }, drafts };
}

function withoutFiles(feature: FeatureState): FeatureState {
  const gone = [...feature.workPackages].map(([id, state]) => [id, { ...state, present: false }] as const);
  return { ...feature, tree: undefined, complete: false, workPackages: new Map(gone) };
}

/** Hands the state of a feature that is gone to the one that appeared in its place. */
function followRenames(
  known: LayeredMap<FeatureState>,
  before: ReadonlyMap<string, string>,
  { changed, gone }: Snapshot,
): { features: LayeredMap<FeatureState>; renames: ReadonlyMap<string, string> } {
  let features = known;
  const renames = new Map(before);
  const candidates = new Set([...gone].sort().filter((name) => known.has(name)));
  for (const [name, appeared] of changed) {
    if (candidates.size === 0) break;
    if (features.has(name)) continue;
    const old = findSame(candidates, features, appeared);
    const state = old === undefined ? undefined : features.get(old);
    if (old === undefined || state === undefined) continue;
    features = features.without(old).with([[name, state]]);
    renames.set(old, name);
    candidates.delete(old);
  }
  return { features, renames: renames.size > before.size ? renames : before };
}

function findSame(
  candidates: ReadonlySet<string>,
  features: LayeredMap<FeatureState>,
  appeared: FeatureSnapshot,
): string | undefined {
  for (const name of candidates) if (isSame(features.get(name), appeared)) return name;
  return undefined;
}

/** One mission, or at least half of the work package files byte by byte. */
function isSame(gone: FeatureState | undefined, appeared: FeatureSnapshot): boolean {
  if (!gone) return false;
  if (gone.missionId !== undefined && gone.missionId === appeared.meta.missionId) return true;
  const blobs = new Set(appeared.workPackages.map(({ blob }) => blob));
  const files = [...gone.workPackages.values()].filter(({ present }) => present);
  return files.length > 0 && files.filter(({ blob }) => blobs.has(blob)).length * 2 >= files.length;
}
