import matter from "gray-matter";
import { parseDocument, type YAMLError } from "yaml";
import { LONGEST_BLOCK, splitFrontmatter } from "./split-frontmatter.ts";

/**
 * Reads a file's frontmatter as YAML 1.2; throws an Error with a short reason that quotes nothing but a key's name.
 *
 * Import it lazily: it loads gray-matter and yaml. gray-matter gets its options every time, because without them it caches and
 * shares results, and every engine but YAML is replaced, because its own `js` engine evaluates the file.
 */
export function decodeFrontmatter(text: string): Record<string, unknown> {
  const split = splitFrontmatter(text);
  if (!split) throw new Error("no frontmatter");
  if (!split.terminated) throw new Error("unterminated frontmatter");
  if (split.block.length > LONGEST_BLOCK) throw new Error("frontmatter larger than 64 KiB");
  const { data, content } = decode(`---\n${split.block}\n---\n`);
  if (content !== "") throw new Error("a line begins with ---"); // gray-matter closes at `---x` too
  if (!isRecord(data)) throw new Error("not a map");
  return data;
}

function decode(text: string): { data: unknown; content: string } {
  try {
    return matter(text, { language: "yaml", engines: ENGINES });
  } catch (error) {
    if (error instanceof RangeError) throw new Error("nested too deeply");
    if (error instanceof ReferenceError) throw new Error("unknown alias, or too many");
    throw error;
  }
}

const CONTROL_CHARACTER = /[^\P{Cc}\t]/u;

const REFUSED = {
  parse(): never {
    throw new Error("only YAML frontmatter is read");
  },
  stringify(): never {
    throw new Error("frontmatter is not written");
  },
};

const ENGINES = {
  yaml: { parse: parseYaml, stringify: REFUSED.stringify },
  js: REFUSED,
  javascript: REFUSED,
  json: REFUSED,
  coffee: REFUSED,
  coffeescript: REFUSED,
  cson: REFUSED,
  toml: REFUSED,
};

function parseYaml(block: string): object {
  const document = parseDocument(block, { schema: "core", uniqueKeys: true, prettyErrors: false, logLevel: "error" });
  const [error] = document.errors;
  if (error) throw new Error(describe(error, block));
  if (document.contents === null) return {};
  const data: unknown = document.toJS({ maxAliasCount: 20 });
  if (!isRecord(data)) throw new Error("not a map");
  return data;
}

/** The block begins with the line break of the opening `---`, so counting its breaks gives the file's lines. */
function describe({ code, pos }: YAMLError, block: string): string {
  const [at] = pos;
  const key = /^["']?([\w-]{1,60})/.exec(block.slice(at, at + 64))?.[1];
  if (code === "DUPLICATE_KEY" && key) return `duplicate key "${key}"`;
  if (code === "RESOURCE_EXHAUSTION") return "nested too deeply";
  const before = block.slice(0, at).split("\n");
  const line = (before.at(-1) ?? "") + block.slice(at).split("\n", 1)[0];
  return `line ${before.length}: ${CONTROL_CHARACTER.test(line) ? "control character" : code.toLowerCase().replaceAll("_", " ")}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
