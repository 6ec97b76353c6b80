import type { Lane } from "../model/lane.ts";
import type { Said } from "./moment.ts";

/** Changes whenever entries are folded otherwise than before, so that stored ones are folded anew. */
export const BOARD_VERSION = 1;

/** What a board keeps of one feature or work package; the same events give the same entry in whatever order they came. */
export type Entry = FeatureEntry | WorkPackageEntry;

interface About {
  /** `source.project`; where a producer has none, `project_uuid` or `project_slug`. */
  readonly project: string;
  readonly feature: string;
  /** What people call the project. */
  readonly projectName?: Said<string>;
  readonly errors: Tally<{ readonly type: string; readonly text: string }>;
}

/** How many there were, and the last one. */
export interface Tally<T> {
  readonly count: number;
  readonly last?: Said<T>;
}

/** What a board keeps of a feature beside its work packages. */
export interface FeatureEntry extends About {
  readonly kind: "feature";
  readonly created?: Said<{ readonly number: string | null; readonly branch: string; readonly workPackages: number }>;
  readonly completed?: Said<{ readonly workPackages: number }>;
}

/** What a board keeps of a work package. */
export interface WorkPackageEntry extends About {
  readonly kind: "work_package";
  readonly workPackage: string;
  readonly created?: Said<{ readonly title: string; readonly dependencies: readonly string[]; readonly lane?: Lane }>;
  /** Every status event by its moment, also those to the lane it already had: an older one may come between them. */
  readonly statuses: readonly Said<{ readonly lane: Lane; readonly by: string }>[];
  readonly implementation?: Said<string>;
  readonly review?: Said<string>;
  readonly notes: Tally<{ readonly author: string; readonly text: string }>;
  /** Dependencies that are out of the way, sorted. */
  readonly resolved: readonly string[];
}
