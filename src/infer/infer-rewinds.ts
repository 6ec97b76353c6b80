import type { EventDraft } from "../events/event-draft.ts";
import type { Commit } from "../model/snapshot.ts";
import { draftMoved } from "./drafts.ts";
import { unrecordedHop } from "./hops.ts";
import type { State } from "./state.ts";

/**
 * Tells what a worktree lost when its HEAD left a history that nothing else keeps (reset, amend, forced pull): each work
 * package that is in another lane now, and that nothing just told brought there, moved back once. `tip` is the new HEAD.
 */
export function inferRewinds(
  { from, to }: { from: State; to: State },
  { tip, told }: { tip: Commit; told: readonly EventDraft[] },
): EventDraft[] {
  const drafts: EventDraft[] = [];
  for (const [feature, after] of to.features) {
    const before = from.features.get(feature);
    if (before === undefined || before === after) continue;
    for (const [workPackage, { lane, layout }] of after.workPackages) {
      const lost = before.workPackages.get(workPackage);
      if (lost === undefined || lost.lane === lane || tellsMove(told, { feature, workPackage, lane })) continue;
      const commit = { ...tip, authorTime: tip.committerTime };
      const draft = draftMoved({ feature, workPackage, commit, layout }, unrecordedHop(lost.lane, lane), {
        idTime: tip.committerTime,
        earlier: 0,
        notBefore: lost.moved?.time ?? 0,
      });
      drafts.push({ ...draft, discriminator: [lane, tip.oid], kind: "rewind" });
    }
  }
  return drafts;
}

function tellsMove(
  told: readonly EventDraft[],
  { feature, workPackage, lane }: { feature: string; workPackage: string; lane: string },
): boolean {
  return told.some(
    (draft) =>
      draft.feature === feature &&
      draft.workPackage === workPackage &&
      draft.fact.event_type === "WPStatusChanged" &&
      draft.fact.payload.to_lane === lane,
  );
}
