import { collectCommits, type ListedCommit, listCommits } from "../git/list-commits.ts";
import type { SnapshotReader } from "../git/read-snapshots.ts";
import type { Repository } from "../git/repository.ts";
import { isCheckpoint, readState, type TextStore, writeState } from "../infer/encode-state.ts";
import type { State } from "../infer/state.ts";
import { inferHistory, type Step } from "./infer-history.ts";

/** What is new: reachable from `tips` and not from `seen`, both oids. */
export interface News {
  readonly repository: Repository;
  readonly reader: SnapshotReader;
  readonly store: TextStore;
  /** Names a text by its content. */
  readonly digest: (text: string) => string;
  readonly tips: readonly string[];
  readonly seen: readonly string[];
}

/**
 * Folds what is new onto the stored states, and stores those of the tips and at checkpoints. A state that is missing or
 * of an older engine is rebuilt by walking from the nearest stored ones. Throws LostState when a stored state turns out
 * to be damaged: empty the store and run again; what is told twice has the same ids.
 */
export async function* inferNews({ repository, reader, store, digest, tips, seen }: News): AsyncGenerator<Step> {
  const commits = await list(repository, [...tips, ...seen.map((oid) => `^${oid}`)]);
  const states = await restoreStates({ repository, reader, store }, outside(commits));
  const walk = { commits, reader, base: stateIn(states), shallow: repository.shallow };
  const wanted = new Set(tips);
  for await (const step of inferHistory(walk)) {
    yield step;
    if (wanted.has(step.commit.oid) || isCheckpoint(step.state)) writeState(store, step.commit.oid, step.state, digest);
  }
}

/** The states of commits: stored, or rebuilt from the nearest ancestors whose states are. */
export async function restoreStates(
  { repository, reader, store }: Pick<News, "repository" | "reader" | "store">,
  oids: readonly string[],
): Promise<ReadonlyMap<string, State>> {
  const states = new Map<string, State>();
  const isStored = (oid: string): boolean => {
    const state = states.get(oid) ?? readState(store, oid);
    if (state) states.set(oid, state);
    return state !== undefined;
  };
  const lost = oids.filter((oid) => !isStored(oid));
  if (lost.length === 0) return states;
  const history = await list(repository, lost);
  const parents = new Map(history.map((commit) => [commit.oid, commit.parents]));
  const replayed = new Set(lost);
  for (const oid of replayed) for (const parent of parents.get(oid) ?? []) if (!isStored(parent)) replayed.add(parent);
  const commits = history.filter(({ oid }) => replayed.has(oid));
  for await (const { commit, state } of inferHistory({
    commits,
    reader,
    base: stateIn(states),
    shallow: repository.shallow,
  })) {
    if (lost.includes(commit.oid)) states.set(commit.oid, state);
  }
  return states;
}

async function list(repository: Repository, revisions: readonly string[]): Promise<ListedCommit[]> {
  return await collectCommits(listCommits(repository, ["--ignore-missing", ...revisions]));
}

/** Parents that are not listed themselves. */
function outside(commits: readonly ListedCommit[]): string[] {
  const listed = new Set(commits.map(({ oid }) => oid));
  return [...new Set(commits.flatMap(({ parents }) => parents))].filter((oid) => !listed.has(oid));
}

function stateIn(states: ReadonlyMap<string, State>): (oid: string) => State {
  return (oid) => {
    const state = states.get(oid);
    if (!state) throw new Error(`the state of ${oid} was not restored`);
    return state;
  };
}
