const MIB = 1024 * 1024;
const LONGEST_LINE = 16 * MIB;
const LONGEST_DOCUMENT = 256 * MIB;

/** One value of the input, or why a line holds none. */
export type JsonItem =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly problem: string };

/** A line's bytes; undefined for one that is too long to keep. */
interface Line {
  readonly number: number;
  readonly bytes: Uint8Array | undefined;
}

/**
 * Reads values from JSON lines as they come, or from one JSON text: each element of an array, else the text's value.
 *
 * A text is one whose first line is no JSON on its own, or begins an array. It is kept until its end; if it is no JSON
 * as a whole either, its lines are judged one by one.
 */
export async function* readJson(source: AsyncIterable<Uint8Array>): AsyncGenerator<JsonItem> {
  let held: Line[] | undefined = [];
  let size = 0;
  for await (const line of readLines(source)) {
    if (held?.length === 0 && isBlank(line)) continue;
    if (held?.length === 0 && !beginsText(line)) held = undefined;
    if (held === undefined) {
      if (!isBlank(line)) yield parseLine(line);
      continue;
    }
    held.push(line);
    size += line.bytes?.length ?? LONGEST_DOCUMENT;
    if (size < LONGEST_DOCUMENT) continue;
    yield* held.filter((one) => !isBlank(one)).map(parseLine);
    held = undefined;
  }
  if (held?.[0]) yield* parseText(held, held[0].number);
}

async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let number = 0;
  const add = (part: Uint8Array): void => {
    size += part.length;
    if (size <= LONGEST_LINE) parts.push(part);
    else parts = [];
  };
  const end = (): Line => {
    const line = { number: ++number, bytes: size <= LONGEST_LINE ? Buffer.concat(parts) : undefined };
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of source) {
    let from = 0;
    for (let to = chunk.indexOf(10); to !== -1; to = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, to));
      yield end();
      from = to + 1;
    }
    add(chunk.subarray(from));
  }
  if (size > 0) yield end();
}

function isBlank({ bytes }: Line): boolean {
  return bytes?.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d) ?? false;
}

function beginsText(line: Line): boolean {
  const item = parseLine(line);
  return "problem" in item || Array.isArray(item.value);
}

function* parseText(lines: readonly Line[], line: number): Generator<JsonItem> {
  const whole = parse(Buffer.concat(lines.flatMap(({ bytes }) => [bytes ?? new Uint8Array(), NEWLINE])));
  if ("problem" in whole) yield* lines.filter((one) => !isBlank(one)).map(parseLine);
  else if (Array.isArray(whole.value)) yield* whole.value.map((value) => ({ line, value }));
  else yield { line, value: whole.value };
}

const NEWLINE = new Uint8Array([10]);

function parseLine({ number, bytes }: Line): JsonItem {
  const parsed = bytes === undefined ? { problem: "is longer than 16 MiB" } : parse(bytes);
  return "problem" in parsed
    ? { line: number, problem: `line ${number}: ${parsed.problem}` }
    : { line: number, value: parsed.value };
}

function parse(bytes: Uint8Array): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch (error) {
    return { problem: error instanceof SyntaxError ? "is not JSON" : "is not UTF-8" };
  }
}
