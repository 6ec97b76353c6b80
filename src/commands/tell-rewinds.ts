import { readCommit } from "../git/list-commits.ts";
import { isRebasing } from "../git/list-worktrees.ts";
import { inferRewinds } from "../infer/infer-rewinds.ts";
import type { Capture, Teller } from "./capture.ts";
import type { Look } from "./look.ts";

/** Tells, for each worktree whose HEAD left a history that no ref holds any more, what that took back. */
export async function tellRewinds(
  { repository }: Capture,
  { seen, worktrees, walked, stateOf }: Look,
  teller: Teller,
): Promise<void> {
  const followed = new Set(walked.flatMap(({ parents }) => parents));
  for (const worktree of worktrees) {
    const { key, head } = worktree;
    const left = seen.heads[key];
    if (head === undefined || left === undefined || left === head || followed.has(left) || isRebasing(worktree))
      continue;
    const lost = await repository.git.ask(["rev-list", "--ignore-missing", "--max-count=1", left, "--not", "--all"]);
    if (lost !== left) continue;
    const tip = walked.find(({ oid }) => oid === head) ?? (await readCommit(repository, head));
    await teller.tell(inferRewinds({ from: await stateOf(left), to: await stateOf(head) }, tip));
  }
}
