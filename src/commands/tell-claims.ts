import { existsSync } from "node:fs";
import { basename } from "node:path";
import { type HeldClaim, readClaims, writeClaims } from "../capture/claims.ts";
import type { Worktree } from "../git/list-worktrees.ts";
import { findClaim, laneOf, tellClaim } from "../infer/infer-claim.ts";
import type { Capture, Teller } from "./capture.ts";
import type { Look } from "./look.ts";

/**
 * Holds the claims that new worktrees make. One whose work package some head shows off planned, or whose worktree is
 * gone, is dropped; one that is older than the grace is told. `keep` stores what stays held, once the events are queued.
 */
export async function tellClaims(
  { folder, now, project }: Capture,
  { seen, worktrees, stateOf }: Look,
  teller: Teller,
): Promise<{ keep(): void }> {
  const before = readClaims(folder);
  const claims = [...before, ...(await findClaims(worktrees, { seen, stateOf }))];
  if (claims.length === 0) return { keep: () => {} };
  const heads = await Promise.all(worktrees.flatMap(({ head }) => (head === undefined ? [] : [stateOf(head)])));
  const held: HeldClaim[] = [];
  for (const claim of claims) {
    const worktree = worktrees.find(({ key }) => key === claim.worktree);
    // Git knows a worktree whose folder was deleted until it is pruned.
    if (worktree?.head === undefined || !existsSync(worktree.path)) continue;
    if (heads.some((state) => (laneOf(state, claim) ?? "planned") !== "planned")) continue;
    if (now() - claim.at < project.worktreeGrace) held.push(claim);
    else await teller.tell(tellClaim(claim, await stateOf(worktree.head)));
  }
  return { keep: () => writeClaims(folder, held) };
}

/** A worktree that was never seen before claims the work package it is named after. */
async function findClaims(
  worktrees: readonly Worktree[],
  { seen, stateOf }: Pick<Look, "seen" | "stateOf">,
): Promise<HeldClaim[]> {
  const claims: HeldClaim[] = [];
  for (const { key, path, branch, head, createdAt } of worktrees) {
    if (createdAt === undefined || head === undefined || Object.hasOwn(seen.heads, key)) continue;
    const claim = findClaim([branch?.split("/").at(-1), basename(path)], await stateOf(head));
    if (claim) claims.push({ ...claim, worktree: key, at: createdAt, commit: head });
  }
  return claims;
}
