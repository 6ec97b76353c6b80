import type { Bell } from "../capture/bells.ts";
import type { Seen } from "../capture/seen.ts";
import type { ListedCommit } from "../git/list-commits.ts";
import type { Worktree } from "../git/list-worktrees.ts";
import type { State } from "../infer/state.ts";

/** What one look found: where HEAD is in every worktree, and the states there. */
export interface Look {
  readonly seen: Seen;
  readonly worktrees: readonly Worktree[];
  /** Hooks that fired since the last look. */
  readonly rung: readonly Bell[];
  readonly walked: readonly ListedCommit[];
  readonly stateOf: (oid: string) => Promise<State>;
}
