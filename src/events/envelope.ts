import type { Lane, Status } from "../model/lane.ts";

/** How the lane of a work package is read: from rows, from the directory its file lies in, or from its frontmatter. */
export type Layout = "event_log" | "lane_directory" | "flat";

/** Fields every payload has; WP ids are not unique across features. */
interface FeaturePayload {
  feature_slug: string;
}

interface WorkPackagePayload extends FeaturePayload {
  /** `WP01`. */
  wp_id: string;
}

/** Payloads by event type; snake_case because they go on the wire as they are (feature 028, `events.schema.json`). */
export interface Payloads {
  WPStatusChanged: WorkPackagePayload & {
    previous_status: Status;
    new_status: Status;
    /** The exact lanes, where the statuses are only their four groups. */
    from_lane: Lane;
    to_lane: Lane;
    changed_by: string;
  };
  WPCreated: WorkPackagePayload & {
    title: string;
    dependencies: string[];
    /** The lane it was first seen in, where no move led there: the event log that came with it says so. */
    lane?: Lane;
  };
  WPAssigned: WorkPackagePayload & {
    agent_id: string;
    phase: "implementation" | "review";
    /** How many agents had this phase of the work package before. */
    retry_count: number;
  };
  FeatureCreated: FeaturePayload & {
    feature_number: string | null;
    target_branch: string;
    wp_count: number;
    /** ISO 8601; absent where `meta.json` has none. */
    created_at?: string;
  };
  FeatureCompleted: FeaturePayload & {
    total_wps: number;
    /** ISO 8601. */
    completed_at?: string;
    total_duration?: string;
  };
  HistoryAdded: WorkPackagePayload & {
    entry_type: "note" | "review" | "error" | "comment";
    entry_content: string;
    author: string;
  };
  ErrorLogged: {
    /** Absent only where an error belongs to no feature. */
    feature_slug?: string;
    wp_id?: string;
    error_type: "validation" | "runtime" | "network" | "auth" | "unknown";
    error_message: string;
    agent_id?: string;
  };
  DependencyResolved: WorkPackagePayload & {
    dependency_wp_id: string;
    resolution_type: "completed" | "skipped" | "merged";
  };
}

/** The eight kinds of event. */
export type EventType = keyof Payloads;

/** The eight kinds of event, as a list. */
export const EVENT_TYPES = [
  "WPStatusChanged",
  "WPCreated",
  "WPAssigned",
  "FeatureCreated",
  "FeatureCompleted",
  "HistoryAdded",
  "ErrorLogged",
  "DependencyResolved",
] as const satisfies readonly EventType[];

/** Where an event was seen; never part of its identity. */
export interface Source {
  /** The project seed: UUIDv5 of the default branch's root commit. */
  project: string;
  /** Full oid of the commit that showed it; null for events no commit shows. */
  commit: string | null;
  layout: Layout | null;
  kind: "commit" | "rewind" | "worktree" | "command";
}

/** One event as it is queued and delivered; `team_slug` is added when it is rendered. */
export type Envelope = { [T in EventType]: EnvelopeOf<T> }[EventType];

/** The event of one type; field names and rules are those of feature 028, `source` is ours. */
export interface EnvelopeOf<T extends EventType> {
  /** ULID, upper case. */
  event_id: string;
  event_type: T;
  /** `WP01`, the feature slug, or `error`; no key on its own, since `WP01` exists in every feature. */
  aggregate_id: string;
  aggregate_type: "WorkPackage" | "Feature";
  payload: Payloads[T];
  /** First 12 hex digits of SHA-256 over `hostname:username`. */
  node_id: string;
  lamport_clock: number;
  /** `event_id` of the event that led to this one. */
  causation_id: string | null;
  /** When it happened: ISO 8601, UTC, milliseconds. */
  timestamp: string;
  project_uuid: string | null;
  project_slug: string | null;
  /** Short branch name, `HEAD` when detached, null in an empty repository. */
  git_branch: string | null;
  head_commit_sha: string | null;
  /** `owner/repo[/sub]` from the origin's URL. */
  repo_slug: string | null;
  source: Source;
}
