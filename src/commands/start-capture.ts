import { join } from "node:path";
import { writeLaneNames } from "../capture/lane-names.ts";
import { NOTHING_SEEN, readSeen, writeSeen } from "../capture/seen.ts";
import { Failure } from "../errors.ts";
import { ALL_HISTORY, collectCommits, listCommits } from "../git/list-commits.ts";
import { listWorktrees } from "../git/list-worktrees.ts";
import { acquireLock } from "../queue/lock.ts";
import type { Capture } from "./capture.ts";
import { advanceTips, recordProject } from "./catch-up.ts";
import { inferNews } from "./infer-news.ts";

/** How long another process may look at the repository before we give up, in ms. */
const WAIT = 60_000;

/**
 * Begins to capture a repository: from now on what is new is told. All history there is counts as told, unless `backfill`
 * wants it told by the next look. Where capturing began before, nothing changes but for `backfill`.
 */
export async function startCapture(capture: Capture, { backfill }: { backfill: boolean }): Promise<void> {
  const { folder, repository } = capture;
  await recordProject(capture);
  writeLaneNames(folder, capture.project.laneNames);
  const release = await acquireLock(join(folder, "drain.lock"), { wait: WAIT, pid: capture.pid });
  if (!release) {
    throw new Failure("failed", {
      message: "Another spec-kitty process has been looking at this repository for a minute.",
      nextStep: "Wait until it has ended, then run the same command again.",
    });
  }
  try {
    const begun = readSeen(folder);
    if (begun && !backfill) return;
    const worktrees = await listWorktrees(repository);
    const heads = Object.fromEntries(worktrees.flatMap(({ key, head }) => (head === undefined ? [] : [[key, head]])));
    if (!backfill) await storeStates(capture, Object.values(heads));
    const { lefts, rewinds } = begun ?? NOTHING_SEEN;
    writeSeen(folder, { tips: backfill ? [] : await listTips(capture), heads: begun?.heads ?? heads, lefts, rewinds });
  } finally {
    release();
  }
}

/** The first look after this one would else have to read all history, in somebody's commit. */
async function storeStates(capture: Capture, tips: readonly string[]): Promise<void> {
  for await (const { commit } of inferNews({ ...capture, tips: [...new Set(tips)], seen: [] })) void commit;
}

/** The commits of all refs and worktrees that no other one follows. */
async function listTips({ repository }: Capture): Promise<string[]> {
  return advanceTips([], await collectCommits(listCommits(repository, ALL_HISTORY)));
}
