import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeFrontmatter } from "../../src/model/frontmatter.ts";
import { scanFrontmatter } from "../../src/model/scan-frontmatter.ts";

const decodeBlock = (block: string) => decodeFrontmatter(`---\n${block}\n---\n`);

test.each<[string, Record<string, unknown>]>([
  ["", {}],
  ["# only a comment\n\n   \n#", {}],
  ['lane: "done"  # DO NOT EDIT - use: spec-kitty', { lane: "done" }],
  ["lane: done # why: because", { lane: "done" }],
  ["lane: a#b", { lane: "a#b" }],
  ["lane:", { lane: null }],
  ["lane:   # none", { lane: null }],
  ["a: null\nb: ~\nc: Null\nd: nul", { a: null, b: null, c: null, d: "nul" }],
  ["a: true\nb: FALSE\nc: yes\nd: tRue", { a: true, b: false, c: "yes", d: "tRue" }],
  ["a: 12\nb: -0\nc: +7\nd: 0123\ne: 1_000", { a: 12, b: -0, c: 7, d: 123, e: "1_000" }],
  ["a: 0o17\nb: 0x1F\nc: 0b1\nd: 0o8", { a: 15, b: 31, c: "0b1", d: "0o8" }],
  ["a: 1.50\nb: .5\nc: 1.\nd: 1e3\ne: 1.2.3", { a: 1.5, b: 0.5, c: 1, d: 1000, e: "1.2.3" }],
  ["a: .inf\nb: -.INF\nc: .nan\nd: .", { a: Infinity, b: -Infinity, c: Number.NaN, d: "." }],
  ["a: 2025-11-02T10:00:00Z\nb: 2025-11-02\nc: 1:30", { a: "2025-11-02T10:00:00Z", b: "2025-11-02", c: "1:30" }],
  ["a: 99999999999999999999", { a: 1e20 }],
  ["a: 'it''s'\nb: ''\nc: \"\"", { a: "it's", b: "", c: "" }],
  ['a: "line\\nbreak \\"q\\" \\\\ \\/ \\t"', { a: 'line\nbreak "q" \\ / \t' }],
  ["title: Größe – naïve 🐈 — тест", { title: "Größe – naïve 🐈 — тест" }],
  ["title: no\u00a0break\u00a0", { title: "no\u00a0break\u00a0" }],
  ["a: []\nb: [ ]\nc: [WP01, \"WP02\", 'it''s', 3, ~]", { a: [], b: [], c: ["WP01", "WP02", "it's", 3, null] }],
  ['a:\n- x\n- "y"\nb: 1', { a: ["x", "y"], b: 1 }],
  ["a:\n  - x\n\n  # between\n  - 2\nb: 1", { a: ["x", 2], b: 1 }],
  ["a:\n-  deep\n- [b, c]", { a: ["deep", ["b", "c"]] }],
  [
    'history:\n- at: "2025-01-01"\n  actor: me\n- at:\n  note: a - b\nlane: done',
    {
      history: [
        { at: "2025-01-01", actor: "me" },
        { at: null, note: "a - b" },
      ],
      lane: "done",
    },
  ],
  ["history:\n    -   a: 1\n        b: 2\n    - plain", { history: [{ a: 1, b: 2 }, "plain"] }],
  ["constructor: x\ntoString: y", { constructor: "x", toString: "y" }],
])("%j is decided as the decoder decides it", (block, expected) => {
  expect(scanFrontmatter(block)).toStrictEqual(expected);
  expect(decodeBlock(block)).toStrictEqual(expected);
});

test.each([
  "a: |\n  text",
  "a: >-\n  text",
  "a: &x 1",
  "a: *x",
  "a: !!str 1",
  "a:\n  b: 1",
  "a: b\n  c",
  "a: b\n  - c",
  'a: "b\n  c"',
  'a: "b" c',
  'a: "b"# c',
  "a: 'b",
  "a: b: c",
  "a: b:",
  "a: {b: 1}",
  "a: [b: 1]",
  "a: [b,\n  c]",
  "a: [b, ]",
  "a: [[b]]",
  "a: [b] c",
  "a: - b",
  "a: -",
  "a: ?x",
  "a: @x",
  "a: `x`",
  "a: %x",
  'a: "\\u0041"',
  'a: "\\x01"',
  "a: 1\na: 2",
  "a:\n- b: 1\n  b: 2",
  "a:\n- - b",
  "a:\n-\n  b",
  "a:\n- b:\n    c: 1",
  "a:\n- b:\n  - c",
  "a:\n  - b\n - c",
  "a:\n- b\n  c",
  "? a\n: b",
  "a:b",
  "a : b",
  "<<: x",
  "null: x",
  "true: x",
  "__proto__: x",
  "1: x",
  '"a": b',
  "- a",
  "a",
  "---",
  "--- # x",
  "...",
  "%YAML 1.1",
  "a:\tb",
  "a: b\t# c",
  "a: 1\n\u0001\nb: 2",
  "a: \u007f",
  "a: b\r",
  "a: \u0085",
  "a: \u2028",
  "\ufeffa: 1",
  "<<<<<<< HEAD\na: 1",
  " a: 1",
])("%j is left to the decoder", (block) => {
  expect(scanFrontmatter(block)).toBeUndefined();
});

const scalar = fc.oneof(
  fc.constantFrom("", "x", "a b", "'q'", '"q"', "~", "null", "true", "-1", "0x1f", "1e5", ".5", "-.inf", ".nan", "0o7"),
  fc.constantFrom(
    "[]",
    "[a, 'b', \"c\"]",
    "[1, -2.5, ~]",
    "a # c",
    "'x' # y",
    "2025-01-01",
    "a:b",
    "a#b",
    "<x",
    "é – ü",
    "-",
  ),
  fc.string({ unit: fc.constantFrom(..."aZ0 -:#'\"[],.\\~*&!|>{}%@`+_é–\u00a0"), maxLength: 8 }),
);
const key = fc.constantFrom("a", "b", "c-d", "e_f", "lane", "True", "null", "x1");
const noise = fc.constantFrom("", "", "", "\n", "\n# note", "\n    # note", "\n   ");
const pair = fc.tuple(key, scalar).map(([name, value]) => `${name}: ${value}`);
const flatMap = fc.array(pair, { minLength: 1, maxLength: 3 });
const item = fc.oneof(
  scalar.map((value) => [value]),
  flatMap,
);
const list = fc
  .tuple(
    key,
    fc.constantFrom("", "  ", "    "),
    fc.constantFrom("- ", "-   "),
    fc.array(item, { minLength: 1, maxLength: 3 }),
  )
  .map(([name, indent, dash, items]) => {
    const lines = items.map((parts) => `${indent}${dash}${parts.join(`\n${indent}${" ".repeat(dash.length)}`)}`);
    return `${name}:\n${lines.join("\n")}`;
  });
const flatYaml = fc
  .array(fc.tuple(fc.oneof(pair, pair, list), noise), { maxLength: 5 })
  .map((parts) => parts.map(([text, more]) => text + more).join("\n"));
const confusion = fc.string({ unit: fc.constantFrom(..."ab:: --\n\n##'\"[],1~.|>\\&?{}"), maxLength: 24 });

test.each([
  ["flat YAML", flatYaml, 3000],
  ["confused text", confusion, 5000],
  ["any text", fc.string({ unit: "binary", maxLength: 60 }), 1000],
])("what it decides of %s the decoder decides alike", (_name, blocks, numRuns) => {
  fc.assert(
    fc.property(blocks, (block) => {
      const scanned = scanFrontmatter(block);
      if (scanned !== undefined) expect(decodeBlock(block)).toStrictEqual(scanned);
    }),
    { numRuns },
  );
});
