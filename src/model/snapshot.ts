import type { Lane } from "./lane.ts";
import type { StatusRow } from "./parse-status-row.ts";
import type { WorkPackageFacts } from "./work-package.ts";

/** One work package file of a feature's tree. */
export interface WorkPackageFile {
  /** `WP01`, from the file's name, else from its frontmatter. */
  readonly id: string;
  /** Path inside the feature's directory, `tasks/WP01-setup.md`. */
  readonly path: string;
  readonly blob: string;
  /** The lane whose directory it lies in; undefined in a flat layout. */
  readonly directory: Lane | undefined;
  readonly facts: WorkPackageFacts;
}

/** What `meta.json` says; fields it lacks are undefined. */
export interface FeatureMeta {
  readonly missionId: string | undefined;
  readonly number: string | undefined;
  readonly targetBranch: string | undefined;
  /** Ms since the epoch. */
  readonly createdAt: number | undefined;
}

/** What one tree of a feature says; a function of the tree's oid and the feature's name alone. */
export interface FeatureSnapshot {
  readonly tree: string;
  /** One a work package, ordered by id. */
  readonly workPackages: readonly WorkPackageFile[];
  /** Transition rows of `status.events.jsonl` by work package, in time order; undefined where it has none. */
  readonly rows: ReadonlyMap<string, readonly StatusRow[]> | undefined;
  readonly meta: FeatureMeta;
}

/** A feature of a commit: its name and its tree's oid. */
export interface ListedFeature {
  readonly name: string;
  readonly oid: string;
}

/** Which features a commit's tree has. */
export interface Listing {
  /** Oid of the specs root's tree; undefined where the commit has none. */
  readonly tree: string | undefined;
  readonly features: readonly ListedFeature[];
}

/** What one commit's tree says that its parents' trees do not say. */
export interface Snapshot extends Listing {
  /** The features whose tree is in none of the commit's parents under the same name; the others need no reading. */
  readonly changed: ReadonlyMap<string, FeatureSnapshot>;
  /** The features that a parent has and the commit has not. */
  readonly gone: readonly string[];
}

/** A commit, as far as inference looks at it. */
export interface Commit {
  readonly oid: string;
  readonly parents: readonly string[];
  /** Ms since the epoch. */
  readonly authorTime: number;
  readonly committerTime: number;
}
