import { EVENT_TYPES, type EventType } from "../events/envelope.ts";
import type { AnyEvent, ReceivedEvent } from "./received-event.ts";

const KNOWN: ReadonlySet<string> = new Set<EventType>(EVENT_TYPES);

/** Which entry of a board an event belongs to. */
export interface Place {
  readonly project: string;
  readonly feature: string;
  readonly workPackage?: string;
}

/** True for the eight kinds of event; a collector keeps others, too, but no board shows them. */
export function isKnown(event: AnyEvent): event is ReceivedEvent {
  return KNOWN.has(event.event_type);
}

/** The project an event is of, as its board is kept by. */
export function projectOf({ source, project_uuid, project_slug }: AnyEvent): string {
  return source?.project ?? project_uuid ?? project_slug ?? "";
}

/** Where an event belongs; nowhere without a feature, since `WP01` alone exists in every one. */
export function placeOf(event: ReceivedEvent): Place | undefined {
  const feature = event.payload.feature_slug;
  if (feature === undefined) return undefined;
  const workPackage = "wp_id" in event.payload ? event.payload.wp_id : undefined;
  return { project: projectOf(event), feature, ...(workPackage !== undefined && { workPackage }) };
}

/** Names an entry among those of its team. */
export function keyOf({ project, feature, workPackage }: Place): string {
  return JSON.stringify(workPackage === undefined ? [project, feature] : [project, feature, workPackage]);
}
