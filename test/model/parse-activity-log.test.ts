import fc from "fast-check";
import { expect, test } from "vitest";
import { parseActivityLog, parseLogLine } from "../../src/model/parse-activity-log.ts";

const NOON = 1_735_732_800_000; // 2025-01-01T12:00:00Z
const AT = "2025-01-01T12:00:00Z";

test.each([
  [`${AT} – claude – shell_pid=12 – lane=doing – Started`, "claude", "doing", "Started"],
  [`${AT} – claude – shell_pid=12 – Started`, "claude", undefined, "Started"],
  [`${AT} – claude – lane=for_review – Ready`, "claude", "for_review", "Ready"],
  [`${AT} – claude – Ready`, "claude", undefined, "Ready"],
  [`${AT} – claude – shell_pid= – lane=doing – Started`, "claude", "doing", "Started"],
  [`${AT} – claude – shell_pid=claude – lane=done –`, "claude", "done", "done"],
  [`${AT} — claude — lane=done — Done`, "claude", "done", "Done"],
  [`${AT} - claude - lane=done - Done`, "claude", "done", "Done"],
  [`${AT} -- llm:claude-sonnet-4.5 -- lane=planned -- Created`, "llm:claude-sonnet-4.5", "planned", "Created"],
  [
    `${AT} – claude – lane=done – Tests pass – all 3 - see FR-1–FR-4`,
    "claude",
    "done",
    "Tests pass – all 3 - see FR-1–FR-4",
  ],
  [
    `${AT} – claude:opus:reviewer-renata:reviewer – Approved`,
    "claude:opus:reviewer-renata:reviewer",
    undefined,
    "Approved",
  ],
  [`${AT} – GitHub Copilot - web – Approved`, "GitHub Copilot - web", undefined, "Approved"],
  [`${AT} – claude - lane=doing - text – more`, "claude", "doing", "text – more"],
  [`${AT} – claude - text`, "claude", undefined, "text"],
  [`${AT} – lane=doing – text`, undefined, "doing", "text"],
  [`${AT} – claude – lane=in_progress – text`, "claude", "doing", "text"],
  [`${AT} – claude – lane=lane-a – text`, "claude", undefined, "text"],
  [`${AT} – claude – lane="doing" – text`, "claude", "doing", "text"],
  [`${AT} – claude – lane=doing`, "claude", "doing", "doing"],
  [`${AT} – claude`, "claude", undefined, "claude"],
  [`${AT} – moved by hand`, undefined, undefined, "moved by hand"],
  [`${AT}: moved by hand`, undefined, undefined, "moved by hand"],
  [`${AT} –  – text`, undefined, undefined, "– text"],
  [AT, undefined, undefined, AT],
])("- %s is an entry", (key, agent, lane, text) => {
  expect(parseLogLine(`- ${key}`)).toEqual({ key, time: NOON, exact: true, agent, lane, text });
});

test.each([
  ["2025-01-01T12:00Z – a – t", NOON, true],
  ["2025-01-01T14:00:00.5+02:00 – a – t", NOON + 500, true],
  ["2025-01-01 12:00 – a – t", NOON, true],
  ["2025-01-01 - a - t", NOON - 43_200_000, false],
])("the time of - %s is read", (key, time, exact) => {
  expect(parseLogLine(`- ${key}`)).toEqual({ key, time, exact, agent: "a", lane: undefined, text: "t" });
});

test.each([
  "- 2025-13-45 – a – t",
  "- 2025-02-30T10:00:00Z – a – t",
  "- 2025-01-01T25:00:00Z – a – t",
  "- 2025-01-01T10:00:0 – a – t",
  "- 2025-01-01T10:00:00+01 – a – t",
  "- 2025-01-01-draft.md",
  "- 20250-01-01",
  "- soon – a – t",
  "- {{TIMESTAMP}} – system – lane=planned – t",
  "-2025-01-01 – a – t",
  "2025-01-01 – a – t",
  "    - 2025-01-01 – a – t",
  "",
])("%j is no entry", (line) => {
  expect(parseLogLine(line)).toBeUndefined();
});

test("a key has no CR, no bullet, no outer space and is NFC", () => {
  expect(parseLogLine("*  2025-01-01 – Zoe\u0308 – t \r")?.key).toBe("2025-01-01 – Zo\u00eb – t");
});

const keys = (text: string) => parseActivityLog(text).map((entry) => entry.key.slice(0, 10));

test.each([
  ["a log", "## Activity Log\n\n- 2025-01-01 – a – t\nprose\n- 2025-01-02 – a – t", ["2025-01-01", "2025-01-02"]],
  ["a log with CRLF", "x\r\n## Activity Log\r\n- 2025-01-01 – a – t\r\n", ["2025-01-01"]],
  ["another case of the heading", "## activity LOG:\n- 2025-01-01 – a – t", ["2025-01-01"]],
  ["a closed heading", "##\tActivity Log ##\n- 2025-01-01 – a – t", ["2025-01-01"]],
  [
    "two logs",
    "## Activity Log\n- 2025-01-01 – a\n## X\n- 2025-01-02 – a\n## Activity log\n- 2025-01-03 – a",
    ["2025-01-01", "2025-01-03"],
  ],
  [
    "a subheading",
    "## Activity Log\n### Round 2\n- 2025-01-01 – a\n#### x\n- 2025-01-02 – a",
    ["2025-01-01", "2025-01-02"],
  ],
  ["a title that ends it", "## Activity Log\n- 2025-01-01 – a\n# End\n- 2025-01-02 – a", ["2025-01-01"]],
  ["a tag that ends nothing", "## Activity Log\n#tag\n- 2025-01-01 – a", ["2025-01-01"]],
  [
    "conflict markers",
    "## Activity Log\n<<<<<<< HEAD\n- 2025-01-01 – a\n=======\n- 2025-01-02 – a\n>>>>>>> x",
    ["2025-01-01", "2025-01-02"],
  ],
  ["no log", "## Log\n- 2025-01-01 – a – t", []],
  ["another heading", "## Activity Logs\n- 2025-01-01 – a – t", []],
  ["another level", "### Activity Log\n- 2025-01-01 – a – t", []],
  ["prose that names the log", "See ## Activity Log\n- 2025-01-01 – a – t", []],
  ["a fenced line", "## Activity Log\n```\n- 2025-01-01 – a\n```\n- 2025-01-02 – a", ["2025-01-02"]],
  ["a fenced heading", "```markdown\n## Activity Log\n- 2025-01-01 – a\n```\n- 2025-01-02 – a", []],
  ["a heading fenced with tildes", "~~~\n```\n## Activity Log\n~~~\n- 2025-01-01 – a", []],
  ["a fenced end", "## Activity Log\n```\n## X\n```\n- 2025-01-01 – a", ["2025-01-01"]],
  ["a longer fence", "````\n```\n## Activity Log\n- 2025-01-01 – a\n```\n````", []],
  ["an indented fence", "1. x\n   ```\n## Activity Log\n   ```\n- 2025-01-01 – a", []],
  ["a fence on a bullet", "- ```\n  x\n  ```\n## Activity Log\n- 2025-01-01 – a", ["2025-01-01"]],
  ["a fence that is never closed", "```js\n## Activity Log\n- 2025-01-01 – a", ["2025-01-01"]],
  ["a fence closed by none with a name", "```js\n```js\n## Activity Log\n- 2025-01-01 – a", ["2025-01-01"]],
  ["inline code of three", "a ```x``` b\n## Activity Log\n- 2025-01-01 – a", ["2025-01-01"]],
  ["code on its own line", "```x```\n## Activity Log\n- 2025-01-01 – a\n```", ["2025-01-01"]],
])("%s", (_name, text, expected) => {
  expect(keys(text)).toEqual(expected);
});

test.each([
  ["spaces", `## Activity Log\n${" ".repeat(1_000_000)}`],
  ["spaces in a heading", `##${" ".repeat(1_000_000)}`],
  ["spaces after a time", `## Activity Log\n- 2025-01-01 – ${" ".repeat(1_000_000)}x`],
  ["dashes", `## Activity Log\n- 2025-01-01${" –".repeat(500_000)}`],
  ["lanes", `## Activity Log\n- 2025-01-01 – ${"lane=x – ".repeat(100_000)}`],
  ["headings", "## Activity Log\n".repeat(60_000)],
  [
    "shorter and shorter fences",
    `## Activity Log\n${Array.from({ length: 1200 }, (_, i) => "`".repeat(1300 - i)).join("\n")}`,
  ],
  ["fences of two kinds", `## Activity Log\n${"```\n~~~\n".repeat(100_000)}`],
  ["fences on one line", `## Activity Log\n${"``` ".repeat(250_000)}`],
])("a megabyte of %s is read to its end, within the time limit of a test", (_name, text) => {
  expect(parseActivityLog(`${text}\n\n## Activity Log\n- 2025-01-02 – last`).at(-1)?.key).toBe("2025-01-02 – last");
});

const piece = fc.constantFrom(
  "## Activity Log",
  "\n",
  "- ",
  AT,
  "2025-01-01",
  " – ",
  " -- ",
  "lane=doing",
  "shell_pid=",
  "```",
  "~~~",
  "x",
  "\r",
  "# ",
);

test("any text is read, and no entry is empty", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 40 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const entry of [...parseActivityLog(text), ...parseActivityLog(`## Activity Log\n${text}`)]) {
        expect(entry.text).not.toBe("");
        expect(parseLogLine(`- ${entry.key}`)).toEqual(entry);
      }
    }),
    { numRuns: 2000 },
  );
});
