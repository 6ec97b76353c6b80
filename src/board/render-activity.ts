import { isKnown, projectOf } from "./place.ts";
import type { AnyEvent, ReceivedEvent } from "./received-event.ts";

const LONGEST_TEXT = 200;

/** One event as a board's list of news tells it. */
export interface ActivityView {
  readonly event_id: string;
  readonly event_type: string;
  /** As the producer wrote it. */
  readonly timestamp: string;
  readonly project: string;
  readonly project_name: string | null;
  readonly feature_slug: string | null;
  readonly wp_id: string | null;
  readonly actor: string | null;
  /** What happened, in a few words. */
  readonly text: string;
}

/** Tells an event in a few words. */
export function renderActivity(event: AnyEvent): ActivityView {
  const { actor, text } = isKnown(event) ? tell(event) : { actor: null, text: "" };
  return {
    event_id: event.event_id,
    event_type: event.event_type,
    timestamp: event.timestamp,
    project: projectOf(event),
    project_name: event.project_slug ?? null,
    feature_slug: textAt(event.payload, "feature_slug"),
    wp_id: textAt(event.payload, "wp_id"),
    actor,
    text: text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text,
  };
}

function tell(event: ReceivedEvent): { actor: string | null; text: string } {
  switch (event.event_type) {
    case "WPStatusChanged": {
      const { from_lane, previous_status, to_lane, new_status, changed_by } = event.payload;
      return { actor: changed_by ?? null, text: `${from_lane ?? previous_status} → ${to_lane ?? new_status}` };
    }
    case "WPCreated":
      return { actor: null, text: event.payload.title ?? "" };
    case "WPAssigned":
      return { actor: event.payload.agent_id ?? null, text: event.payload.phase ?? "" };
    case "FeatureCreated":
      return { actor: null, text: `${event.payload.wp_count} work packages` };
    case "FeatureCompleted":
      return { actor: null, text: `${event.payload.total_wps} work packages` };
    case "HistoryAdded":
      return { actor: event.payload.author ?? null, text: event.payload.entry_content ?? "" };
    case "ErrorLogged":
      return { actor: event.payload.agent_id ?? null, text: event.payload.error_message ?? "" };
    case "DependencyResolved":
      return { actor: null, text: `${event.payload.dependency_wp_id} ${event.payload.resolution_type}` };
  }
}

function textAt(payload: object, field: string): string | null {
  const value = Reflect.get(payload, field);
  return typeof value === "string" ? value : null;
}
