import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { NOTHING_SEEN, readSeen, type Seen, writeSeen } from "../capture/seen.ts";
import type { ListedCommit } from "../git/list-commits.ts";
import { isRebasing, listWorktrees, type Worktree } from "../git/list-worktrees.ts";
import type { Repository } from "../git/repository.ts";
import { isStoredCheckpoint, LostState, readState, writeState } from "../infer/encode-state.ts";
import type { State } from "../infer/state.ts";
import { acquireLock } from "../queue/lock.ts";
import { type Capture, createTeller, type Teller } from "./capture.ts";
import { inferNews, restoreStates } from "./infer-news.ts";
import type { Look } from "./look.ts";
import { tellClaims } from "./tell-claims.ts";
import { tellRewinds } from "./tell-rewinds.ts";

/** What a look at the repository brought. */
export interface CaughtUp {
  /** How many events were queued. */
  readonly queued: number;
  /** False where another process was looking and did not end in time: it answers for us. */
  readonly complete: boolean;
}

/**
 * Looks at what happened since the last look and queues its events; does nothing where capturing never began. One process
 * at a time does it; one that finds another at work leaves its bell, and whoever works looks again before it ends.
 */
export async function catchUp(capture: Capture, { wait }: { wait: number }): Promise<CaughtUp> {
  let queued = 0;
  if (readSeen(capture.folder) === undefined) return { queued, complete: true };
  do {
    const release = await acquireLock(join(capture.folder, "drain.lock"), { wait, pid: capture.pid });
    if (!release) return { queued, complete: false };
    try {
      queued += await lookAgain(capture);
    } finally {
      release();
    }
  } while (capture.bells.ringing());
  return { queued, complete: true };
}

async function lookAgain(capture: Capture): Promise<number> {
  try {
    return await look(capture);
  } catch (error) {
    if (!(error instanceof LostState)) throw error;
    capture.store.clear();
    return await look(capture);
  }
}

/** Events are appended first, then what was seen advances: a crash between tells some twice, under the same ids. */
async function look(capture: Capture): Promise<number> {
  const { folder, bells, repository, store } = capture;
  await recordProject(capture);
  const rung = bells.take(); // before the worktrees: whoever rings later is heard later
  const seen = readSeen(folder) ?? NOTHING_SEEN;
  const worktrees = await listWorktrees(repository);
  const heads = worktrees.flatMap(({ head }) => head ?? []);
  const teller = createTeller(capture, { known: seen.tips.length === 0 ? "all" : "recent" });
  const tips = [...new Set([...heads, ...rung.map(({ oid }) => oid)])];
  const walked = await tellNews(capture, { seen, tips, teller });
  const found: Look = { seen, worktrees, rung, walked, stateOf: createStates(capture) };
  const { lefts, rewinds } = await tellRewinds(capture, found, teller);
  const held = await tellClaims(capture, found, teller);
  await teller.flush();
  held.keep();
  const reached = await dropPruned(repository, advanceTips(seen.tips, walked), heads);
  writeSeen(folder, { tips: reached, heads: headsOf(found), lefts, rewinds });
  for (const worktree of worktrees) await writeGate(worktree, found.stateOf);
  bells.answered();
  store.sweep(new Set(heads), isStoredCheckpoint);
  return teller.queued;
}

/** Gives the state of any commit; one that had to be rebuilt is stored, so that the next look need not do it again. */
function createStates(capture: Capture): (oid: string) => Promise<State> {
  const states = new Map<string, State>();
  return async (oid) => {
    const known = states.get(oid) ?? readState(capture.store, oid);
    const state = known ?? (await restoreStates(capture, [oid])).get(oid);
    if (!state) throw new Error(`the state of ${oid} was not restored`);
    if (!known) writeState(capture.store, oid, state, capture.digest);
    states.set(oid, state);
    return state;
  };
}

async function tellNews(
  capture: Capture,
  { seen, tips, teller }: { seen: Seen; tips: readonly string[]; teller: Teller },
): Promise<ListedCommit[]> {
  const walked: ListedCommit[] = [];
  for await (const { commit, drafts } of inferNews({ ...capture, tips, seen: known(seen) })) {
    walked.push(commit);
    await teller.tell(drafts);
  }
  return walked;
}

/** Keeps the project's id in git's configuration from the first commit on, so that no rewritten root changes it. */
export async function recordProject({ repository, project }: Pick<Capture, "repository" | "project">): Promise<void> {
  if (project.recorded || project.head === undefined) return;
  await repository.git.run(["config", "spec-kitty.project", project.seed]);
}

/** What is seen after a walk: the walked commits without children, and the tips before that none of them follows. */
export function advanceTips(tips: readonly string[], walked: readonly ListedCommit[]): string[] {
  const parents = new Set(walked.flatMap((commit) => commit.parents));
  return [...tips, ...walked.map(({ oid }) => oid)].filter((oid) => !parents.has(oid));
}

/** What need not be walked again: the HEADs that were seen, too, for git may have pruned the tip that followed one. */
function known({ tips, heads }: Seen): string[] {
  return tips.length === 0 ? [] : [...tips, ...Object.values(heads)]; // without tips all is to be told
}

/** How many tips may gather before it is asked which of them still exist. */
const MANY_TIPS = 64;

/** Each rewritten commit leaves a tip behind, and git prunes it sooner or later. */
async function dropPruned({ git }: Repository, tips: readonly string[], heads: readonly string[]): Promise<string[]> {
  if (tips.length <= MANY_TIPS) return [...tips];
  const existing = await git.run(["rev-list", "--no-walk=unsorted", "--ignore-missing", ...tips]);
  return [...new Set([...existing.toString().split("\n").filter(Boolean), ...heads])];
}

/** A rebase ends on its branch again: until then the HEAD it left counts, and so does the last one of a branch without a commit. */
function headsOf({ worktrees, seen }: Look): Record<string, string> {
  const entries = worktrees.flatMap((worktree): [string, string][] => {
    const { key, head } = worktree;
    const last = seen.heads[key];
    const kept = isRebasing(worktree) ? (last ?? head) : (head ?? last);
    return kept === undefined ? [] : [[key, kept]];
  });
  return Object.fromEntries(entries);
}

/** The hook's script asks git for the tree of the specs root and looks no further while it is the one written here. */
async function writeGate({ gitDir, head }: Worktree, stateOf: (oid: string) => Promise<State>): Promise<void> {
  if (head === undefined) return;
  const { tree } = await stateOf(head);
  try {
    writeFileSync(join(gitDir, "spec-kitty.tree"), `${tree ?? "none"}\n`, { mode: 0o600 });
  } catch {
    // the worktree was just removed, or is not ours to write to: its hooks look once more
  }
}
