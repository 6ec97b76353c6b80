import { statusOf } from "../model/lane.ts";
import type { Validator } from "./compiled-validators.js";
import {
  canonical,
  canonicalDependencyResolved,
  canonicalErrorLogged,
  canonicalFeatureCompleted,
  canonicalFeatureCreated,
  canonicalHistoryAdded,
  canonicalWPAssigned,
  canonicalWPCreated,
  canonicalWPStatusChanged,
} from "./compiled-validators.js";
import { quote, step, violationsOf } from "./describe-violations.ts";
import type { Envelope, EventType } from "./envelope.ts";

const PAYLOADS: ReadonlyMap<unknown, Validator> = new Map([
  ["WPStatusChanged", canonicalWPStatusChanged],
  ["WPCreated", canonicalWPCreated],
  ["WPAssigned", canonicalWPAssigned],
  ["FeatureCreated", canonicalFeatureCreated],
  ["FeatureCompleted", canonicalFeatureCompleted],
  ["HistoryAdded", canonicalHistoryAdded],
  ["ErrorLogged", canonicalErrorLogged],
  ["DependencyResolved", canonicalDependencyResolved],
] satisfies [EventType, Validator][]);

/** Says in words what is wrong with an event as we queue it; empty when nothing is. Apart from the contract's rules, as hooks need only these. */
export function validateCanonical(event: unknown): string[] {
  return isKnown(event) ? contradictions(event) : canonicalViolations(event);
}

/** True for an event of a type we know that is as the schemas want it. */
function isKnown(event: unknown): event is Envelope {
  return canonical(event) && PAYLOADS.get(step(event, "event_type"))?.(step(event, "payload")) === true;
}

/** What is wrong with an event and, where both are there, with its payload as one of its type. */
function canonicalViolations(event: unknown): string[] {
  const errors = violationsOf(event, canonical, "event");
  const validator = PAYLOADS.get(step(event, "event_type"));
  const payload = step(event, "payload");
  if (validator === undefined || payload === undefined) return errors;
  return [...new Set([...errors, ...violationsOf(payload, validator, "payload")])];
}

/** Rules between fields, which the schema cannot say. */
function contradictions({ event_type, payload, aggregate_id }: Envelope): string[] {
  const errors: string[] = [];
  if (event_type === "WPStatusChanged") {
    const { previous_status, new_status, from_lane, to_lane } = payload;
    if (statusOf(from_lane) !== previous_status) {
      errors.push(
        `payload.from_lane: ${quote(from_lane)} does not belong to previous_status ${quote(previous_status)}`,
      );
    }
    if (statusOf(to_lane) !== new_status) {
      errors.push(`payload.to_lane: ${quote(to_lane)} does not belong to new_status ${quote(new_status)}`);
    }
  }
  if ("wp_id" in payload && payload.wp_id !== undefined) {
    if (aggregate_id !== payload.wp_id) errors.push(`aggregate_id: ${quote(aggregate_id)} is not payload.wp_id`);
    if (payload.feature_slug === undefined) errors.push("payload.feature_slug: is missing beside wp_id");
  }
  return errors;
}
