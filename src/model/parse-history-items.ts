import type { LogEntry } from "./log-entry.ts";
import { parseLogLine } from "./parse-activity-log.ts";
import { parseTime } from "./parse-time.ts";

const TIME_KEYS = ["at", "timestamp", "date", "time", "created_at"] as const;
const AGENT_KEYS = ["actor", "agent", "author", "by", "user"] as const;
const TEXT_KEYS = [
  "action",
  "note",
  "event",
  "notes",
  "message",
  "description",
  "summary",
  "comment",
  "status",
] as const;

/**
 * Reads a frontmatter `history` list: strings and maps under any of the key names in use; what holds no scalar is no entry.
 * A map's `lane` is no record of a move: no tool writes these items, and people date them as they like.
 */
export function parseHistoryItems(history: unknown): LogEntry[] {
  const items: unknown[] = Array.isArray(history) ? history : [history];
  return items.flatMap((item) => parseItem(item) ?? []);
}

function parseItem(item: unknown): LogEntry | undefined {
  if (typeof item === "string") return parseText(item);
  if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
  const fields = readFields(item);
  if (fields.size === 0) return undefined;
  const key = Array.from(fields, (field) => field.join("="))
    .sort()
    .join(" ");
  const time = parseTime(firstOf(fields, TIME_KEYS) ?? "");
  const agent = firstOf(fields, AGENT_KEYS);
  const text = firstOf(fields, TEXT_KEYS) ?? fields.get("lane") ?? agent ?? key;
  return { key, time: time?.time, exact: time?.exact ?? false, agent, lane: undefined, text };
}

function parseText(text: string): LogEntry | undefined {
  const key = clean(text);
  if (key === "") return undefined;
  return (
    parseLogLine(`- ${key}`) ?? { key, time: undefined, exact: false, agent: undefined, lane: undefined, text: key }
  );
}

/** An item's fields with their values as text, but those that are empty or no scalar. */
function readFields(item: object): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [key, value] of Object.entries(item)) {
    const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    const text = isScalar ? clean(String(value)) : "";
    if (text !== "") fields.set(clean(key), text);
  }
  return fields;
}

function firstOf(fields: ReadonlyMap<string, string>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Printable ASCII between two characters that are no spaces: what most texts are. */
const CLEAN = /^[!-~](?:[ -~]*[!-~])?$/;

function clean(text: string): string {
  return CLEAN.test(text) ? text : text.replaceAll("\r", "").normalize("NFC").trim();
}
