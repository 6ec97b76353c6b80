import type { Envelope, EventType, Payloads } from "../../src/events/envelope.ts";

/** A valid payload of each type, with every optional field. */
export const examplePayloads: Payloads = {
  WPStatusChanged: {
    feature_slug: "012-login",
    wp_id: "WP01",
    previous_status: "doing",
    new_status: "for_review",
    from_lane: "blocked",
    to_lane: "in_review",
    changed_by: "claude",
  },
  WPCreated: { feature_slug: "012-login", wp_id: "WP01", title: "Form", dependencies: ["WP02"] },
  WPAssigned: { feature_slug: "012-login", wp_id: "WP01", agent_id: "claude", phase: "review", retry_count: 1 },
  FeatureCreated: {
    feature_slug: "012-login",
    feature_number: "012",
    target_branch: "main",
    wp_count: 3,
    created_at: "2026-02-04T10:00:00Z",
  },
  FeatureCompleted: {
    feature_slug: "012-login",
    total_wps: 3,
    completed_at: "2026-02-04T10:00:00Z",
    total_duration: "12.5s",
  },
  HistoryAdded: {
    feature_slug: "012-login",
    wp_id: "WP01",
    entry_type: "note",
    entry_content: "began",
    author: "claude",
  },
  ErrorLogged: {
    feature_slug: "012-login",
    wp_id: "WP01",
    error_type: "validation",
    error_message: "cannot be read",
    agent_id: "claude",
  },
  DependencyResolved: {
    feature_slug: "012-login",
    wp_id: "WP01",
    dependency_wp_id: "WP02",
    resolution_type: "completed",
  },
};

/** A valid queued event. */
export const exampleEvent: Envelope = {
  event_id: "01HZY3JQ4T8M0V5R6N7P8Q9S0A",
  event_type: "WPStatusChanged",
  aggregate_id: "WP01",
  aggregate_type: "WorkPackage",
  payload: examplePayloads.WPStatusChanged,
  node_id: "0123456789ab",
  lamport_clock: 7,
  causation_id: null,
  timestamp: "2026-02-04T10:00:00.000Z",
  project_uuid: null,
  project_slug: "shop",
  git_branch: "main",
  head_commit_sha: null,
  repo_slug: null,
  source: {
    project: "7d444840-9dc0-5fd1-b245-5ffdce74fad2",
    commit: "0123456789abcdef0123456789abcdef01234567",
    layout: "flat",
    kind: "commit",
  },
};

/** What the Python CLI sends: the contract's nine fields, Python's way of writing time, no addition of ours. */
export const pythonEvent = {
  event_id: "01HZY3JQ4T8M0V5R6N7P8Q9S0A",
  event_type: "WPStatusChanged",
  aggregate_id: "WP01",
  aggregate_type: "WorkPackage",
  payload: { wp_id: "WP01", previous_status: "planned", new_status: "doing" },
  node_id: "0123456789ab",
  lamport_clock: 0,
  timestamp: "2026-02-04T10:00:00.123456+00:00",
  team_slug: "local",
};

/** An event of any type around its payload, as loose data. */
export function eventOf(type: EventType, payload: object = examplePayloads[type]): Record<string, unknown> {
  const feature = type.startsWith("Feature");
  const about = { aggregate_id: feature ? "012-login" : "WP01", aggregate_type: feature ? "Feature" : "WorkPackage" };
  return { ...exampleEvent, ...about, event_type: type, payload };
}
