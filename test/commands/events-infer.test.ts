import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createEventTable } from "../../src/commands/event-table.ts";
import { createProgress } from "../../src/commands/progress.ts";
import { runCli } from "../../src/commands/run-cli.ts";
import { validateEvent } from "../../src/events/validate-event.ts";
import { exampleEvent } from "../events/example-events.ts";
import { importGraph } from "../helpers/import-graph.ts";
import { makeRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";
import { makeContext } from "./cli-context.ts";

const PROJECT = "0f0e0d0c-0b0a-5908-8706-050403020100";
const ENV = { PATH: process.env["PATH"], HOME: process.env["HOME"], GIT_CONFIG_NOSYSTEM: "1" };
const [LOGIN, SEARCH] = ["kitty-specs/001-login/tasks/WP01-form.md", "kitty-specs/002-search/tasks/WP01-index.md"];

/** A history of four commits on main, one on a branch beside it, and one with a tag alone. */
const repository = makeRepository({ bare: true, onFinish: afterAll });
repository.git("config", "spec-kitty.project", PROJECT);
const log = [logLine({ time: "2026-01-01T00:01:00Z", lane: "doing" })];
const oids = importGraph(repository, [
  { files: { [LOGIN]: workPackage({ title: "Form" }) } },
  { files: { [LOGIN]: workPackage({ title: "Form", lane: "doing", log }) } },
  { files: { [SEARCH]: workPackage({ title: "Index" }) } },
  { files: { [LOGIN]: workPackage({ title: "Form", lane: "done", log }) } },
  { parents: [2], files: { [SEARCH]: workPackage({ title: "Index", lane: "doing" }) } },
  { parents: [2], files: { [SEARCH]: workPackage({ title: "Index", lane: "blocked" }) } },
]);
repository.git("update-ref", "refs/heads/main", oids[3] ?? "");
repository.git("update-ref", "refs/remotes/origin/topic", oids[4] ?? "");
repository.git("update-ref", "refs/tags/v1", oids[5] ?? "");
for (const branch of repository.git("for-each-ref", "--format=%(refname)", "refs/heads/imported-*").split("\n"))
  repository.git("update-ref", "-d", branch);

interface Line {
  event_id: string;
  event_type: string;
  lamport_clock: number;
  team_slug: string;
  payload: { feature_slug: string; wp_id?: string; from_lane?: string; to_lane?: string };
}

async function run(line: string | string[], changes: Parameters<typeof makeContext>[0] = {}) {
  const { context, written } = makeContext({ cwd: repository.path, env: ENV, ...changes });
  const status = await runCli(
    ["events", "infer", ...(typeof line === "string" ? line.split(" ").filter(Boolean) : line)],
    context,
  );
  const events = written.stdout.startsWith("{")
    ? written.stdout
        .trimEnd()
        .split("\n")
        .map((text): Line => JSON.parse(text))
    : [];
  return { status, ...written, events };
}

const told = (events: readonly Line[]): string[] =>
  events
    .filter(({ event_type }) => event_type === "WPStatusChanged")
    .map(({ payload }) => `${payload.feature_slug} ${payload.from_lane}>${payload.to_lane}`);

/** A terminal that keeps what is written to it. */
function terminal(columns = 120) {
  const screen = { text: "" };
  const output = {
    isTTY: true,
    columns,
    write: async (text: string) => {
      screen.text += text;
    },
  };
  return { screen, output };
}

describe("lines", () => {
  test("in a pipe one event a line: valid, each id once, counted from 1, team local", async () => {
    const { status, events, stderr } = await run("");
    expect([status, stderr]).toEqual([0, ""]);
    expect(told(events)).toEqual(["001-login planned>doing", "001-login doing>done"]);
    expect(events.map(({ lamport_clock }) => lamport_clock)).toEqual(events.map((_, index) => index + 1));
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
    expect(new Set(events.map(({ team_slug }) => team_slug))).toEqual(new Set(["local"]));
    for (const event of events) expect(validateEvent(event, { profile: "028" })).toEqual([]);
  });

  test("every line passes events validate", async () => {
    const { stdout, events } = await run("--all");
    const { context, written } = makeContext({ stdin: [Buffer.from(stdout)] });
    expect(await runCli(["events", "validate", "-"], context)).toBe(0);
    expect(written.stdout.trimEnd().split("\n")).toHaveLength(events.length);
    expect(written.stdout).not.toContain('"valid":false');
  });

  test("two runs print the same bytes", async () => {
    expect((await run("--all")).stdout).toBe((await run("--all")).stdout);
  });

  test("on a terminal --jsonl gives lines, too", async () => {
    const { screen, output } = terminal();
    await run("--jsonl", { stdout: output });
    expect(screen.text).toBe((await run("")).stdout);
  });

  test.each<[string, Record<string, string>, string | undefined, string]>([
    ["the environment's", { SPEC_KITTY_TEAM: "red" }, undefined, "red"],
    ["git config's", {}, "blue", "blue"],
    ["the environment's before git config's", { SPEC_KITTY_TEAM: "red" }, "blue", "red"],
    ["local where the environment's is empty", { SPEC_KITTY_TEAM: "" }, undefined, "local"],
  ])("the team is %s", async (_, env, config, team) => {
    if (config !== undefined) repository.git("config", "spec-kitty.team", config);
    const { events } = await run("--type FeatureCreated", { env: { ...ENV, ...env } });
    if (config !== undefined) repository.git("config", "--unset", "spec-kitty.team");
    expect(events[0]?.team_slug).toBe(team);
  });
});

describe("what is asked for", () => {
  test.each<[string, string[]]>([
    ["main~3..main~1", ["001-login planned>doing"]],
    ["main~1..main", ["001-login doing>done"]],
    ["main ^main~1", ["001-login doing>done"]],
    ["main~2", ["001-login planned>doing"]],
    ["origin/topic", ["001-login planned>doing", "002-search planned>doing"]],
    ["main..origin/topic", ["002-search planned>doing"]],
    ["main...v1", ["001-login doing>done", "002-search planned>blocked"]],
    ["main..main", []],
    [
      "--all",
      ["001-login planned>doing", "001-login doing>done", "002-search planned>doing", "002-search planned>blocked"],
    ],
    ["--feature 002-search origin/topic", ["002-search planned>doing"]],
    ["--feature 009-none", []],
  ])("%s tells the moves %j", async (line, moves) => {
    const { status, events, stderr } = await run(line);
    expect([status, stderr]).toEqual([0, ""]);
    expect(told(events).sort()).toEqual([...moves].sort());
  });

  test("a range has exactly the events that the whole history has at its commits", async () => {
    const [all, before, range] = [await run("main"), await run("main~2"), await run("main~2..main")];
    const ids = (events: readonly Line[]): string[] => events.map(({ event_id }) => event_id);
    expect([...ids(before.events), ...ids(range.events)]).toEqual(ids(all.events));
    expect(range.events.map(({ lamport_clock }) => lamport_clock)).toEqual(range.events.map((_, index) => index + 1));
  });

  test("--type gives one type, --feature one feature, and clocks count what is printed", async () => {
    const { events } = await run("--all --type WPCreated --feature 002-search");
    expect(
      events.map(({ event_type, payload, lamport_clock }) => [event_type, payload.feature_slug, lamport_clock]),
    ).toEqual([["WPCreated", "002-search", 1]]);
  });

  test("--repo names another repository, bare or not, also relative to where we are", async () => {
    const cwd = dirname(repository.path);
    expect((await run(["--repo", repository.path], { cwd: "/" })).events.length).toBeGreaterThan(0);
    expect((await run(["--repo", "my project"], { cwd })).events.length).toBeGreaterThan(0);
    const clone = join(cwd, "clone");
    repository.git("clone", "-q", repository.path, clone);
    const { stdout } = await run("", { cwd: join(clone, "kitty-specs") });
    expect(
      told(
        stdout
          .trimEnd()
          .split("\n")
          .map((text) => JSON.parse(text)),
      ),
    ).toEqual(told((await run("")).events));
    rmSync(clone, { recursive: true, force: true });
  });
});

describe("what goes wrong", () => {
  test("no repository: exit 1 and two lines", async () => {
    const { status, stdout, stderr } = await run(["--repo", dirname(repository.path)]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^.* is not in a git repository\.\nGo into a clone .*\n$/);
  });

  test("a directory that does not exist: exit 1 and two lines", async () => {
    const { status, stderr } = await run(["--repo", "/nowhere/at all"]);
    expect(status).toBe(1);
    expect(stderr.split("\n")).toHaveLength(3);
  });

  test.each(["nowhere", "main..nowhere", "--", "-x", "main\n--all", "@{9999}", "HEAD:kitty-specs"])(
    "the revision %j is none: exit 1 or 2, two lines, nothing printed",
    async (revision) => {
      const { status, stdout, stderr } = await run(revision === "--" ? ["--", "--"] : ["--", revision]);
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr.split("\n").length).toBeGreaterThanOrEqual(3);
      expect(stderr).toContain("is no revision or range");
    },
  );

  test("an option that looks like a revision never reaches git", async () => {
    const { status, stderr } = await run(["--", "--output=/tmp/spec-kitty-must-not-exist"]);
    expect(status).toBe(1);
    expect(stderr).toContain("is no revision or range");
  });

  test.each(["--unknown", "--type Nothing", "--type", "--feature"])("%s is wrong usage: exit 2", async (line) => {
    const { status, stdout, stderr } = await run(line);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^.+\n.+\n$/);
  });

  test("a repository without work packages: a word on stderr and exit 0", async () => {
    const other = makeRepository();
    expect(await run("", { cwd: other.path })).toMatchObject({ status: 0, stdout: "", stderr: "no work packages\n" });
    expect(await run("--all", { cwd: other.path })).toMatchObject({ status: 0, stderr: "no work packages\n" });
    other.commit("Code", { files: { "code.ts": "1\n", "kitty-specs/001-x/spec.md": "# X\n" } });
    expect(await run("", { cwd: other.path })).toMatchObject({ status: 0, stdout: "", stderr: "no work packages\n" });
  });

  test("a stop before the end ends with the signal's status", async () => {
    const stop = new AbortController();
    stop.abort("SIGINT");
    expect((await run("", { signal: stop.signal })).status).toBe(130);
  });
});

describe("the table", () => {
  const UNPRINTABLE = "\u001b[31m\u0007\u009b2J\u202e\u2066\u200f\r\u0008";

  test("on a terminal: a heading, a line per event, a summary", async () => {
    const { screen, output } = terminal(120);
    const { status } = await run("", { stdout: output, env: { ...ENV, NO_COLOR: "1" } });
    expect(status).toBe(0);
    expect(screen.text).toMatchInlineSnapshot(`
      "when (UTC)        feature               WP    what                                  who
      2026-01-01 00:00  001-login                   feature of 1                          for main
      2026-01-01 00:00  001-login             WP01  created                               Form
      2026-01-01 00:00  001-login             WP01  “Prompt created.”                     system
      2026-01-01 00:00  001-login             WP01  “Prompt generated via /spec-kitty.t…  system
      2026-01-01 00:01  001-login             WP01  planned → doing                       claude
      2026-01-01 00:01  001-login             WP01  implementation by                     claude
      2026-01-01 00:01  001-login             WP01  “Moved to doing”                      claude
      2026-01-01 00:02  002-search                  feature of 1                          for main
      2026-01-01 00:02  002-search            WP01  created                               Index
      2026-01-01 00:00  002-search            WP01  “Prompt created.”                     system
      2026-01-01 00:00  002-search            WP01  “Prompt generated via /spec-kitty.t…  system
      2026-01-01 00:03  001-login             WP01  doing → done                          user
      2026-01-01 00:03  001-login                   feature of 1 completed

      13 events of 2 features: 5 HistoryAdded, 2 FeatureCreated, 2 WPCreated, 2 WPStatusChanged, 1 WPAssigned, 1 FeatureCompleted
      "
    `);
  });

  test.each<[string, Record<string, string>, boolean]>([
    ["a terminal", {}, true],
    ["NO_COLOR", { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR", { NO_COLOR: "" }, true],
    ["a dumb terminal", { TERM: "dumb" }, false],
  ])("colours with %s: %s", async (_, env, coloured) => {
    const { screen, output } = terminal();
    await run("", { stdout: output, env: { ...ENV, ...env } });
    expect(screen.text.includes("\u001b[")).toBe(coloured);
  });

  test("no line is wider than the terminal, nor loses its lane", async () => {
    const { screen, output } = terminal(100);
    await run("--all", { stdout: output, env: { ...ENV, NO_COLOR: "1" } });
    const lines = screen.text.split("\n").slice(0, -3);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.some((line) => line.includes("planned → doing"))).toBe(true);
  });

  test("nothing a repository says reaches the terminal as a control character", async () => {
    const folder = "kitty-specs/001-login";
    const text = workPackage({
      title: "Form",
      lane: "doing",
      log: [
        logLine({
          time: "2026-01-01T00:01:00Z",
          lane: "doing",
          agent: `bad${UNPRINTABLE}agent`,
          text: `note${UNPRINTABLE}`,
        }),
      ],
      body: `# Title${UNPRINTABLE}x`,
    }).replace("title: Form\n", "");
    const [oid = ""] = importGraph(repository, [{ files: { [`${folder}/tasks/WP01-x.md`]: text } }]);
    const { screen, output } = terminal();
    const { status, stderr } = await run([oid], { stdout: output, env: { ...ENV, NO_COLOR: "1" } });
    expect([status, stderr]).toEqual([0, ""]);
    expect(screen.text).toContain("bad");
    expect(screen.text).toContain("note");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(screen.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
  });

  test("a summary of nothing is nothing", () => {
    expect(createEventTable({ columns: 80, colours: false }).summary()).toBe("");
  });

  test("a cell never ends in half a character", () => {
    const table = createEventTable({ columns: 200, colours: false });
    for (let shift = 0; shift < 2; shift++) {
      const feature_slug = `${"a".repeat(shift)}${"😀".repeat(40)}`;
      const row = table.row({
        ...exampleEvent,
        payload: { ...exampleEvent.payload, feature_slug },
      } as typeof exampleEvent);
      expect(row.isWellFormed()).toBe(true);
    }
  });
});

describe("progress", () => {
  test("nothing is shown where nobody looks, nor in the first second", async () => {
    for (const isTTY of [true, false]) {
      const { screen, output } = terminal();
      const progress = createProgress({ ...output, isTTY });
      await progress.show({ done: 1, total: 2 });
      await progress.clear();
      expect(screen.text).toBe("");
    }
  });

  test("after a second a bar on a line of its own, which is cleared at the end", async () => {
    const { screen, output } = terminal();
    const progress = createProgress(output);
    await new Promise((resolve) => setTimeout(resolve, 1010));
    await progress.show({ done: 1, total: 2 });
    await progress.show({ done: 2, total: 2 });
    expect(screen.text).toBe(`\r\u001b[K${"█".repeat(12)}${"░".repeat(12)} 1 of 2 commits`);
    await progress.clear();
    expect(screen.text.endsWith("\r\u001b[K")).toBe(true);
  });
});
