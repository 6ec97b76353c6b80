import type { EventDraft } from "../events/event-draft.ts";
import type { Lane } from "../model/lane.ts";
import type { Commit } from "../model/snapshot.ts";
import { draftMoved } from "./drafts.ts";
import { unrecordedHop } from "./hops.ts";
import { rowKey, type State, type WorkPackageState } from "./state.ts";

/** Where boards see a work package since a rewind, or since what a rewind took back came again. */
export interface Rewound {
  readonly feature: string;
  readonly workPackage: string;
  readonly lane: Lane;
  /** When it was told to be there, in ms since the epoch. */
  readonly time: number;
  /** The move it took back, as `<lane>@<ms>`: its id is spent, so nobody hears of it when it comes again. */
  readonly undone: string;
  /** How often it went to and fro. */
  readonly turn: number;
}

/** A move that no commit tells, and how boards see the work package from then on. */
export interface Rewind {
  readonly draft: EventDraft;
  readonly rewound: Rewound;
}

/** A HEAD that was left, what its history said, and the one in its place. */
export interface LeftHead {
  readonly left: string;
  readonly from: State;
  readonly to: State;
  readonly tip: Commit;
}

/**
 * Tells what a worktree lost when its HEAD left a history that nothing else keeps (reset, amend, forced pull): each work
 * package that is in another lane now, and that no later move of the new history brought there, moved back once.
 */
export function inferRewinds({ left, from, to, tip }: LeftHead, before: readonly Rewound[]): Rewind[] {
  const rewinds: Rewind[] = [];
  for (const [feature, after] of to.features) {
    const known = from.features.get(feature);
    if (known === undefined || known === after) continue;
    for (const [workPackage, now] of after.workPackages) {
      const lost = known.workPackages.get(workPackage);
      if (lost === undefined || lost.lane === now.lane || movedOn(now, lost)) continue;
      const turn = (before.find(isOf({ feature, workPackage }))?.turn ?? 0) + 1;
      const undone = keyOfMove(lost) ?? "";
      const was = { feature, workPackage, lane: lost.lane, time: lost.moved?.time ?? 0, undone, turn };
      rewinds.push(rewindTo(now, was, { tip, why: left }));
    }
  }
  return rewinds;
}

/**
 * Tells that a work package is in another lane than a rewind left it in, because its HEAD went forward again or the same
 * change was committed anew; undefined where it is not, or where a later move has been told. `keep` says whether the
 * rewind still counts.
 */
export function inferReturn(was: Rewound, to: State, tip: Commit): { rewind: Rewind | undefined; keep: boolean } {
  const now = to.features.get(was.feature)?.workPackages.get(was.workPackage);
  if (now === undefined || now.lane === was.lane) return { rewind: undefined, keep: true };
  const cameAgain = keyOfMove(now) === was.undone;
  if (!cameAgain && (now.moved?.time ?? 0) >= was.time) return { rewind: undefined, keep: false };
  return { rewind: rewindTo(now, { ...was, turn: was.turn + 1 }, { tip, why: "return" }), keep: false };
}

/** True for a rewind of the same work package. */
export function isOf({ feature, workPackage }: Pick<Rewound, "feature" | "workPackage">): (other: Rewound) => boolean {
  return (other) => other.feature === feature && other.workPackage === workPackage;
}

function rewindTo(now: WorkPackageState, was: Rewound, { tip, why }: { tip: Commit; why: string }): Rewind {
  const { feature, workPackage, turn } = was;
  const { lane, layout } = now;
  const commit = { ...tip, authorTime: tip.committerTime };
  const moved = draftMoved({ feature, workPackage, commit, layout }, unrecordedHop(was.lane, lane), {
    idTime: tip.committerTime,
    earlier: 0,
    notBefore: was.time,
  });
  const discriminator = [lane, tip.oid, why, String(turn)];
  const draft: EventDraft = { ...moved, discriminator, kind: "rewind" };
  return { draft, rewound: { feature, workPackage, lane, time: draft.time, undone: was.undone, turn } };
}

/** Whether the last move of a work package is news to what was lost, and comes after it: then it is told already. */
function movedOn(now: WorkPackageState, lost: WorkPackageState): boolean {
  const key = keyOfMove(now);
  if (key === undefined || lost.moves.has(key)) return false;
  return (now.moved?.time ?? 0) >= (lost.moved?.time ?? 0);
}

function keyOfMove({ lane, moved }: WorkPackageState): string | undefined {
  return moved && rowKey({ to: lane, time: moved.idTime });
}
