import type { EventDraft } from "../events/event-draft.ts";
import type { Commit } from "../model/snapshot.ts";
import { draftMoved } from "./drafts.ts";
import { unrecordedHop } from "./hops.ts";
import { rowKey, type State, type WorkPackageState } from "./state.ts";

/**
 * Tells what a worktree lost when its HEAD left a history that nothing else keeps (reset, amend, forced pull): each work
 * package that is in another lane now, and that no later move of the new history brought there, moved back once. `tip` is
 * the new HEAD.
 */
export function inferRewinds({ from, to }: { from: State; to: State }, tip: Commit): EventDraft[] {
  const drafts: EventDraft[] = [];
  const commit = { ...tip, authorTime: tip.committerTime };
  for (const [feature, after] of to.features) {
    const before = from.features.get(feature);
    if (before === undefined || before === after) continue;
    for (const [workPackage, now] of after.workPackages) {
      const lost = before.workPackages.get(workPackage);
      if (lost === undefined || lost.lane === now.lane || movedOn(now, lost)) continue;
      const { lane, layout } = now;
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

/** Whether the last move of a work package is news to what was lost, and comes after it: then it is told already. */
function movedOn({ lane, moved }: WorkPackageState, lost: WorkPackageState): boolean {
  if (moved === undefined || lost.moves.has(rowKey({ to: lane, time: moved.idTime }))) return false;
  return moved.time >= (lost.moved?.time ?? 0);
}
