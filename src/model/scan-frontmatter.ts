import { type Scalar, scanValue } from "./scan-scalar.ts";

type Value = Scalar | Scalar[];
type FlatMap = Record<string, Value>;

interface Line {
  readonly indent: number;
  readonly text: string;
}

const UNCERTAIN_CHARACTER = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ufefe\uff00-\ufffd]/;
const PAIR = /^([A-Za-z_][\w-]{0,99}):(?: +(.*))?$/;
const TYPED_KEY = /^(?:null|true|false|__proto__)$/i;

/**
 * Reads the common part of YAML fast: flat `key: value` lines, one-line lists, lists of scalars and of flat maps.
 *
 * Undefined for all it can't decide with certainty; what it returns is deeply equal to what `decodeFrontmatter` makes of the block.
 */
export function scanFrontmatter(block: string): Record<string, unknown> | undefined {
  if (UNCERTAIN_CHARACTER.test(block)) return undefined;
  const lines = contentLines(block);
  const record: Record<string, Value | (Value | FlatMap)[]> = {};
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    const pair = line?.indent === 0 ? splitPair(line.text) : undefined;
    if (!pair || Object.hasOwn(record, pair.key)) return undefined;
    at += 1;
    const next = lines[at];
    if (next && isItem(next.text) && isNothing(pair.rest)) {
      const list = scanList(lines, at, next.indent);
      if (!list) return undefined;
      record[pair.key] = list.items;
      at = list.end;
    } else {
      const value = scanValue(pair.rest);
      if (value === undefined) return undefined;
      record[pair.key] = value;
    }
  }
  return record;
}

function scanList(
  lines: Line[],
  from: number,
  indent: number,
): { items: (Value | FlatMap)[]; end: number } | undefined {
  const items: (Value | FlatMap)[] = [];
  let at = from;
  for (let line = lines[at]; line?.indent === indent && isItem(line.text); line = lines[at]) {
    const dash = skipDash(line.text);
    const text = line.text.slice(dash);
    at += 1;
    if (splitPair(text)) {
      const scanned = scanFlatMap(lines, at, { indent: indent + dash, text });
      if (!scanned) return undefined;
      items.push(scanned.map);
      at = scanned.end;
    } else {
      const value = isNothing(text) ? undefined : scanValue(text);
      if (value === undefined) return undefined;
      items.push(value);
    }
  }
  return { items, end: at };
}

/** Reads a list item that is a map: its first pair stands on the dash's line, the others begin in the same column. */
function scanFlatMap(lines: Line[], from: number, first: Line): { map: FlatMap; end: number } | undefined {
  const map: FlatMap = {};
  let at = from;
  for (let line: Line | undefined = first; line?.indent === first.indent; line = lines[at], at += 1) {
    const pair = splitPair(line.text);
    const value = pair && !Object.hasOwn(map, pair.key) ? scanValue(pair.rest) : undefined;
    if (!pair || value === undefined) return undefined;
    map[pair.key] = value;
  }
  return { map, end: at - 1 };
}

/** The lines that are neither blank nor a comment, without indentation and trailing spaces. */
function contentLines(block: string): Line[] {
  const lines: Line[] = [];
  for (const line of block.split("\n")) {
    let indent = 0;
    while (line[indent] === " ") indent += 1;
    let end = line.length;
    while (end > indent && line[end - 1] === " ") end -= 1;
    if (end > indent && line[indent] !== "#") lines.push({ indent, text: line.slice(indent, end) });
  }
  return lines;
}

function splitPair(text: string): { key: string; rest: string } | undefined {
  const [, key, rest = ""] = PAIR.exec(text) ?? [];
  return key === undefined || TYPED_KEY.test(key) ? undefined : { key, rest };
}

function isItem(text: string): boolean {
  return text === "-" || text.startsWith("- ");
}

function isNothing(text: string): boolean {
  return text === "" || text.startsWith("#");
}

/** Where an item's own text begins, behind the dash and its spaces. */
function skipDash(text: string): number {
  let at = 1;
  while (text[at] === " ") at += 1;
  return at;
}
