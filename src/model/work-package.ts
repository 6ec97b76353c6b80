import type { Lane } from "./lane.ts";
import type { LogEntry } from "./log-entry.ts";

/** What one work package file says, whatever its path. */
export interface WorkPackageFacts {
  /** Id from the frontmatter (`work_package_id`, `wp_id`, `id`), where it is one (`WP01`). */
  readonly id: string | undefined;
  readonly title: string | undefined;
  /** Lane of the `lane:` key; undefined where there is none or it is no lane (`lane: lane-a`). */
  readonly lane: Lane | undefined;
  /** The `agent:` key where it names a real agent: `__AGENT__`, `$$`, `{{…}}` and empty are none. */
  readonly agent: string | undefined;
  /** Ids of the work packages it waits for, in the order written, each once. */
  readonly dependencies: readonly string[];
  /** The `created_at` key in ms since the epoch. */
  readonly createdAt: number | undefined;
  /** Entries in file order: Activity Log, then `activity_log`, then `history`; each key once. */
  readonly entries: readonly LogEntry[];
  /** Why the frontmatter could not be read as YAML, in a few words without the file's text; undefined when it could. */
  readonly problem: string | undefined;
}
