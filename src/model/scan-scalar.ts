/** What a scalar of the YAML core schema can be. */
export type Scalar = string | number | boolean | null;

const COMMENT_OR_NOTHING = /^(?: *$| +#)/;
const UNSURE_FIRST = /^(?:[?:,[\]{}#&*!|>'"%@`]|-(?![\w.]))/;
const FLOW_ITEM = /^-?[\w./~][\w./~ *()+@=-]*$/;
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", n: "\n", t: "\t" };

/** Reads what stands after `key: ` or `- `: a scalar or a one-line list of scalars; undefined where it is not certain. */
export function scanValue(text: string): Scalar | Scalar[] | undefined {
  const first = text[0];
  if (first === undefined || first === "#") return null;
  if (first === "[") return scanFlowList(text);
  if (first === '"' || first === "'") {
    const quoted = scanQuoted(text, 0);
    return quoted && COMMENT_OR_NOTHING.test(text.slice(quoted.end)) ? quoted.value : undefined;
  }
  const comment = text.indexOf(" #");
  const plain = trimSpaces(comment < 0 ? text : text.slice(0, comment));
  if (UNSURE_FIRST.test(plain) || plain.includes(": ") || plain.endsWith(":")) return undefined;
  return resolvePlain(plain);
}

function scanFlowList(text: string): Scalar[] | undefined {
  const items: Scalar[] = [];
  let at = skipSpaces(text, 1);
  if (text[at] === "]") return COMMENT_OR_NOTHING.test(text.slice(at + 1)) ? items : undefined;
  for (;;) {
    const item = text[at] === '"' || text[at] === "'" ? scanQuoted(text, at) : scanFlowPlain(text, at);
    if (!item) return undefined;
    items.push(item.value);
    at = skipSpaces(text, item.end);
    if (text[at] === "]") return COMMENT_OR_NOTHING.test(text.slice(at + 1)) ? items : undefined;
    if (text[at] !== ",") return undefined;
    at = skipSpaces(text, at + 1);
  }
}

function scanFlowPlain(text: string, from: number): { value: Scalar; end: number } | undefined {
  let end = from;
  while (end < text.length && text[end] !== "," && text[end] !== "]") end += 1;
  const item = trimSpaces(text.slice(from, end));
  return FLOW_ITEM.test(item) ? { value: resolvePlain(item), end } : undefined;
}

function scanQuoted(text: string, from: number): { value: string; end: number } | undefined {
  return text[from] === '"' ? scanDouble(text, from) : scanSingle(text, from);
}

function scanDouble(text: string, from: number): { value: string; end: number } | undefined {
  let value = "";
  let start = from + 1;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '"') return { value: value + text.slice(start, at), end: at + 1 };
    if (text[at] !== "\\") continue;
    const escaped = ESCAPES[text[at + 1] ?? ""];
    if (escaped === undefined) return undefined;
    value += text.slice(start, at) + escaped;
    at += 1;
    start = at + 1;
  }
  return undefined;
}

function scanSingle(text: string, from: number): { value: string; end: number } | undefined {
  let at = text.indexOf("'", from + 1);
  while (at >= 0 && text[at + 1] === "'") at = text.indexOf("'", at + 2);
  return at < 0 ? undefined : { value: text.slice(from + 1, at).replaceAll("''", "'"), end: at + 1 };
}

const MAYBE_TYPED = /^[-+.~\dnNtTfF]/;
const NULL = /^(?:~|[Nn]ull|NULL)$/;
const TRUE = /^(?:[Tt]rue|TRUE)$/;
const FALSE = /^(?:[Ff]alse|FALSE)$/;
const OCTAL = /^0o[0-7]+$/;
const HEXADECIMAL = /^0x[\da-fA-F]+$/;
const INTEGER = /^[-+]?\d+$/;
const INFINITY = /^[-+]?\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^(?:\.nan|\.NaN|\.NAN)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

function resolvePlain(plain: string): Scalar {
  if (!MAYBE_TYPED.test(plain)) return plain;
  if (NULL.test(plain)) return null;
  if (TRUE.test(plain)) return true;
  if (FALSE.test(plain)) return false;
  if (OCTAL.test(plain)) return Number.parseInt(plain.slice(2), 8);
  if (HEXADECIMAL.test(plain)) return Number.parseInt(plain.slice(2), 16);
  if (INTEGER.test(plain)) return Number.parseInt(plain, 10);
  if (FLOAT.test(plain)) return Number.parseFloat(plain);
  if (INFINITY.test(plain)) return plain.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return NOT_A_NUMBER.test(plain) ? Number.NaN : plain;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === " ") at += 1;
  return at;
}

/** Cuts spaces off the end; `trimEnd` would also cut what YAML takes for letters, such as a no-break space. */
function trimSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === " ") end -= 1;
  return text.slice(0, end);
}
