import { type Lane, parseLane } from "./lane.ts";
import { parseTime } from "./parse-time.ts";

/** One lane transition of an event log. */
export interface StatusRow {
  readonly workPackage: string;
  readonly from: Lane;
  readonly to: Lane;
  /** Ms since the epoch. */
  readonly time: number;
  readonly actor: string | undefined;
  /** Its ULID, where it has a valid one in upper case. */
  readonly eventId: string | undefined;
  /** False for rows that migrations, bootstraps and mirrors wrote: they tell a lane, not a move. */
  readonly live: boolean;
  /** True when the row answers a review: the work goes back to its implementer. */
  readonly answersReview: boolean;
}

const WORK_PACKAGE_ID = /^WP\d{2}$/;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const WRITTEN_BY_TOOLS = /^(migration|finalize-tasks)(:|$)/;
const NO_MOVE = /^(historical_frontmatter_to_jsonl|canonical bootstrap|bootstrap|sync from frontmatter)/i;

/** Reads one line of `status.events.jsonl`; undefined for annotations, other kinds of rows and what is no row at all. */
export function parseStatusRow(line: string): StatusRow | undefined {
  if (!line.includes('"to_lane"')) return undefined;
  const row = parseObject(line);
  if (!row) return undefined;
  const workPackage = row["wp_id"] ?? row["work_package_id"];
  const to = typeof row["to_lane"] === "string" ? parseLane(row["to_lane"]) : undefined;
  const at = typeof row["at"] === "string" ? parseTime(row["at"]) : undefined;
  if (typeof workPackage !== "string" || !WORK_PACKAGE_ID.test(workPackage) || !to || !at?.exact) return undefined;
  const from = typeof row["from_lane"] === "string" ? parseLane(row["from_lane"]) : undefined;
  const actor = nameActor(row["actor"]);
  const id = row["event_id"];
  const reason = row["reason"];
  return {
    workPackage,
    from: from ?? "planned",
    to,
    time: at.time,
    actor,
    eventId: typeof id === "string" && ULID.test(id) ? id : undefined,
    live: !(actor && WRITTEN_BY_TOOLS.test(actor)) && !(typeof reason === "string" && NO_MOVE.test(reason)),
    answersReview: typeof row["review_ref"] === "string" && row["review_ref"] !== "",
  };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // a torn line or a conflict marker: the rows around it still count
  }
}

/** Names an actor: a string, or an object with tool, model, profile and role. */
function nameActor(actor: unknown): string | undefined {
  if (typeof actor === "string") return actor.trim() || undefined;
  if (!isRecord(actor)) return undefined;
  const parts = [actor["tool"], actor["model"], actor["profile"], actor["role"]];
  return parts.filter((part) => typeof part === "string" && part !== "").join(":") || undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
