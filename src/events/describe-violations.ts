import type { Validator, Violation } from "./compiled-validators.js";
import { patterns } from "./patterns.ts";

const LONGEST_QUOTE = 60;
const PATTERN_WORDS: ReadonlyMap<unknown, string> = new Map(
  Object.values(patterns).map(({ source, words }) => [source, words]),
);
const FORMAT_WORDS: ReadonlyMap<unknown, string> = new Map([
  ["date-time", "an ISO 8601 date and time with its offset"],
  ["uuid", "a UUID"],
]);

/** Says in words what a validator finds wrong with an event or a payload; empty when nothing is. */
export function violationsOf(value: unknown, validator: Validator, root: "event" | "payload"): string[] {
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
export function step(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** Fields of a payload are told alike, whether it came in its envelope or alone. */
function place(steps: readonly string[], root: "event" | "payload"): string {
  if (steps.length === 0) return root;
  const path = root === "event" ? steps : [root, ...steps];
  return path.reduce((text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : `${text}.${key}`));
}

/** A value as a message shows it: cut, and never the inside of an object. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value !== "string") return String(value).slice(0, LONGEST_QUOTE);
  return value.length > LONGEST_QUOTE ? `${JSON.stringify(value.slice(0, LONGEST_QUOTE))}…` : JSON.stringify(value);
}
