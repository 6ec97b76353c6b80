import { isKnown, placeOf } from "../board/place.ts";
import type { AnyEvent } from "../board/received-event.ts";

/**
 * Names the fact by which two events of one id are not the same change; undefined when they may be.
 *
 * Only what goes into an inferred id counts, and only where both events say it. The time is such a fact, but the id
 * carries it, while `timestamp` may be clamped differently in each clone: it counts where no engine made the id.
 */
export function findConflict(stored: AnyEvent, sent: AnyEvent): string | undefined {
  const theirs = new Map(factsOf(stored));
  return factsOf(sent).find(([name, value]) => {
    const other = theirs.get(name);
    return other !== undefined && value !== undefined && other !== value;
  })?.[0];
}

function factsOf(event: AnyEvent): [name: string, value: string | number | undefined][] {
  const { event_type, source, timestamp } = event;
  const place = isKnown(event) ? placeOf(event) : undefined;
  const status = isKnown(event) && event.event_type === "WPStatusChanged" ? event.payload : undefined;
  return [
    ["event_type", event_type],
    ["project", source?.project],
    ["feature_slug", place?.feature],
    ["wp_id", place?.workPackage],
    ["new_status", status?.new_status],
    ["to_lane", status?.to_lane],
    ["timestamp", source ? undefined : Date.parse(timestamp)],
  ];
}
