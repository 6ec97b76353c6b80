import type { EventDraft } from "../events/event-draft.ts";
import type { ListedCommit } from "../git/list-commits.ts";
import type { SnapshotReader } from "../git/read-snapshots.ts";
import { inferEvents } from "../infer/infer-events.ts";
import type { State } from "../infer/state.ts";
import type { ListedFeature, Listing, Snapshot } from "../model/snapshot.ts";

/** One commit of a walk: what was inferred at it. */
export interface Step {
  readonly commit: ListedCommit;
  readonly state: State;
  readonly drafts: readonly EventDraft[];
}

/** What a walk needs: the commits, parents first; a reader of their trees; the states of parents that are not listed. */
export interface Walk {
  readonly commits: readonly ListedCommit[];
  readonly reader: SnapshotReader;
  /** The state of a commit that is not among `commits`. */
  readonly base?: (oid: string) => State;
  /** Commits whose parents a shallow clone cut off: they are a baseline and tell nothing. */
  readonly shallow: ReadonlySet<string>;
}

/** How many commits are read at once. */
const CHUNK = 256;
/** How many such chunks are under way, while the ones before are folded: git always has something to do. */
const AHEAD = 6;
/** How many commits are folded before git is listened to again. */
const SLICE = 16;

/** Folds commits in order and yields each; a state is let go of as soon as no commit to come needs it. */
export async function* inferHistory({ commits, reader, base, shallow }: Walk): AsyncGenerator<Step> {
  const children = countChildren(commits);
  const states = new Map<string, State>();
  const listings = new Map<string, Listing>();

  const stateOf = (oid: string): State => {
    const state = states.get(oid) ?? base?.(oid);
    if (!state) throw new Error(`the state of ${oid} is not known`);
    return state;
  };
  const listingOf = (oid: string): Listing => listings.get(oid) ?? listingFrom(stateOf(oid));
  let listed: Promise<unknown> = Promise.resolve();
  const read = (from: number): Promise<Snapshot[]> => {
    const chunk = commits.slice(from, from + CHUNK);
    // Parents are listed before their children; what changed can then be read for several chunks at once.
    const own = listed.then(() => reader.list(chunk.map(({ tree }) => tree)));
    const pairs = own.then((lists) => {
      for (const [index, { oid }] of chunk.entries()) listings.set(oid, lists[index] ?? NOTHING);
      return chunk.map(({ oid, parents }) => ({ own: listingOf(oid), before: parents.map(listingOf) }));
    });
    listed = pairs;
    const snapshots = pairs.then((commit) => readNews(reader, commit));
    snapshots.catch(() => {}); // thrown where it is awaited
    return snapshots;
  };
  const release = (oid: string): void => {
    const left = (children.get(oid) ?? 1) - 1;
    children.set(oid, left);
    if (left > 0) return;
    states.delete(oid);
    listings.delete(oid);
  };

  const ahead = Array.from({ length: AHEAD }, (_, chunk) => read(chunk * CHUNK));
  for (let from = 0; from < commits.length; from += CHUNK) {
    const snapshots = (await ahead.shift()) ?? [];
    ahead.push(read(from + AHEAD * CHUNK));
    for (const [index, snapshot] of snapshots.entries()) {
      const commit = commits[from + index];
      if (!commit) break;
      const { state, drafts } = inferEvents(commit.parents.map(stateOf), snapshot, commit);
      states.set(commit.oid, state);
      for (const parent of commit.parents) release(parent);
      yield { commit, state, drafts: shallow.has(commit.oid) ? [] : drafts };
      if (!children.has(commit.oid)) release(commit.oid);
      if (index % SLICE === SLICE - 1) await new Promise(setImmediate);
    }
  }
}

function countChildren(commits: readonly ListedCommit[]): Map<string, number> {
  const children = new Map<string, number>();
  for (const { parents } of commits) {
    for (const parent of parents) children.set(parent, (children.get(parent) ?? 0) + 1);
  }
  return children;
}

const NOTHING: Listing = { tree: undefined, features: [] };

function listingFrom({ tree, features }: State): Listing {
  const listed = [...features].flatMap(([name, { tree: oid }]) => (oid === undefined ? [] : [{ name, oid }]));
  return { tree, features: listed };
}

/** What a commit has of features that a parent has not as they are, and the other way round. */
interface Difference {
  readonly added: readonly ListedFeature[];
  readonly removed: readonly ListedFeature[];
}

/** Reads what commits say that none of their parents says. */
async function readNews(
  reader: SnapshotReader,
  commits: readonly { own: Listing; before: readonly Listing[] }[],
): Promise<Snapshot[]> {
  const found = commits.map(({ own, before }) => {
    const differences = before.flatMap((parent) => (parent.tree === own.tree ? [] : [compare(own, parent)]));
    const news = differences.length < before.length ? [] : addedToAll(own, differences);
    return { own, news, gone: goneFromAny(differences) };
  });
  const features = new Map(found.flatMap(({ news }) => news.map((feature) => [keyOf(feature), feature])));
  const read = await reader.readFeatures([...features.values()]);
  const byKey = new Map([...features.keys()].map((key, index) => [key, read[index]]));
  return found.map(({ own, news, gone }) => {
    const changed = news.flatMap((feature) => {
      const snapshot = byKey.get(keyOf(feature));
      return snapshot ? [[feature.name, snapshot] as const] : [];
    });
    return { ...own, changed: new Map(changed), gone };
  });
}

function keyOf({ name, oid }: ListedFeature): string {
  return `${oid} ${name}`;
}

/** Features that no parent has as they are; all of them in a root. */
function addedToAll(own: Listing, differences: readonly Difference[]): readonly ListedFeature[] {
  const [first, ...others] = differences.map(({ added }) => new Set(added));
  return first ? [...first].filter((feature) => others.every((added) => added.has(feature))) : own.features;
}

/** Names of features that a parent has, and the commit has not. */
function goneFromAny(differences: readonly Difference[]): string[] {
  const gone = differences.flatMap(({ added, removed }) => {
    const changed = new Set(added.map(({ name }) => name));
    return removed.flatMap(({ name }) => (changed.has(name) ? [] : [name]));
  });
  return [...new Set(gone)];
}

/** Compares two lists of one walk: they share most of their items, in one order. */
function compare({ features: list }: Listing, { features: other }: Listing): Difference {
  const longest = Math.min(list.length, other.length);
  let start = 0;
  while (start < longest && list[start] === other[start]) start += 1;
  let end = 0;
  while (end < longest - start && list[list.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  const rest = list.slice(start, list.length - end);
  const otherRest = other.slice(start, other.length - end);
  return { added: without(rest, otherRest), removed: without(otherRest, rest) };
}

/** The features of a list that are not in another as they are. */
function without(list: readonly ListedFeature[], other: readonly ListedFeature[]): readonly ListedFeature[] {
  const known = new Set(other.map(keyOf));
  return list.filter((feature) => !known.has(keyOf(feature)));
}
