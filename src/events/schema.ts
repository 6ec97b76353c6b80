import { LANES } from "../model/lane.ts";
import type { Envelope, EventType, Payloads, Source } from "./envelope.ts";
import { patterns } from "./patterns.ts";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** An object's fields; the contract requires some, and what we queue must have `ours` as well. */
interface ObjectRules<Field extends string> {
  /** The contract knows `stack_trace`, which we never send. */
  readonly properties: Readonly<Record<Field, JsonSchema>> & { readonly stack_trace?: JsonSchema };
  readonly required: readonly Field[];
  readonly ours: readonly Field[];
}

const text = { type: "string" };
const name = { type: "string", minLength: 1 };
const textOrNull = { type: ["string", "null"] };
const count = { type: "integer", minimum: 0 };
const dateTime = { type: "string", format: "date-time" };
const uuid = { type: "string", format: "uuid" };
const workPackageId = { type: "string", pattern: patterns.workPackageId.source };
const ulid = { type: "string", pattern: patterns.ulid.source };
const oneOf = (...names: readonly string[]) => ({ type: "string", enum: names });
const orNull = (schema: { type: string; [keyword: string]: unknown }) => ({ ...schema, type: [schema.type, "null"] });

const status = oneOf("planned", "doing", "for_review", "done");
const lane = oneOf(...LANES);
const aboutWorkPackage = { feature_slug: name, wp_id: workPackageId };

/** Payload rules of feature 028 (`contracts/events.schema.json`), with `feature_slug` and exact lanes as our additions. */
const payloads: { readonly [T in EventType]: ObjectRules<Extract<keyof Payloads[T], string>> } = {
  WPStatusChanged: {
    properties: {
      ...aboutWorkPackage,
      previous_status: status,
      new_status: status,
      from_lane: lane,
      to_lane: lane,
      changed_by: text,
    },
    required: ["wp_id", "previous_status", "new_status"],
    ours: ["feature_slug", "from_lane", "to_lane", "changed_by"],
  },
  WPCreated: {
    properties: { ...aboutWorkPackage, title: name, dependencies: { type: "array", items: workPackageId }, lane },
    required: ["wp_id", "title", "feature_slug"],
    ours: ["dependencies"],
  },
  WPAssigned: {
    properties: {
      ...aboutWorkPackage,
      agent_id: name,
      phase: oneOf("implementation", "review"),
      retry_count: count,
    },
    required: ["wp_id", "agent_id", "phase"],
    ours: ["feature_slug", "retry_count"],
  },
  FeatureCreated: {
    properties: {
      feature_slug: name,
      feature_number: textOrNull,
      target_branch: text,
      wp_count: count,
      created_at: dateTime,
    },
    required: ["feature_slug", "feature_number", "target_branch", "wp_count"],
    ours: [],
  },
  FeatureCompleted: {
    properties: { feature_slug: name, total_wps: count, completed_at: dateTime, total_duration: text },
    required: ["feature_slug", "total_wps"],
    ours: [],
  },
  HistoryAdded: {
    properties: {
      ...aboutWorkPackage,
      entry_type: oneOf("note", "review", "error", "comment"),
      entry_content: name,
      author: text,
    },
    required: ["wp_id", "entry_type", "entry_content"],
    ours: ["feature_slug", "author"],
  },
  ErrorLogged: {
    properties: {
      ...aboutWorkPackage,
      error_type: oneOf("validation", "runtime", "network", "auth", "unknown"),
      error_message: name,
      agent_id: text,
      stack_trace: text,
    },
    required: ["error_type", "error_message"],
    ours: [],
  },
  DependencyResolved: {
    properties: {
      ...aboutWorkPackage,
      dependency_wp_id: workPackageId,
      resolution_type: oneOf("completed", "skipped", "merged"),
    },
    required: ["wp_id", "dependency_wp_id", "resolution_type"],
    ours: ["feature_slug"],
  },
};

const source: ObjectRules<keyof Source> = {
  properties: {
    project: uuid,
    commit: orNull({ type: "string", pattern: patterns.oid.source }),
    layout: { type: ["string", "null"], enum: ["event_log", "lane_directory", "flat", null] },
    kind: oneOf("commit", "rewind", "worktree", "command"),
  },
  required: ["project", "commit", "layout", "kind"],
  ours: [],
};

/** Envelope rules of feature 028, with the project identity of 032 and the git fields of 033; `source` is ours. */
const envelope: ObjectRules<keyof Envelope> = {
  properties: {
    event_id: ulid,
    event_type: name,
    aggregate_id: name,
    aggregate_type: oneOf("WorkPackage", "Feature"),
    payload: { type: "object" },
    node_id: name,
    lamport_clock: count,
    causation_id: orNull(ulid),
    timestamp: dateTime,
    project_uuid: orNull(uuid),
    project_slug: textOrNull,
    git_branch: textOrNull,
    head_commit_sha: textOrNull,
    repo_slug: textOrNull,
    source: objectOf(source),
  },
  required: [
    "event_id",
    "event_type",
    "aggregate_id",
    "aggregate_type",
    "payload",
    "node_id",
    "lamport_clock",
    "timestamp",
  ],
  ours: ["causation_id", "project_uuid", "project_slug", "git_branch", "head_commit_sha", "repo_slug", "source"],
};

function objectOf<Field extends string>({ properties, required }: ObjectRules<Field>): JsonSchema {
  return { type: "object", properties, required };
}

/** An object with all that is ours, too. */
function canonicalOf<Field extends string>({ properties, required, ours }: ObjectRules<Field>): JsonSchema {
  return { type: "object", properties, required: [...required, ...ours] };
}

/** For each type, what its payload must be; a type we do not know is judged by its envelope alone. */
function byType(): JsonSchema[] {
  return Object.keys(payloads).map((type) => ({
    if: { type: "object", properties: { event_type: { const: type } }, required: ["event_type"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { type: "object", properties: { payload: { $ref: type } } },
  }));
}

const $schema = "https://json-schema.org/draft/2020-12/schema";

/**
 * JSON Schemas by name: one per event type for its payload alone, by the contract's rules; `event`, the contract's
 * event without its team; `rendered028`, which has one; `canonical`, an event as we queue it, with all that `Envelope`
 * has, and `canonical<Type>`, its payload: apart, since thousands of events are judged at once and one schema that looks
 * through all types takes three times as long. They refer to each other by name. `docs/schema-differences.md` lists how
 * they differ from feature 028.
 */
export const schemas: Readonly<Record<string, JsonSchema>> = {
  ...Object.fromEntries(
    Object.entries<ObjectRules<string>>(payloads).flatMap(([type, rules]) => [
      [type, { $schema, $id: type, ...objectOf(rules) }],
      [`canonical${type}`, { $schema, $id: `canonical${type}`, ...canonicalOf(rules) }],
    ]),
  ),
  event: { $schema, $id: "event", ...objectOf(envelope), allOf: byType() },
  rendered028: {
    $schema,
    $id: "rendered028",
    type: "object",
    $ref: "event",
    properties: { team_slug: name },
    required: ["team_slug"],
  },
  canonical: { $schema, $id: "canonical", ...canonicalOf(envelope) },
};
