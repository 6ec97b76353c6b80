import { detachText } from "./detach-text.ts";
import { type LaneNames, NO_NAMES, parseLane } from "./lane.ts";
import type { LogEntry } from "./log-entry.ts";
import { parseActivityLog, parseLogLine } from "./parse-activity-log.ts";
import { parseHistoryItems } from "./parse-history-items.ts";
import { parseTime } from "./parse-time.ts";
import { hasConflictMarkers, salvageFrontmatter } from "./salvage-frontmatter.ts";
import { scanFrontmatter } from "./scan-frontmatter.ts";
import { LONGEST_BLOCK, type SplitFile, splitFrontmatter } from "./split-frontmatter.ts";
import type { WorkPackageFacts } from "./work-package.ts";

const WORK_PACKAGE_ID = /^WP\d{2}$/;

/** How a work package file is read. */
export interface Reading {
  readonly decode?: (text: string) => Record<string, unknown>;
  readonly names?: LaneNames;
}

/**
 * Reads a work package file; undefined only where its frontmatter needs a YAML parser and no `decode` was given.
 *
 * The caller then loads `frontmatter.ts` and calls again with its `decodeFrontmatter`: most files never need it.
 */
export function parseWorkPackage(
  text: string,
  { decode, names = NO_NAMES }: Reading = {},
): WorkPackageFacts | undefined {
  const source = normalise(text);
  const split = splitFrontmatter(source) ?? { block: "", body: source, terminated: undefined };
  const read = readFrontmatter({ ...split, block: detachText(split.block) }, decode);
  if (!read) return undefined;
  const { values, problem } = read;
  return {
    id: [values.work_package_id, values.wp_id, values.id].find(isWorkPackageId),
    title: [values.title, values.work_package_title].map(nonEmpty).find(Boolean) ?? firstHeading(split.body),
    lane: parseLane(nonEmpty(values.lane) ?? "", names),
    agent: realAgent(values.agent),
    dependencies: parseDependencies(values.dependencies ?? values.depends_on),
    createdAt: parseTime(nonEmpty(values.created_at) ?? "")?.time,
    entries: distinct([
      ...parseActivityLog(split.body, names),
      ...parseLogText(values.activity_log, names),
      ...parseHistoryItems(values.history),
    ]),
    problem,
  };
}

function normalise(text: string): string {
  const withoutMark = text.startsWith("\uFEFF") ? text.slice(1) : text;
  return withoutMark.includes("\r") ? withoutMark.replaceAll("\r\n", "\n") : withoutMark;
}

interface Frontmatter {
  readonly values: Record<string, unknown>;
  readonly problem: string | undefined;
}

function readFrontmatter(
  { block, terminated }: Pick<SplitFile, "block"> & { readonly terminated: boolean | undefined },
  decode?: (text: string) => Record<string, unknown>,
): Frontmatter | undefined {
  const salvage = (problem: string): Frontmatter => ({ values: salvageFrontmatter(block), problem });
  if (terminated === undefined) return salvage("no frontmatter");
  if (hasConflictMarkers(block)) return salvage("conflict markers");
  if (!terminated) return salvage("unterminated frontmatter");
  if (block.length > LONGEST_BLOCK) return salvage("frontmatter larger than 64 KiB");
  const scanned = scanFrontmatter(block);
  if (scanned) return { values: scanned, problem: undefined };
  if (!decode) return undefined;
  try {
    return { values: decode(`---\n${block}\n---\n`), problem: undefined };
  } catch (error) {
    return salvage(error instanceof Error ? error.message : "not readable");
  }
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

function isWorkPackageId(value: unknown): value is string {
  return typeof value === "string" && WORK_PACKAGE_ID.test(value);
}

function realAgent(value: unknown): string | undefined {
  const agent = nonEmpty(value);
  return agent === undefined || /^(?:__.*__|\$.*|\{\{.*\}\}|null|none|~)$/i.test(agent) ? undefined : agent;
}

function firstHeading(body: string): string | undefined {
  const start = body.startsWith("# ") ? 0 : body.indexOf("\n# ") + 1;
  if (!body.startsWith("# ", start)) return undefined;
  const end = body.indexOf("\n", start);
  return nonEmpty(detachText(body.slice(start + 2, end < 0 ? undefined : end)));
}

/** Reads a list of ids, also where it stands as text: `"[]"`, `WP01, WP02`. */
function parseDependencies(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : typeof value === "string" ? value.split(/[^\w-]+/) : [];
  return [...new Set(items.map((item) => (typeof item === "string" ? item.trim() : item)).filter(isWorkPackageId))];
}

/** Reads the `activity_log` key: a list, or text that holds the lines of a log or of a YAML list. */
function parseLogText(value: unknown, names: LaneNames): LogEntry[] {
  if (typeof value !== "string") return parseHistoryItems(value);
  const list = scanFrontmatter(`activity_log:\n${value}`)?.activity_log;
  if (Array.isArray(list) && list.some((item) => typeof item === "object")) return parseHistoryItems(list);
  return value.split("\n").flatMap((line) => parseLogLine(line, names) ?? []);
}

function distinct(entries: LogEntry[]): LogEntry[] {
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()];
}
