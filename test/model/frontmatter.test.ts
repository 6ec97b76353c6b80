import { afterEach, expect, test } from "vitest";
import { decodeFrontmatter } from "../../src/model/frontmatter.ts";

afterEach(() => {
  Reflect.deleteProperty(globalThis, "pwned");
});

test.each([
  "js",
  "javascript",
  "JS",
  " js",
  "Javascript",
  "coffee",
  "json",
  "toml",
  "cson",
  "constructor",
  "toString",
  "yaml",
])("frontmatter opened with ---%s is refused and runs nothing", (language) => {
  const text = `---${language}\n(globalThis.pwned = true, { lane: "done" })\n---\n---js\n(globalThis.pwned = true)\n---\n`;
  expect(() => decodeFrontmatter(text)).toThrow("no frontmatter");
  expect(Reflect.has(globalThis, "pwned")).toBe(false);
});

test("a body that begins with ---js runs nothing", () => {
  const text = "---\na: 1\n---\n---js\n(globalThis.pwned = true)\n---\n";
  expect(decodeFrontmatter(text)).toEqual({ a: 1 });
  expect(Reflect.has(globalThis, "pwned")).toBe(false);
});

const levels = [..."bcdefghi"].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(", ")}]`);
const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${levels.join("\n")}`;

test.each([
  ["an alias bomb", bomb, "unknown alias, or too many"],
  ["an unknown alias", "a: *nobody", "unknown alias, or too many"],
  ["20,000 nested lists", `a: ${"[".repeat(20_000)}`, "nested too deeply"],
  ["a duplicate key", 'review_status: ""\nlane: done\nreview_status: approved', 'duplicate key "review_status"'],
  ["a duplicate key inside a list", "a:\n- b: 1\n  b: 2", 'duplicate key "b"'],
  ["a line of one control byte", "subtasks: []\n\u0001\nmodel: x", "line 3: control character"],
  ["a list", "- a\n- b", "not a map"],
  ["a scalar", "just text", "not a map"],
  ["null", "~", "not a map"],
  ["a line that begins with ---", "a: 1\n---x\nb: 2", "a line begins with ---"],
  ["more than 64 KiB", `a: ${"x".repeat(65_536)}`, "frontmatter larger than 64 KiB"],
  ["a broken line", "secret: [oops", "line 2: bad indent"],
])("%s is refused with a reason that quotes nothing", (_name, block, reason) => {
  const refused = () => decodeFrontmatter(`---\n${block}\n---\n`);
  expect(refused).toThrow(new Error(reason));
  expect(refused).toThrow(new Error(reason)); // gray-matter's cache would return {} the second time
});

test.each([
  ["no frontmatter", "# Title\n"],
  ["no frontmatter", ""],
  ["unterminated frontmatter", "---\nlane: done\n"],
])("%s is said of %j", (reason, text) => {
  expect(() => decodeFrontmatter(text)).toThrow(new Error(reason));
});

test.each([
  ["", {}],
  ["# nothing", {}],
  ["#", {}],
  ["a: |\n  two\n  lines", { a: "two\nlines\n" }],
  ["a: &x [1]\nb: *x", { a: [1], b: [1] }],
  ["date: 2025-11-02\nn: 0123\nt: 1:30", { date: "2025-11-02", n: 123, t: "1:30" }],
  ["a: !custom x", { a: "x" }],
])("%j is read as YAML 1.2", (block, expected) => {
  expect(decodeFrontmatter(`---\n${block}\n---\nbody`)).toEqual(expected);
});

test("a second reading of the same text shares nothing with the first", () => {
  const text = "---\na: [1]\n---\n";
  decodeFrontmatter(text).a = "changed";
  expect(decodeFrontmatter(text)).toEqual({ a: [1] });
});
