import { detachText } from "./detach-text.ts";
import { fencedRanges, type Range } from "./fenced-ranges.ts";
import { type Lane, type LaneNames, NO_NAMES, parseLane } from "./lane.ts";
import type { LogEntry } from "./log-entry.ts";
import { parseTime } from "./parse-time.ts";

/**
 * Reads the dated bullet lines under every `## Activity Log` heading of a Markdown text, and lines elsewhere that name
 * a time, an agent and a lane: tools appended them wherever they took the log's end to be.
 *
 * A section ends at the next heading of level 1 or 2; nothing inside fenced code counts, neither a heading nor a line.
 */
export function parseActivityLog(text: string, names: LaneNames = NO_NAMES): LogEntry[] {
  const headings = findHeadings(text);
  const strays = findStrays(text);
  if (headings.length === 0 && strays.length === 0) return [];
  const fenced = fencedRanges(text);
  const sections = headings
    .filter(({ start }) => !isIn(fenced, start))
    .map(({ end }) => ({ start: end, end: sectionEnd(text, end, fenced) }));
  const pieces = strays.filter(
    ({ start }) => !sections.some((section) => section.start <= start && start < section.end),
  );
  const inOrder = [...sections, ...pieces].sort((a, b) => a.start - b.start);
  return inOrder.flatMap((piece) => parseSection(text, piece, { fenced, names }));
}

const LOG_HEADING = /^##[ \t]+activity log[ \t]*:?[ \t]*#*[ \t\r]*$/i;

/** Finds the lines that head a log. */
function findHeadings(text: string): Range[] {
  const headings: Range[] = [];
  for (const start of startsOfLines(text, "##")) {
    const end = endOfLine(text, start);
    if (end - start < LONGEST_HEADING && LOG_HEADING.test(text.slice(start, end))) headings.push({ start, end });
  }
  return headings;
}

function* startsOfLines(text: string, mark: string): Generator<number> {
  if (text.startsWith(mark)) yield 0;
  for (let at = text.indexOf(`\n${mark}`); at >= 0; at = text.indexOf(`\n${mark}`, at + 1)) yield at + 1;
}

const LONGEST_HEADING = 200;

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

const LANE_FIELD = "– lane=";
const DATED_LINE = "\n- 2";
const STRAY_LINE = /^\n- \d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z – [^\n]+? – lane=[a-z_]+ – /;
const LONGEST_FIELDS = 240;

/** Finds lines as the tools write them, wherever they stand, each with the line break before it. */
function findStrays(text: string): Range[] {
  const strays: Range[] = [];
  for (let start = text.indexOf(DATED_LINE); start >= 0; start = text.indexOf(DATED_LINE, start + 1)) {
    const end = endOfLine(text, start + 1);
    const line = text.slice(start, end);
    const at = line.indexOf(LANE_FIELD);
    if (at >= 0 && at < LONGEST_FIELDS && STRAY_LINE.test(line.slice(0, at + LONGEST_FIELDS)))
      strays.push({ start, end });
  }
  return strays;
}

function sectionEnd(text: string, start: number, fenced: Range[]): number {
  for (let at = text.indexOf("\n#", start); at >= 0; at = text.indexOf("\n#", at + 1)) {
    const isHeading = /^##?[ \t\r\n]/.test(text.slice(at + 1, at + 4));
    if (isHeading && !isIn(fenced, at + 1)) return at;
  }
  return text.length;
}

function parseSection(
  text: string,
  { start, end }: Range,
  { fenced, names }: { fenced: Range[]; names: LaneNames },
): LogEntry[] {
  const entries: LogEntry[] = [];
  for (let at = start; at < end; ) {
    const lineEnd = text.indexOf("\n", at + 1);
    const next = lineEnd < 0 || lineEnd > end ? end : lineEnd;
    if (MAYBE_ENTRY.test(text.slice(at, at + 8)) && !isIn(fenced, at + 1)) {
      const entry = parseLogLine(detachText(text.slice(at + 1, next)), names);
      if (entry) entries.push(entry);
    }
    at = next;
  }
  return entries;
}

/** Binary search, as one line of a log may be asked about after thousands of fences. */
function isIn(ranges: Range[], at: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.end ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return (ranges[low]?.start ?? Number.POSITIVE_INFINITY) <= at;
}

const MAYBE_ENTRY = /^\n {0,3}[-*+][ \t]/;
const BULLET = /^ {0,3}[-*+][ \t]+/;
const WHEN =
  /^(\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:[Zz]|UTC|[+-]\d{2}:?\d{2}))?)?)(?![\w+-]|[:.]\d)/;
const LEADING_SEPARATOR = /^ *([–—]|--?)(?: +|$)/;
const ANY_SEPARATOR = / (?:[–—]|--?)(?: |$)/;
const KEY_VALUE_AHEAD = / (?:[–—]|--?) (?:shell_pid|lane)=/;
const KEY_VALUE = /^(shell_pid|lane)=(\S*)/;

/** Reads one dated bullet line, `- TIME – AGENT [– shell_pid=…] [– lane=…] – TEXT`, dashes of any kind; undefined for any other line. */
export function parseLogLine(line: string, names: LaneNames = NO_NAMES): LogEntry | undefined {
  const bullet = BULLET.exec(line)?.[0];
  if (bullet === undefined) return undefined;
  const key = line.slice(bullet.length).replaceAll("\r", "").normalize("NFC").trim();
  const when = WHEN.exec(key)?.[1];
  const written = when === undefined ? undefined : parseTime(when);
  if (when === undefined || !written) return undefined;
  const { agent, lane, text } = parseFields(key.slice(when.length), names);
  return { key, time: written.time, exact: written.exact, agent, lane, text: text || lane || agent || key };
}

/** Reads what follows the time; without a separator it is all text. */
function parseFields(
  fields: string,
  names: LaneNames,
): { agent: string | undefined; lane: Lane | undefined; text: string } {
  const separator = LEADING_SEPARATOR.exec(fields);
  if (!separator) return { agent: undefined, lane: undefined, text: fields.replace(/^[:,.]/, "").trim() };
  let rest = fields.slice(separator[0].length);
  let agent: string | undefined;
  if (!KEY_VALUE.test(rest)) {
    const end = agentEnd(rest, ` ${separator[1]} `);
    agent = rest.slice(0, end).trim() || undefined;
    rest = afterSeparator(rest.slice(end));
    if (agent && rest === "" && /\s/.test(agent)) return { agent: undefined, lane: undefined, text: agent };
  }
  let lane: Lane | undefined;
  for (let field = KEY_VALUE.exec(rest); field; field = KEY_VALUE.exec(rest)) {
    const [whole, name, value = ""] = field;
    if (name === "lane") lane ??= parseLane(value.replace(/^["'`]|["'`]$/g, ""), names);
    rest = afterSeparator(rest.slice(whole.length));
  }
  return { agent, lane, text: rest.trim() };
}

/** Where the agent ends: at the line's own separator, so that another kind of dash may be part of a name. */
function agentEnd(fields: string, separator: string): number {
  const ends = [fields.indexOf(separator), fields.search(KEY_VALUE_AHEAD)].filter((end) => end >= 0);
  if (ends.length > 0) return Math.min(...ends);
  const any = fields.search(ANY_SEPARATOR);
  return any < 0 ? fields.length : any;
}

function afterSeparator(fields: string): string {
  const separator = LEADING_SEPARATOR.exec(fields);
  return separator ? fields.slice(separator[0].length) : fields;
}
