import type { Validator } from "./compiled-validators.js";
import {
  DependencyResolved,
  ErrorLogged,
  FeatureCompleted,
  FeatureCreated,
  HistoryAdded,
  rendered028,
  WPAssigned,
  WPCreated,
  WPStatusChanged,
} from "./compiled-validators.js";
import { violationsOf } from "./describe-violations.ts";
import type { EventType } from "./envelope.ts";
import { validateCanonical } from "./validate-canonical.ts";

/** What an event is judged as: `canonical` as we queue it, `028` as a collector of that contract receives it. */
export type Profile = "canonical" | "028";

const PAYLOADS: Readonly<Record<EventType, Validator>> = {
  WPStatusChanged,
  WPCreated,
  WPAssigned,
  FeatureCreated,
  FeatureCompleted,
  HistoryAdded,
  ErrorLogged,
  DependencyResolved,
};

/**
 * Says in words what is wrong with an event, or with a payload alone when its type is given; empty when nothing is.
 * Payloads alone are judged by the contract's rules in every profile.
 */
export function validateEvent(event: unknown, { profile, type }: { profile: Profile; type?: EventType }): string[] {
  if (type !== undefined) return violationsOf(event, PAYLOADS[type], "payload");
  return profile === "028" ? violationsOf(event, rendered028, "event") : validateCanonical(event);
}
