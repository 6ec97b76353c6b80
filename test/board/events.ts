import type { Arrival } from "../../src/board/received-event.ts";
import type { EventType, Payloads } from "../../src/events/envelope.ts";

export const PROJECT = "7d444840-9dc0-5fd1-b245-5ffdce74fad2";
export const NOON = Date.parse("2026-03-01T12:00:00Z");

interface Facts<T extends EventType> {
  readonly payload: Partial<Payloads[T]>;
  /** Minutes after noon. */
  readonly minute?: number;
  readonly clock?: number;
  readonly receivedMinute?: number;
  readonly project?: string;
}

let made = 0;

/** An event of work package WP01 of a feature, and its arrival; each has an id of its own. */
export function arrivalOf<T extends EventType>(
  event_type: T,
  { payload, minute = 0, clock = 1, receivedMinute = 60 * 24, project = PROJECT }: Facts<T>,
): Arrival & { event: { event_type: T } } {
  made += 1;
  const isFeature = event_type.startsWith("Feature");
  return {
    receivedAt: NOON + receivedMinute * 60_000,
    event: {
      event_id: `01J${String(made).padStart(23, "0")}`,
      event_type,
      aggregate_id: isFeature ? "012-login" : "WP01",
      aggregate_type: isFeature ? "Feature" : "WorkPackage",
      payload: { feature_slug: "012-login", ...(!isFeature && { wp_id: "WP01" }), ...payload },
      node_id: "0123456789ab",
      lamport_clock: clock,
      timestamp: new Date(NOON + minute * 60_000).toISOString(),
      project_slug: "shop",
      source: { project, commit: null, layout: "flat", kind: "commit" },
    },
  };
}
