import { type Lane, parseLane } from "../model/lane.ts";
import type { FeatureState, State, WorkPackageState } from "./state.ts";

/** Version of the inference rules and of the stored form: a state of another version is rebuilt by walking. */
export const ENGINE_VERSION = 1;

/** Every so many generations a state is kept, so that a branch from an old commit replays at most this many commits. */
const CHECKPOINT_DISTANCE = 256;

/** True for states that are kept beside those of the seen tips. */
export function isCheckpoint(state: State): boolean {
  return state.depth % CHECKPOINT_DISTANCE === 0;
}

/** The same of a stored one. */
export function isStoredCheckpoint(text: string): boolean {
  const depth = parseObject(text)?.["depth"];
  return typeof depth === "number" && depth % CHECKPOINT_DISTANCE === 0;
}

/** Texts by name (`commits/<oid>`, `shards/<digest>`): where states are stored. */
export interface TextStore {
  read(name: string): string | undefined;
  write(name: string, text: string): void;
}

/** Thrown when a shard that a stored state names is missing or damaged: the state has to be rebuilt. */
export class LostState extends Error {}

/** What is known of a store: the shards of features that came from it or went to it, and the features read from it. */
interface Memory {
  readonly shards: WeakMap<FeatureState, string>;
  /** By tree and shard: two states that share a shard share its feature, so that a merge sees at once what is equal. */
  readonly features: Map<string, FeatureState>;
}

const memories = new WeakMap<TextStore, Memory>();

function memoryOf(store: TextStore): Memory {
  const memory = memories.get(store) ?? { shards: new WeakMap(), features: new Map() };
  memories.set(store, memory);
  return memory;
}

/**
 * Stores a state: `commits/<oid>` is JSON `{v, depth, tree, features: [[<name>, <tree>, <shard>]…], renames: [[<old>, <new>]…]}`,
 * `shards/<digest>` one feature; equal features of two states share a shard. `digest` names a text by its content.
 */
export function writeState(store: TextStore, oid: string, state: State, digest: (text: string) => string): void {
  const { shards } = memoryOf(store);
  const features = [...state.features].map(([name, feature]) => {
    let shard = shards.get(feature);
    if (shard === undefined) {
      const text = encodeFeature(feature);
      shard = digest(text);
      shards.set(feature, shard);
      store.write(`shards/${shard}`, text);
    }
    return [name, feature.tree ?? null, shard];
  });
  const { depth, tree = null, renames } = state;
  store.write(`commits/${oid}`, JSON.stringify({ v: ENGINE_VERSION, depth, tree, features, renames: [...renames] }));
}

/** Reads a stored state; undefined if there is none, or one of another version. A feature is read when it is looked at. */
export function readState(store: TextStore, oid: string): State | undefined {
  const text = store.read(`commits/${oid}`);
  const stored = text === undefined ? undefined : parseObject(text);
  if (stored?.["v"] !== ENGINE_VERSION || typeof stored["depth"] !== "number") return undefined;
  const features = new Map<string, FeatureState>();
  for (const [name, tree, shard] of asRows(stored["features"])) {
    if (name === undefined || shard === undefined) return undefined;
    features.set(name, rememberedFeature(store, tree, shard));
  }
  const renames = asRows(stored["renames"]).map(([from = "", to = ""]): [string, string] => [from, to]);
  const tree = typeof stored["tree"] === "string" ? stored["tree"] : undefined;
  return { depth: stored["depth"], tree, features, renames: new Map(renames) };
}

function rememberedFeature(store: TextStore, tree: string | undefined, shard: string): FeatureState {
  const { shards, features } = memoryOf(store);
  const key = `${tree ?? ""} ${shard}`;
  const feature = features.get(key) ?? lazyFeature(store, tree, shard);
  features.set(key, feature);
  shards.set(feature, shard);
  return feature;
}

/** A feature that reads its shard at the first look at more than its tree. */
function lazyFeature(store: TextStore, tree: string | undefined, shard: string): FeatureState {
  let known: FeatureState | undefined;
  const get = (): FeatureState => {
    if (known === undefined) {
      const text = store.read(`shards/${shard}`);
      known = text === undefined ? undefined : decodeFeature(text, tree);
      if (known === undefined) throw new LostState(`shard ${shard} of a stored state is lost`);
    }
    return known;
  };
  return {
    tree,
    get missionId() {
      return get().missionId;
    },
    get eventLog() {
      return get().eventLog;
    },
    get complete() {
      return get().complete;
    },
    get completions() {
      return get().completions;
    },
    get workPackages() {
      return get().workPackages;
    },
  };
}

function encodeFeature({ tree, missionId, eventLog, complete, completions, workPackages }: FeatureState): string {
  const packages = [...workPackages].map(([id, workPackage]) => {
    const { moves, entries, rows, resolved, unreadable, ...plain } = workPackage;
    const sets = { rows: [...rows], resolved: [...resolved], unreadable: [...unreadable] };
    return [id, { ...plain, ...sets, moves: [...moves], entries: [...entries] }];
  });
  return JSON.stringify({
    v: ENGINE_VERSION,
    tree,
    missionId,
    eventLog,
    complete,
    completions: [...completions],
    packages,
  });
}

function decodeFeature(text: string, tree: string | undefined): FeatureState | undefined {
  const stored = parseObject(text);
  if (stored?.["v"] !== ENGINE_VERSION || !Array.isArray(stored["packages"])) return undefined;
  const workPackages = new Map<string, WorkPackageState>();
  for (const entry of stored["packages"]) {
    const [id, fields] = Array.isArray(entry) ? entry : [];
    const lane = parseLane(String(fields?.lane));
    if (typeof id !== "string" || lane === undefined) return undefined;
    workPackages.set(id, decodeWorkPackage(fields, lane));
  }
  return {
    tree,
    missionId: typeof stored["missionId"] === "string" ? stored["missionId"] : undefined,
    eventLog: stored["eventLog"] === true,
    complete: stored["complete"] === true,
    completions: new Set(asArray(stored["completions"]).map(Number)),
    workPackages,
  };
}

function decodeWorkPackage(fields: Record<string, unknown>, lane: Lane): WorkPackageState {
  const { layout, moved, agents } = fields;
  const move = isObject(moved) ? { idTime: Number(moved["idTime"]), time: Number(moved["time"]) } : undefined;
  const had = isObject(agents) ? agents : {};
  return {
    blob: String(fields["blob"]),
    present: fields["present"] === true,
    layout: layout === "event_log" || layout === "lane_directory" ? layout : "flat",
    lane,
    written: parseLane(String(fields["written"])),
    moved: move,
    moves: new Map(asArray(fields["moves"]).map((pair) => [String(asArray(pair)[0]), Number(asArray(pair)[1])])),
    entries: new Map(asRows(fields["entries"]).map(([key = "", stamp = ""]) => [key, stamp])),
    rows: new Set(asArray(fields["rows"]).map(String)),
    agent: typeof fields["agent"] === "string" ? fields["agent"] : undefined,
    agents: { implementation: asArray(had["implementation"]).map(String), review: asArray(had["review"]).map(String) },
    dependencies: asArray(fields["dependencies"]).map(String),
    resolved: new Set(asArray(fields["resolved"]).map(String)),
    unreadable: new Set(asArray(fields["unreadable"]).map(String)),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Rows of strings; null and what is missing become undefined. */
function asRows(value: unknown): (string | undefined)[][] {
  return asArray(value).map((row) => asArray(row).map((cell) => (typeof cell === "string" ? cell : undefined)));
}
