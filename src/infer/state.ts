import type { Layout } from "../events/envelope.ts";
import type { Lane } from "../model/lane.ts";
import type { LayeredMap } from "./layered-map.ts";

/** The last move of a work package. */
export interface LastMove {
  /** The time its event's id is made of: the recorded one, in ms since the epoch. */
  readonly idTime: number;
  /** When it happened as told: the recorded time, but never much later than its commit. */
  readonly time: number;
}

/** What the ancestry of a commit says about one work package; it survives the deletion of files. */
export interface WorkPackageState {
  /** Oid of the file it was last read from. */
  readonly blob: string;
  /** Whether the commit's own tree has a file of it. */
  readonly present: boolean;
  readonly layout: Layout;
  readonly lane: Lane;
  /** What the `lane:` key said, as last read. */
  readonly written: Lane | undefined;
  /** Undefined while no move was told. */
  readonly moved: LastMove | undefined;
  /** How often it moved to a lane at a time, by `<lane>@<ms>`. */
  readonly moves: ReadonlyMap<string, number>;
  /** History entries already known: what they say, and `<ms> <agent>` of each that the file has, empty of those it had. */
  readonly entries: ReadonlyMap<string, string>;
  /** Rows already known, by `<lane>@<ms>`. */
  readonly rows: ReadonlySet<string>;
  /** The `agent:` key, as last written. */
  readonly agent: string | undefined;
  /** Who had each phase, first to last. */
  readonly agents: Readonly<Record<Phase, readonly string[]>>;
  readonly dependencies: readonly string[];
  /** Dependencies told as resolved, by `<id>@<ms>`. */
  readonly resolved: ReadonlySet<string>;
  /** Blobs told as unreadable. */
  readonly unreadable: ReadonlySet<string>;
}

/** A phase of the work that an agent is assigned to. */
export type Phase = "implementation" | "review";

/** What the ancestry of a commit says about one feature. */
export interface FeatureState {
  /** Oid of its tree in the commit; undefined where the commit has none. */
  readonly tree: string | undefined;
  readonly missionId: string | undefined;
  /** True once its lanes are read from an event log. */
  readonly eventLog: boolean;
  /** True while every work package is done or canceled, and one is done. */
  readonly complete: boolean;
  /** Times of the moves that completed it, in ms since the epoch. */
  readonly completions: ReadonlySet<number>;
  /** By id. */
  readonly workPackages: ReadonlyMap<string, WorkPackageState>;
}

/** What a commit and its ancestry say: all that inference needs to go on from it. */
export interface State {
  /** Length of the longest path to a root; decides where checkpoints lie. */
  readonly depth: number;
  /** Oid of the specs root; undefined where the commit has none. */
  readonly tree: string | undefined;
  /** By name. */
  readonly features: LayeredMap<FeatureState> | ReadonlyMap<string, FeatureState>;
  /** Features that were renamed: old name to new. */
  readonly renames: ReadonlyMap<string, string>;
}

/** The state before any commit. */
export const EMPTY_STATE: State = { depth: 0, tree: undefined, features: new Map(), renames: new Map() };

/** A work package of which nothing is known. */
export const UNKNOWN_WORK_PACKAGE: WorkPackageState = {
  blob: "",
  present: false,
  layout: "flat",
  lane: "planned",
  written: undefined,
  moved: undefined,
  moves: new Map(),
  entries: new Map(),
  rows: new Set(),
  agent: undefined,
  agents: { implementation: [], review: [] },
  dependencies: [],
  resolved: new Set(),
  unreadable: new Set(),
};

/** What tells a row from others of its work package: `<lane>@<ms>`, as moves are counted. */
export function rowKey({ to, time }: { readonly to: Lane; readonly time: number }): string {
  return `${to}@${time}`;
}

/** A feature of which nothing is known. */
export const EMPTY_FEATURE: FeatureState = {
  tree: undefined,
  missionId: undefined,
  eventLog: false,
  complete: false,
  completions: new Set(),
  workPackages: new Map(),
};
