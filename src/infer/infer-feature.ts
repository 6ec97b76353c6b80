import type { Layout } from "../events/envelope.ts";
import type { EventDraft } from "../events/event-draft.ts";
import type { Lane } from "../model/lane.ts";
import type { FeatureSnapshot } from "../model/snapshot.ts";
import { deriveEvents, type FeatureChange, type FeatureOutcome } from "./derive-events.ts";
import { draftFeatureCreated, draftMoved } from "./drafts.ts";
import { unrecordedHop } from "./hops.ts";
import { inferWorkPackage } from "./infer-work-package.ts";
import type { FeatureState, WorkPackageState } from "./state.ts";

/** Tells what a commit did to a feature whose tree none of its parents has. */
export function inferFeature(change: FeatureChange, snapshot: FeatureSnapshot): FeatureOutcome {
  const { feature, before, commit } = change;
  const { rows } = snapshot;
  const drafts: EventDraft[] = [];
  const first = before.workPackages.size === 0 && snapshot.workPackages.length > 0;
  const layout = first ? featureLayout(snapshot) : "flat";
  const count = snapshot.workPackages.length;
  const featureCreated = first
    ? draftFeatureCreated({ feature, commit, layout }, { meta: snapshot.meta, count })
    : undefined;
  if (featureCreated) drafts.push(featureCreated);
  const firstLog = rows !== undefined && !before.eventLog;

  const untold = new Set<string>();
  const workPackages = new Map<string, WorkPackageState>();
  const files = new Set(snapshot.workPackages.map(({ id }) => id));
  for (const [id, state] of before.workPackages) {
    workPackages.set(id, files.has(id) || !state.present ? state : { ...state, present: false });
  }
  for (const file of snapshot.workPackages) {
    const known = before.workPackages.get(file.id);
    const { after, drafts: more } = inferWorkPackage({
      feature,
      before: known,
      file,
      rows: rows?.get(file.id),
      firstLog,
      commit,
      featureCreated,
    });
    workPackages.set(file.id, after);
    drafts.push(...more);
    if (firstLog && after.lane !== (known?.lane ?? "planned") && !tellsLane(more, after.lane)) untold.add(file.id);
  }
  const after = {
    ...before,
    tree: snapshot.tree,
    missionId: snapshot.meta.missionId ?? before.missionId,
    eventLog: before.eventLog || rows !== undefined,
    workPackages,
  };
  return deriveEvents(change, after, { drafts, untold });
}

function tellsLane(drafts: readonly EventDraft[], lane: Lane): boolean {
  return drafts.some(({ fact }) => fact.event_type === "WPStatusChanged" && fact.payload.to_lane === lane);
}

function featureLayout({ rows, workPackages }: FeatureSnapshot): Layout {
  if (rows) return "event_log";
  return workPackages.some(({ directory }) => directory !== undefined) ? "lane_directory" : "flat";
}

/**
 * Tells what a merge did to a feature whose tree one parent already has: that tree's lanes are that parent's, and where
 * the parents together know a later move, the merge took it back. `owners` are the parents' states with that tree.
 */
export function inferTakenFeature(
  change: FeatureChange,
  owners: readonly [FeatureState, ...FeatureState[]],
): FeatureOutcome {
  const { feature, before, commit } = change;
  const [taken] = owners;
  const drafts: EventDraft[] = [];
  const workPackages = new Map<string, WorkPackageState>();
  for (const [id, state] of before.workPackages) {
    const said = taken.workPackages.get(id);
    if (!said?.present) {
      workPackages.set(id, { ...state, present: false });
      continue;
    }
    const { blob, present, layout, agent, dependencies, written } = said;
    const merged = { ...state, blob, present, layout, agent, dependencies, written };
    if (owners.some((owner) => owner.workPackages.get(id)?.lane === state.lane)) {
      workPackages.set(id, merged);
      continue;
    }
    const key = `${said.lane}@${commit.authorTime}`;
    const earlier = state.moves.get(key) ?? 0;
    const draft = draftMoved({ feature, workPackage: id, commit, layout }, unrecordedHop(state.lane, said.lane), {
      idTime: commit.authorTime,
      earlier,
      notBefore: state.moved?.time ?? 0,
    });
    drafts.push(draft);
    const moved = { idTime: draft.idTime, time: draft.time };
    workPackages.set(id, { ...merged, lane: said.lane, moved, moves: new Map([...state.moves, [key, earlier + 1]]) });
  }
  return deriveEvents(change, { ...before, tree: taken.tree, workPackages }, { drafts, untold: new Set() });
}
