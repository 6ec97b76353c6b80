import { statusOf } from "../model/lane.ts";
import type { Validator, Violation } from "./compiled-validators.js";
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
import type { Envelope, EventType } from "./envelope.ts";
import { patterns } from "./patterns.ts";

/** What an event is judged as: `canonical` as we queue it, `028` as a collector of that contract receives it. */
export type Profile = "canonical" | "028";

/** Payloads by the contract's rules, and as we queue them. */
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
const CANONICAL_PAYLOADS: ReadonlyMap<unknown, Validator> = new Map([
  ["WPStatusChanged", canonicalWPStatusChanged],
  ["WPCreated", canonicalWPCreated],
  ["WPAssigned", canonicalWPAssigned],
  ["FeatureCreated", canonicalFeatureCreated],
  ["FeatureCompleted", canonicalFeatureCompleted],
  ["HistoryAdded", canonicalHistoryAdded],
  ["ErrorLogged", canonicalErrorLogged],
  ["DependencyResolved", canonicalDependencyResolved],
] satisfies [EventType, Validator][]);
const LONGEST_QUOTE = 60;
const PATTERN_WORDS: ReadonlyMap<unknown, string> = new Map(
  Object.values(patterns).map(({ source, words }) => [source, words]),
);
const FORMAT_WORDS: ReadonlyMap<unknown, string> = new Map([
  ["date-time", "an ISO 8601 date and time with its offset"],
  ["uuid", "a UUID"],
]);

/**
 * Says in words what is wrong with an event, or with a payload alone when its type is given; empty when nothing is.
 * Payloads alone are judged by the contract's rules in every profile.
 */
export function validateEvent(event: unknown, { profile, type }: { profile: Profile; type?: EventType }): string[] {
  if (type !== undefined) return violationsOf(event, PAYLOADS[type], "payload");
  if (profile === "028") return violationsOf(event, rendered028, "event");
  return isKnown(event) ? contradictions(event) : canonicalViolations(event);
}

/** True for an event of a type we know that is as the schemas want it. */
function isKnown(event: unknown): event is Envelope {
  return canonical(event) && CANONICAL_PAYLOADS.get(step(event, "event_type"))?.(step(event, "payload")) === true;
}

/** What is wrong with an event and, where both are there, with its payload as one of its type. */
function canonicalViolations(event: unknown): string[] {
  const errors = violationsOf(event, canonical, "event");
  const validator = CANONICAL_PAYLOADS.get(step(event, "event_type"));
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

function violationsOf(value: unknown, validator: Validator, root: "event" | "payload"): string[] {
  if (validator(value)) return [];
  const violations = (validator.errors ?? []).filter(({ keyword }) => keyword !== "if");
  return [...new Set(violations.map((violation) => describe(value, root, violation)))];
}

function describe(
  event: unknown,
  root: "event" | "payload",
  { keyword, instancePath, params, message }: Violation,
): string {
  const steps = instancePath.split("/").slice(1);
  if (keyword === "required") return `${place([...steps, String(params.missingProperty)], root)}: is missing`;
  const value = quote(steps.reduce(step, event));
  return `${place(steps, root)}: ${value} ${complaint(keyword, params) ?? message ?? `breaks the rule "${keyword}"`}`;
}

function complaint(keyword: string, params: Violation["params"]): string | undefined {
  switch (keyword) {
    case "type":
      return `is not of type ${[params.type].flat().join(" or ")}`;
    case "enum":
      return `is not one of: ${[params.allowedValues].flat().map(String).join(", ")}`;
    case "pattern":
      return `does not match ${PATTERN_WORDS.get(params.pattern) ?? params.pattern}`;
    case "format":
      return `is not ${FORMAT_WORDS.get(params.format) ?? params.format}`;
    case "minLength":
      return "is empty";
    case "minimum":
      return `is less than ${params.limit}`;
    default:
      return undefined;
  }
}

/** The schemas name every field they judge, so a step is a known name or an index. */
function step(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** Fields of a payload are told alike, whether it came in its envelope or alone. */
function place(steps: readonly string[], root: "event" | "payload"): string {
  if (steps.length === 0) return root;
  const path = root === "event" ? steps : [root, ...steps];
  return path.reduce((text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : `${text}.${key}`));
}

/** A value as a message shows it: cut, and never the inside of an object. */
function quote(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value !== "string") return String(value).slice(0, LONGEST_QUOTE);
  return value.length > LONGEST_QUOTE ? `${JSON.stringify(value.slice(0, LONGEST_QUOTE))}…` : JSON.stringify(value);
}
