import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeFrontmatter } from "../../src/model/frontmatter.ts";
import { parseWorkPackage } from "../../src/model/parse-work-package.ts";
import type { WorkPackageFacts } from "../../src/model/work-package.ts";

const NOON = 1_735_732_800_000; // 2025-01-01T12:00:00Z
const NOTHING: WorkPackageFacts = {
  id: undefined,
  title: undefined,
  lane: undefined,
  agent: undefined,
  dependencies: [],
  createdAt: undefined,
  entries: [],
  problem: undefined,
};
const file = (block: string, body = "") => `---\n${block}\n---\n${body}`;
const facts = (text: string) => parseWorkPackage(text, { decode: decodeFrontmatter });

const WHOLE = file(
  `work_package_id: "WP03"
title: "Queue"
lane: "for_review"
agent: claude
dependencies: ["WP01", "WP02", "WP01", "T004"]
created_at: "2025-01-01T12:00:00Z"
history:
- at: "2025-01-01T12:00:00Z"
  actor: system
  action: Prompt generated`,
  "# Work Package Prompt\n\n## Activity Log\n\n- 2025-01-01T12:00:00Z – claude – lane=doing – Started\n",
);
const WHOLE_FACTS: WorkPackageFacts = {
  id: "WP03",
  title: "Queue",
  lane: "for_review",
  agent: "claude",
  dependencies: ["WP01", "WP02"],
  createdAt: NOON,
  entries: [
    {
      key: "2025-01-01T12:00:00Z – claude – lane=doing – Started",
      time: NOON,
      exact: true,
      agent: "claude",
      lane: "doing",
      text: "Started",
    },
    {
      key: "action=Prompt generated actor=system at=2025-01-01T12:00:00Z",
      time: NOON,
      exact: true,
      agent: "system",
      lane: undefined,
      text: "Prompt generated",
    },
  ],
  problem: undefined,
};

test.each([
  ["LF", WHOLE],
  ["CRLF", WHOLE.replaceAll("\n", "\r\n")],
  ["a BOM", `\uFEFF${WHOLE}`],
  ["spaces behind the dashes", WHOLE.replaceAll("---\n", "---  \n")],
])("a work package with %s is read without a decoder", (_name, text) => {
  expect(parseWorkPackage(text)).toEqual(WHOLE_FACTS);
});

test("a file that the scanner cannot decide waits for a decoder", () => {
  const text = file("lane: done\nnotes: |\n  lane: planned");
  expect(parseWorkPackage(text)).toBeUndefined();
  expect(facts(text)).toEqual({ ...NOTHING, lane: "done" });
});

test.each<[string, string, Partial<WorkPackageFacts>]>([
  ["nothing", "", {}],
  ["an id under wp_id", "wp_id: WP07\ndepends_on: [WP01]", { id: "WP07", dependencies: ["WP01"] }],
  ["an id under id", "work_package_id: x\nid: WP07", { id: "WP07" }],
  ["an id that is none", "work_package_id: WP1", {}],
  ["the other title", "work_package_title: Setup", { title: "Setup" }],
  ["a lane of another kind", "lane: lane-a", {}],
  ["a lane alias", "lane: in_progress", { lane: "doing" }],
  ["dependencies as an empty list in text", 'dependencies: "[]"', {}],
  ["dependencies as text", 'dependencies: "WP01, WP02"', { dependencies: ["WP01", "WP02"] }],
  ["dependencies as a list in text", "dependencies: '[\"WP01\", WP02]'", { dependencies: ["WP01", "WP02"] }],
  ["dependencies as a block", "dependencies:\n- WP02\n- WP01", { dependencies: ["WP02", "WP01"] }],
  [
    "wrong types",
    "lane: [done]\ntitle: 7\nagent: true\ndependencies: 3\ncreated_at: 2025\nhistory: 1\nactivity_log: 2",
    {},
  ],
  ["maps for scalars", "lane: {a: done}\ntitle: {}\nagent: {}\ndependencies: {WP01: 1}\nhistory: {}", {}],
  ["a date", "created_at: 2025-01-01", { createdAt: NOON - 43_200_000 }],
])("frontmatter with %s", (_name, block, expected) => {
  expect(facts(file(block))).toEqual({ ...NOTHING, ...expected });
});

test.each(["__AGENT__", '"$$"', '"{{AGENT}}"', '""', "null", '"null"', "~", '"~"', "none", '" "'])(
  "agent: %s is no agent",
  (agent) => {
    expect(facts(file(`agent: ${agent}`))?.agent).toBeUndefined();
  },
);

test.each([
  ["# Work package\n", "Work package"],
  ["text\n## Sub\n# Later \n", "Later"],
  ["#hash\n", undefined],
  ["# \n", undefined],
])("a title comes from the heading of %j", (body, title) => {
  expect(facts(file("lane: done", body))?.title).toBe(title);
});

test.each([
  ['activity_log: "- 2025-01-01T12:00:00Z – me – lane=done – did\\n"'],
  [
    'activity_log: "  - timestamp: \\"2025-01-01T12:00:00Z\\"\\n    lane: \\"done\\"\\n    agent: me\\n    action: did\\n"',
  ],
  ["activity_log:\n- timestamp: 2025-01-01T12:00:00Z\n  lane: done\n  agent: me\n  action: did"],
  ["activity_log: |\n  - 2025-01-01T12:00:00Z – me – lane=done – did"],
])("%j is one entry", (block) => {
  const lane = block.includes("lane=done") ? "done" : undefined;
  const expected = { time: NOON, exact: true, agent: "me", lane, text: "did" };
  expect(facts(file(block))?.entries).toEqual([{ key: expect.any(String), ...expected }]);
});

test("an entry written twice is one entry", () => {
  const line = "- 2025-01-01T12:00:00Z – me – did";
  const text = file(`history:\n- "${line.slice(2)}"`, `## Activity Log\n${line}\n${line}\r\n`);
  expect(facts(text)?.entries).toHaveLength(1);
});

const LOG = "\n## Activity Log\n- 2025-01-01T12:00:00Z – claude – lane=doing – Started\n";
const entries = WHOLE_FACTS.entries.slice(0, 1);

test.each<[string, string, Partial<WorkPackageFacts>]>([
  ["no frontmatter", "lane: done\n", { problem: "no frontmatter" }],
  ["nothing", "", { problem: "no frontmatter" }],
  [
    "unterminated frontmatter",
    "---\nwp_id: WP01\nlane: done\n",
    { id: "WP01", lane: "done", problem: "unterminated frontmatter" },
  ],
  [
    "an unterminated lane below a heading",
    "---\n# Title\nlane: done\n",
    { title: "Title", problem: "unterminated frontmatter" },
  ],
  [
    "too much frontmatter",
    file(`lane: done\nx: ${"y".repeat(65_536)}`),
    { lane: "done", problem: "frontmatter larger than 64 KiB" },
  ],
  [
    "a duplicate key",
    file(
      'work_package_id: WP06\ntitle: T\nreview_status: ""\nlane: "done"  # why\nreview_status: x\ndependencies: [WP01]',
    ),
    { id: "WP06", title: "T", lane: "done", dependencies: ["WP01"], problem: 'duplicate key "review_status"' },
  ],
  ["two lanes", file("lane: done\nlane: 'planned'\nagent: me"), { agent: "me", problem: 'duplicate key "lane"' }],
  ["one lane twice", file("lane: done\nlane: 'done'"), { lane: "done", problem: 'duplicate key "lane"' }],
  [
    "a conflict",
    file('<<<<<<< HEAD\nlane: done\nagent: me\n=======\nlane: planned\n>>>>>>> x\nwork_package_id: "WP01"'),
    { id: "WP01", problem: "conflict markers" },
  ],
  ["a conflict with one lane", file("<<<<<<< HEAD\nlane: done\n=======\n>>>>>>> x"), { problem: "conflict markers" }],
  [
    "a control byte",
    file("lane: doing\n\u0001\nagent: me"),
    { lane: "doing", agent: "me", problem: "line 3: control character" },
  ],
  [
    "a corrupted list",
    file('lane: "done"\ndependencies:\n"[]"\n- WP05'),
    { lane: "done", problem: "line 4: missing char" },
  ],
  ["20,000 nested lists", file(`lane: done\na: ${"[".repeat(20_000)}`), { lane: "done", problem: "nested too deeply" }],
  ["a script", "---js\n(globalThis.pwned = true)\n---\n", { problem: "no frontmatter" }],
])("of a file with %s the sure keys and the log remain", (_name, text, expected) => {
  expect(facts(text + LOG)).toEqual({ ...NOTHING, entries, ...expected });
  expect(Reflect.has(globalThis, "pwned")).toBe(false);
});

test("a decoder that throws no Error gives a problem", () => {
  const decode = () => {
    throw "text";
  };
  expect(parseWorkPackage(file("lane: |\n x"), { decode })?.problem).toBe("not readable");
});

test("names that a team has for lanes count in the frontmatter and in the log, and rename none of ours", () => {
  const names = new Map([
    ["in-dev", "doing"],
    ["done", "planned"],
  ] as const);
  const log =
    "## Activity Log\n\n- 2026-01-01T00:00:00Z – a – lane=in-dev – x\n- 2026-01-02T00:00:00Z – a – lane=done – y\n";
  const read = parseWorkPackage(file("lane: in-dev", log), { names });
  expect([read?.lane, ...(read?.entries ?? []).map(({ lane }) => lane)]).toEqual(["doing", "doing", "done"]);
  expect(parseWorkPackage(file("lane: in-dev", log))?.lane).toBeUndefined();
});

const piece = fc.constantFrom(
  "---\n",
  "---",
  "\n",
  "lane: ",
  "done",
  "- ",
  '"',
  "[",
  "#",
  "## Activity Log\n",
  "<<<<<<< a\n",
  "\r",
  "\uFEFF",
  "a: ",
  "|",
);

test("any text is read, with and without a decoder, and read alike", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 30 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.boolean(), texts, (open, rest) => {
      const text = open ? `---\n${rest}` : rest;
      const quick = parseWorkPackage(text);
      const full = facts(text);
      expect(full).toBeDefined();
      if (quick) expect(quick).toEqual(full);
    }),
    { numRuns: 2000 },
  );
});
