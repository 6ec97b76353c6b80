import { afterAll, describe, expect, test } from "vitest";
import type { Envelope } from "../../src/events/envelope.ts";
import { type ImportedCommit, importGraph } from "../helpers/import-graph.ts";
import { inferAll, movesOf, ofType } from "../helpers/infer.ts";
import { makeRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const PROJECT = "0f0e0d0c-0b0a-5908-8706-050403020100";
const FEATURE = "kitty-specs/001-login";
const DOING = logLine({ time: "2026-01-01T00:10:00Z", lane: "doing" });
const REVIEW = logLine({ time: "2026-01-01T00:20:00Z", lane: "for_review" });
const DONE = logLine({ time: "2026-01-01T00:30:00Z", lane: "done", agent: "codex" });
const LATE = { at: "2026-01-02T00:00:00Z" };

const repository = makeRepository({ bare: true, onFinish: afterAll });
repository.git("config", "spec-kitty.project", PROJECT);

type Files = NonNullable<ImportedCommit["files"]>;
type Task = NonNullable<Parameters<typeof workPackage>[0]>;

/** The events of a history that consists of these commits alone. */
function infer(...commits: ImportedCommit[]): Promise<Envelope[]> {
  return inferAll(repository.path, { revisions: [importGraph(repository, commits).at(-1) ?? ""] });
}

/** Commits that each write files, one after the other. */
function inferFiles(...files: Files[]): Promise<Envelope[]> {
  return infer(...files.map((each) => ({ files: each })));
}

function task(id: string, options: Task = {}): Files {
  return { [`${FEATURE}/tasks/${id}-part.md`]: workPackage({ id, ...options }) };
}

/** A task file of a few lines, with nothing in it that is not asked for. */
function bare(lines: string, body = ""): Files {
  return { [`${FEATURE}/tasks/WP01-part.md`]: `---\n${lines}\n---\n${body}` };
}

const texts = (events: readonly Envelope[]): string[] =>
  ofType(events, "HistoryAdded").map(({ payload }) => payload.entry_content);
const meta = (fields: object): Files => ({ [`${FEATURE}/meta.json`]: JSON.stringify(fields) });
const at = (time: string): string => `2026-01-01T${time}:00.000Z`;

describe("FeatureCreated and WPCreated", () => {
  test("a feature has the facts of its meta.json and the same id wherever it is seen first", async () => {
    const facts = { feature_number: "001", target_branch: "develop", created_at: "2025-12-31T10:00:00+01:00" };
    const oids = importGraph(repository, [
      { files: { "README.md": "hello\n" } },
      { files: { ...meta(facts), ...task("WP01"), ...task("WP02") } },
    ]);
    const [feature] = await inferAll(repository.path, { revisions: [oids[1] ?? ""] });
    expect(feature).toEqual({
      event_id: "0000000000NVXYDVNQQDXWWXNM",
      event_type: "FeatureCreated",
      aggregate_id: "001-login",
      aggregate_type: "Feature",
      payload: {
        feature_slug: "001-login",
        feature_number: "001",
        target_branch: "develop",
        wp_count: 2,
        created_at: "2025-12-31T09:00:00.000Z",
      },
      node_id: expect.stringMatching(/^[0-9a-f]{12}$/),
      lamport_clock: 1,
      causation_id: feature?.event_id,
      timestamp: "2025-12-31T09:00:00.000Z",
      project_uuid: PROJECT,
      project_slug: "my-project",
      git_branch: null,
      head_commit_sha: null,
      repo_slug: null,
      source: { project: PROJECT, commit: oids[1], layout: "flat", kind: "commit" },
    });
  });

  test.each([
    ["001-login", {}, { feature_number: "001", target_branch: "main" }],
    ["login", {}, { feature_number: null, target_branch: "main" }],
    ["login", { feature_number: 7 }, { feature_number: "007", target_branch: "main" }],
    ["login", { mission_number: "012", target_branch: "2.x" }, { feature_number: "012", target_branch: "2.x" }],
  ])("a feature %s whose meta.json says %j is %j, as old as its commit", async (name, facts, expected) => {
    const files = {
      [`kitty-specs/${name}/tasks/WP01-part.md`]: workPackage(),
      ...(Object.keys(facts).length > 0 && { [`kitty-specs/${name}/meta.json`]: JSON.stringify(facts) }),
    };
    const [feature] = ofType(await inferFiles({}, files), "FeatureCreated");
    expect(feature?.payload).toEqual({ feature_slug: name, wp_count: 1, ...expected });
    expect(feature?.timestamp).toBe(at("00:01"));
  });

  test("a specification without work packages is no feature yet, and its meta.json of then does not count", async () => {
    const events = await inferFiles(
      { ...meta({ target_branch: "old" }), [`${FEATURE}/spec.md`]: "# Login\n", [`${FEATURE}/tasks/README.md`]: "#\n" },
      { ...meta({ target_branch: "new" }), ...task("WP01") },
    );
    expect(
      ofType(events, "FeatureCreated").map(({ payload, timestamp }) => [payload.target_branch, timestamp]),
    ).toEqual([["new", at("00:01")]]);
  });

  test("the feature causes the work packages that come with it, and none that comes later", async () => {
    const events = await inferFiles({ ...task("WP01"), ...task("WP02") }, task("WP03"));
    const [feature] = ofType(events, "FeatureCreated");
    const causes = ofType(events, "WPCreated").map(({ payload, causation_id }) => [payload.wp_id, causation_id]);
    expect(causes).toEqual([
      ["WP01", feature?.event_id],
      ["WP02", feature?.event_id],
      ["WP03", null],
    ]);
    expect(events.map(({ lamport_clock }) => lamport_clock)).toEqual(events.map((_, index) => index + 1));
  });

  test.each([
    ["title", 'title: "A form"', "# Other\n", "A form"],
    ["work_package_title", "work_package_title: A form", "# Other\n", "A form"],
    ["first heading", "lane: planned", "text\n\n# A form \n# Other\n", "A form"],
    ["its id", "lane: planned", "no heading\n", "WP01"],
    ["title that is empty", "title: ''", "# A form\n", "A form"],
  ])("a work package's title: %s", async (_, lines, body, title) => {
    const [created] = ofType(await inferFiles(bare(lines, body)), "WPCreated");
    expect(created?.payload).toEqual({ feature_slug: "001-login", wp_id: "WP01", title, dependencies: [] });
  });

  test("a work package has its dependencies in the order written, and is as old as it says", async () => {
    const lines = "created_at: 2025-12-01T08:00:00Z\ndependencies: [WP03, WP02, WP03]";
    const [created] = ofType(await inferFiles(bare(lines)), "WPCreated");
    expect(created?.payload.dependencies).toEqual(["WP03", "WP02"]);
    expect(created?.timestamp).toBe("2025-12-01T08:00:00.000Z");
    expect(created?.event_id.slice(0, 10)).toBe("0000000000");
  });

  test("a work package that is first seen already moved starts from planned", async () => {
    expect(movesOf(await inferFiles(task("WP01", { lane: "for_review" })))).toEqual(["WP01 planned>for_review"]);
    const logged = task("WP01", { lane: "for_review", log: [DOING, REVIEW] });
    expect(movesOf(await infer({ files: logged, ...LATE }))).toEqual(["WP01 planned>doing", "WP01 doing>for_review"]);
  });
});

describe("WPStatusChanged", () => {
  test("an unrecorded move is told at the author date, with exact lanes and their statuses", async () => {
    const events = await infer(
      { files: task("WP01") },
      { files: task("WP01", { lane: "claimed" }) },
      { files: task("WP01", { lane: "in_review" }), committed: "2026-03-03T00:00:00Z" },
      { files: task("WP01", { lane: "approved" }) },
      { files: task("WP01", { lane: "canceled" }) },
      { files: task("WP01", { lane: "blocked" }) },
    );
    const moves = ofType(events, "WPStatusChanged");
    expect(moves[1]).toMatchObject({
      aggregate_id: "WP01",
      aggregate_type: "WorkPackage",
      causation_id: null,
      timestamp: at("00:02"),
      source: { layout: "flat", kind: "commit" },
    });
    expect(moves.map(({ payload }) => payload)).toEqual([
      statusPayload(["planned", "planned"], ["claimed", "planned"]),
      statusPayload(["claimed", "planned"], ["in_review", "for_review"]),
      statusPayload(["in_review", "for_review"], ["approved", "done"]),
      statusPayload(["approved", "done"], ["canceled", "planned"]),
      statusPayload(["canceled", "planned"], ["blocked", "doing"]),
    ]);
  });

  test("every hop has the time its log line records", async () => {
    const files = task("WP01", { lane: "done", log: [DOING, REVIEW, DONE] });
    const moves = ofType(await infer({ files: task("WP01") }, { files, ...LATE }), "WPStatusChanged");
    expect(moves.map(({ timestamp, payload }) => [timestamp, payload.changed_by])).toEqual([
      [at("00:10"), "claude"],
      [at("00:20"), "claude"],
      [at("00:30"), "codex"],
    ]);
  });

  test.each<[string, Task, Task, string]>([
    ["the log's agent", {}, { agent: "key", log: [DOING] }, "claude"],
    ["the agent of a note in the same commit", {}, { log: [logLine({ time: "2026-01-01T00:01:00Z" })] }, "claude"],
    ["the agent key if it changed", { agent: "old" }, { agent: "new" }, "new"],
    ["user if the agent key did not change", { agent: "old" }, { agent: "old" }, "user"],
    ["user if nothing says who", {}, {}, "user"],
    ["user if the agent key is a placeholder", {}, { agent: "__AGENT__" }, "user"],
  ])("changed_by is %s", async (_, before, after, who) => {
    const events = await inferFiles(task("WP01", before), task("WP01", { ...after, lane: "doing" }));
    expect(ofType(events, "WPStatusChanged").map(({ payload }) => payload.changed_by)).toEqual([who]);
  });

  test("changed_by of a work package that is first seen at work is its agent, not the one who wrote the prompt", async () => {
    const events = await inferFiles(task("WP01", { lane: "doing", agent: "claude" }));
    expect(ofType(events, "WPStatusChanged").map(({ payload }) => payload.changed_by)).toEqual(["claude"]);
  });

  test.each([
    ["doing is in_progress", "doing", "in_progress"],
    ["lane-a is no lane, what was stays", "doing", "lane-a"],
    ["a lane key that is gone changes nothing", "doing", undefined],
    ["quotes and comments are no part of a lane", "doing", 'doing"  # or "planned'],
  ])("no move: %s", async (_, from, to) => {
    const events = await inferFiles(task("WP01", { lane: from }), task("WP01", { lane: to, title: "Other" }));
    expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  });

  test("a committer date is no time of a move: rebasing keeps its id", async () => {
    const moved = { files: task("WP01", { lane: "doing" }), at: "2026-01-01T00:05:00Z" };
    const [first] = ofType(await infer({ files: task("WP01") }, moved), "WPStatusChanged");
    const rebased = { ...moved, committed: "2026-02-02T00:00:00Z" };
    const [second] = ofType(await infer({ files: task("WP01") }, {}, rebased), "WPStatusChanged");
    expect(second?.event_id).toBe(first?.event_id);
  });

  test("the same move in another feature, of another work package or of another project has another id", async () => {
    const moved = { ...task("WP01", { lane: "doing" }), ...task("WP02", { lane: "doing" }) };
    const other = { "kitty-specs/002-other/tasks/WP01-part.md": workPackage({ lane: "doing" }) };
    const events = await inferFiles({ ...moved, ...other });
    expect(new Set(ofType(events, "WPStatusChanged").map(({ event_id }) => event_id)).size).toBe(3);
  });
});

function statusPayload([from_lane, previous_status]: string[], [to_lane, new_status]: string[]) {
  return {
    feature_slug: "001-login",
    wp_id: "WP01",
    previous_status,
    new_status,
    from_lane,
    to_lane,
    changed_by: "user",
  };
}

test("a move that is written down after a later one is told at its own time, and the later one stays the last", async () => {
  const events = await inferFiles(
    { ...task("WP01"), ...task("WP02", { dependencies: ["WP01"] }) },
    task("WP01", { lane: "done", log: [logLine({ time: "2026-01-01T00:10:00Z", lane: "done" })] }),
    task("WP01", {
      lane: "done",
      log: [
        logLine({ time: "2026-01-01T00:05:00Z", lane: "doing" }),
        logLine({ time: "2026-01-01T00:10:00Z", lane: "done" }),
      ],
    }),
    task("WP01", { lane: "for_review" }),
  );
  expect(
    ofType(events, "WPStatusChanged").map(({ payload, timestamp }) => `${payload.to_lane} ${timestamp.slice(11, 16)}`),
  ).toEqual(["done 00:10", "doing 00:05", "for_review 00:10"]);
  expect(ofType(events, "DependencyResolved")).toHaveLength(1);
});

describe("recorded times", () => {
  const told = (events: readonly Envelope[]) =>
    ofType(events, "WPStatusChanged").map(({ timestamp, event_id }) => [timestamp, event_id.slice(0, 10)]);
  const moveAt = (time: string) => task("WP01", { lane: "doing", log: [logLine({ time, lane: "doing" })] });

  test("one within ten minutes after its commit is told as it is", async () => {
    const events = await infer({ files: task("WP01") }, { files: moveAt("2026-01-01T12:10:00Z"), at: at("12:00") });
    expect(told(events)).toEqual([[at("12:10"), "01KDWQDZE0"]]);
  });

  test("one later than that is told ten minutes after its commit, and its id keeps what was recorded", async () => {
    const later = moveAt("2026-06-01T12:00:00Z");
    const first = await infer({ files: task("WP01") }, { files: later, at: at("12:00") });
    const second = await infer({ files: task("WP01") }, { files: later, at: at("13:00") });
    expect(told(first)).toEqual([[at("12:10"), "01KT1GW6G0"]]);
    expect(told(second)).toEqual([[at("13:10"), "01KT1GW6G0"]]);
    expect(told(first)[0]?.[1]).toBe(told(second)[0]?.[1]);
  });

  test("a line whose clock is minutes behind the line before it is one move, at the time it says", async () => {
    const first = "2026-01-01T12:09:00Z – a – lane=doing – go";
    const second = "2026-01-01T12:05:00Z – b – lane=for_review – look";
    const events = await infer(
      { files: task("WP01") },
      { files: task("WP01", { lane: "doing", log: [first] }), at: at("12:00") },
      { files: task("WP01", { lane: "for_review", log: [first, second] }), at: at("12:05") },
    );
    const moves = ofType(events, "WPStatusChanged");
    expect(moves.map(({ payload }) => payload.to_lane)).toEqual(["doing", "for_review"]);
    expect(moves.map(({ timestamp }) => timestamp)).toEqual([at("12:09"), at("12:05")]);
  });

  test("the caps hold for creation, history and what follows from a move, too", async () => {
    const events = await inferFiles({
      ...meta({ created_at: "2027-01-01T00:00:00Z" }),
      ...bare(
        "lane: done\ncreated_at: 2027-01-01T00:00:00Z",
        "## Activity Log\n- 2027-01-01T00:00:00Z – claude – lane=doing – go\n- 2027-01-02T00:00:00Z – claude – lane=done – end\n",
      ),
      ...task("WP02", { dependencies: ["WP01"], lane: "canceled" }),
    });
    const late = events.filter(({ aggregate_id }) => aggregate_id !== "WP02");
    expect(new Set(late.map(({ event_type }) => event_type))).toEqual(
      new Set(["FeatureCreated", "WPCreated", "WPStatusChanged", "WPAssigned", "HistoryAdded", "FeatureCompleted"]),
    );
    expect(new Set(late.map(({ timestamp }) => timestamp))).toEqual(new Set([at("00:10")]));
    expect(ofType(events, "DependencyResolved").map(({ timestamp }) => timestamp)).toEqual([at("00:10")]);
    expect(ofType(events, "FeatureCompleted").map(({ payload }) => payload.completed_at)).toEqual([at("00:10")]);
  });
});

describe("WPAssigned", () => {
  const assigned = (events: readonly Envelope[]) =>
    ofType(events, "WPAssigned").map(({ payload: { agent_id, phase, retry_count } }) => [agent_id, phase, retry_count]);
  const line = (minute: number, lane: string, agent: string) =>
    logLine({ time: `2026-01-01T00:${minute}:00Z`, lane, agent });

  test("work that starts assigns the log's agent, because of the move and at its time", async () => {
    const events = await inferFiles(task("WP01"), task("WP01", { lane: "doing", log: [DOING] }));
    const [move] = ofType(events, "WPStatusChanged");
    const [assignment] = ofType(events, "WPAssigned");
    expect(assignment).toMatchObject({
      payload: {
        feature_slug: "001-login",
        wp_id: "WP01",
        agent_id: "claude",
        phase: "implementation",
        retry_count: 0,
      },
      causation_id: move?.event_id,
      timestamp: at("00:10"),
    });
    expect(assignment?.event_id.slice(0, 10)).toBe(move?.event_id.slice(0, 10));
  });

  test("implementation, review by for_review to doing, rework and a second review, counted by phase", async () => {
    const log = [
      line(10, "doing", "claude"),
      line(11, "for_review", "claude"),
      line(12, "doing", "codex"),
      line(13, "planned", "codex"),
      line(14, "doing", "gemini"),
      line(15, "for_review", "gemini"),
      line(16, "in_review", "opus"),
    ];
    const events = await infer({ files: task("WP01") }, { files: task("WP01", { lane: "in_review", log }), ...LATE });
    expect(assigned(events)).toEqual([
      ["claude", "implementation", 0],
      ["codex", "review", 0],
      ["gemini", "implementation", 1],
      ["opus", "review", 1],
    ]);
  });

  test("the same agent again is none, also in a later commit", async () => {
    const one = [line(10, "doing", "claude"), line(11, "planned", "claude")];
    const two = [...one, line(12, "doing", "claude")];
    const events = await infer(
      { files: task("WP01") },
      { files: task("WP01", { lane: "planned", log: one }), ...LATE },
      { files: task("WP01", { lane: "doing", log: two }) },
    );
    expect(assigned(events)).toEqual([["claude", "implementation", 0]]);
  });

  test.each(["__AGENT__", "$$", "{{AGENT}}", "user", "system", "unknown", "None"])(
    "no agent: %s in a log line",
    async (agent) => {
      const log = [line(10, "doing", agent)];
      expect(assigned(await inferFiles(task("WP01"), task("WP01", { lane: "doing", log })))).toEqual([]);
    },
  );

  test.each(["__AGENT__", "$$", "$PPID", "{{AGENT}}", "", "null"])("no agent: %j in the agent key", async (agent) => {
    expect(assigned(await inferFiles(task("WP01"), task("WP01", { lane: "doing", agent })))).toEqual([]);
  });

  test.each<[string, Task, Task, unknown[]]>([
    ["set as work starts", {}, { lane: "doing", agent: "claude" }, [["claude", "implementation", 0]]],
    [
      "set before, work starts now",
      { agent: "claude" },
      { lane: "doing", agent: "claude" },
      [["claude", "implementation", 0]],
    ],
    ["claimed starts work, too", {}, { lane: "claimed", agent: "claude" }, [["claude", "implementation", 0]]],
    [
      "changed without a move",
      { lane: "doing", agent: "claude" },
      { lane: "doing", agent: "codex" },
      [["claude", "implementation", 0]],
    ],
    ["changed as review is asked for", {}, { lane: "for_review", agent: "claude" }, []],
    ["not changed as review starts", { lane: "for_review", agent: "claude" }, { lane: "doing", agent: "claude" }, []],
    [
      "changed as review starts",
      { lane: "for_review", agent: "claude" },
      { lane: "doing", agent: "codex" },
      [["codex", "review", 0]],
    ],
  ])("the agent key: %s", async (_, before, after, expected) => {
    expect(assigned(await inferFiles(task("WP01", before), task("WP01", after)))).toEqual(expected);
  });
});

describe("HistoryAdded", () => {
  const body = (...lines: string[]): Files => bare("lane: planned", `## Activity Log\n${lines.join("\n")}\n`);
  const NOTE = "- 2026-01-01T00:00:30Z – claude – wrote the tests";

  test("a new line is told with its text, agent and time, and the move it records is its cause", async () => {
    const log = [logLine({ time: "2026-01-01T00:09:00Z", text: "first a note" }), DOING];
    const events = await inferFiles(task("WP01"), task("WP01", { lane: "doing", log }));
    const [move] = ofType(events, "WPStatusChanged");
    const told = ofType(events, "HistoryAdded").slice(-2);
    expect(told.map(({ payload }) => payload)).toEqual(
      ["first a note", "Moved to doing"].map((entry_content) => ({
        feature_slug: "001-login",
        wp_id: "WP01",
        entry_type: "note",
        entry_content,
        author: "claude",
      })),
    );
    expect(told.map(({ causation_id, timestamp }) => [causation_id, timestamp])).toEqual([
      [null, at("00:09")],
      [move?.event_id, at("00:10")],
    ]);
  });

  test("of two moves to one lane within seconds each line has its own, and so has a line that has a date alone", async () => {
    const log = ["00", "02", "04"].map((second, index) =>
      logLine({ time: `2026-01-01T00:01:${second}Z`, lane: index === 1 ? "planned" : "doing", text: `line ${index}` }),
    );
    const dated = "2026-01-01 – claude – lane=done – finished";
    const events = await inferFiles(
      task("WP01"),
      task("WP01", { lane: "doing", log }),
      task("WP01", { lane: "done", log: [...log, dated] }),
    );
    const causes = ofType(events, "HistoryAdded").map(({ causation_id }) => causation_id);
    expect(causes.slice(2)).toEqual(ofType(events, "WPStatusChanged").map(({ event_id }) => event_id));
  });

  test("an edited line of the same time and agent is no event, one of another agent or time is", async () => {
    const edited = "- 2026-01-01T00:00:30Z – claude – wrote all tests";
    expect(texts(await inferFiles(body(NOTE), body(edited), body(NOTE)))).toEqual(["wrote the tests"]);
    const other = "- 2026-01-01T00:00:30Z – codex – wrote all tests";
    expect(texts(await inferFiles(body(NOTE), body(other)))).toEqual(["wrote the tests", "wrote all tests"]);
    const later = "- 2026-01-01T00:00:31Z – claude – wrote all tests";
    expect(texts(await inferFiles(body(NOTE), body(later)))).toEqual(["wrote the tests", "wrote all tests"]);
  });

  test("a second line of the same time and agent, beside the first, is an event", async () => {
    const second = "- 2026-01-01T00:00:30Z – claude – and more";
    expect(texts(await inferFiles(body(NOTE), body(NOTE, second)))).toEqual(["wrote the tests", "and more"]);
  });

  test.each([
    ["CRLF line ends", (text: string) => text.replaceAll("\n", "\r\n")],
    ["decomposed letters", (text: string) => text.normalize("NFD")],
    ["spaces at the end", (text: string) => text.replaceAll("\n", "  \n")],
    ["another bullet", (text: string) => text.replaceAll("\n- ", "\n* ")],
  ])("the same line with %s is no event", async (_, change) => {
    const before = body("- 2026-01-01T00:00:30Z – Zoë – prüft");
    const after = Object.fromEntries(Object.entries(before).map(([path, text]) => [path, change(String(text))]));
    expect(texts(await inferFiles(before, after))).toEqual(["prüft"]);
  });

  test("a line that stands twice is told once, and one that is taken out and put back is not told again", async () => {
    expect(texts(await inferFiles(body(NOTE, NOTE)))).toEqual(["wrote the tests"]);
    expect(texts(await inferFiles(body(NOTE), body(), body(NOTE)))).toEqual(["wrote the tests"]);
  });

  test("items of the frontmatter's history are entries; one without a time is as old as its commit", async () => {
    const items = "history:\n- at: '2025-12-30T10:00:00Z'\n  actor: planner\n  action: Generated\n- plain words";
    const events = await inferFiles({}, bare(`lane: planned\n${items}`));
    expect(
      ofType(events, "HistoryAdded").map(({ payload, timestamp }) => [
        payload.entry_content,
        payload.author,
        timestamp,
      ]),
    ).toEqual([
      ["Generated", "planner", "2025-12-30T10:00:00.000Z"],
      ["plain words", "user", at("00:01")],
    ]);
  });

  test("an item without a time that is reworded is another one", async () => {
    expect(texts(await inferFiles(bare("history:\n- one"), bare("history:\n- two")))).toEqual(["one", "two"]);
  });

  test("an item without a time keeps its words in its id, so that two of them in one commit are two", async () => {
    const events = await inferFiles(bare("history:\n- one\n- two"));
    expect(new Set(ofType(events, "HistoryAdded").map(({ event_id }) => event_id)).size).toBe(2);
  });

  test("text longer than 8,000 characters is cut, and no character is cut in two", async () => {
    const [long] = texts(await inferFiles(body(`- 2026-01-01 – claude – ${"x".repeat(7999)}😀${"y".repeat(99)}`)));
    expect(long).toHaveLength(8001);
    expect(long?.isWellFormed()).toBe(true);
    expect(long?.at(-1)).toBe("…");
  });
});

describe("DependencyResolved", () => {
  const edges = (events: readonly Envelope[]) =>
    ofType(events, "DependencyResolved").map(
      ({ payload, timestamp }) => `${payload.wp_id} ${payload.dependency_wp_id} ${timestamp.slice(11, 16)}`,
    );

  test("one per edge, at the time of the move, whatever the commit's time", async () => {
    const events = await infer(
      {
        files: {
          ...task("WP01"),
          ...task("WP02", { dependencies: ["WP01"] }),
          ...task("WP03", { dependencies: ["WP01", "WP02"] }),
        },
      },
      { files: task("WP01", { lane: "done", log: [DOING, REVIEW, DONE] }), ...LATE },
      { files: task("WP02", { lane: "done", dependencies: ["WP01"] }), at: at("01:00") },
    );
    expect(edges(events)).toEqual(["WP02 WP01 00:30", "WP03 WP01 00:30", "WP03 WP02 01:00"]);
    const [resolved] = ofType(events, "DependencyResolved");
    expect(resolved).toMatchObject({
      aggregate_id: "WP02",
      payload: { feature_slug: "001-login", wp_id: "WP02", dependency_wp_id: "WP01", resolution_type: "completed" },
    });
  });

  test.each(["approved", "canceled", "for_review"])("a dependency that is %s is not resolved", async (lane) => {
    const events = await inferFiles({ ...task("WP01", { lane }), ...task("WP02", { dependencies: ["WP01"] }) });
    expect(edges(events)).toEqual([]);
  });

  test("a dependency added after the other work package was done resolves nothing: it reached done before", async () => {
    const events = await inferFiles(
      { ...task("WP01", { lane: "done" }), ...task("WP02") },
      task("WP02", { dependencies: ["WP01", "WP09"] }),
    );
    expect(edges(events)).toEqual([]);
  });

  test("again after reopening, and not again for an edit", async () => {
    const events = await inferFiles(
      { ...task("WP01", { lane: "done" }), ...task("WP02", { dependencies: ["WP01"] }) },
      task("WP02", { dependencies: ["WP01"], title: "Other" }),
      task("WP01", { lane: "doing" }),
      task("WP01", { lane: "done" }),
    );
    expect(edges(events)).toEqual(["WP02 WP01 00:00", "WP02 WP01 00:03"]);
    expect(new Set(ofType(events, "DependencyResolved").map(({ event_id }) => event_id)).size).toBe(2);
  });

  test("none for a work package whose file is gone", async () => {
    const events = await inferFiles(
      { ...task("WP01"), ...task("WP02", { dependencies: ["WP01"] }) },
      { [`${FEATURE}/tasks/WP02-part.md`]: null },
      task("WP01", { lane: "done" }),
    );
    expect(edges(events)).toEqual([]);
  });

  test("at a merge where no work package is news: one side finished it, the other began to wait for it", async () => {
    const waits = task("WP02", { dependencies: ["WP01"] });
    const done = task("WP01", { lane: "done" });
    const events = await infer(
      { files: { ...task("WP01"), ...task("WP02") } },
      { files: done },
      { parents: [0], files: waits },
      { parents: [1, 2], files: waits },
    );
    expect(edges(events)).toEqual(["WP02 WP01 00:01"]);
    expect(movesOf(events)).toEqual(["WP01 planned>done"]);
  });
});

describe("FeatureCompleted", () => {
  const completed = (events: readonly Envelope[]) =>
    ofType(events, "FeatureCompleted").map(({ payload, timestamp }) => [payload.total_wps, timestamp.slice(11, 16)]);
  const both = (one: string, two: string) => ({ ...task("WP01", { lane: one }), ...task("WP02", { lane: two }) });

  test("when the last work package is done or canceled, at that move's time", async () => {
    const events = await inferFiles(both("planned", "planned"), both("done", "planned"), both("done", "canceled"));
    expect(ofType(events, "FeatureCompleted")).toMatchObject([
      {
        aggregate_id: "001-login",
        aggregate_type: "Feature",
        payload: { feature_slug: "001-login", total_wps: 2, completed_at: at("00:02") },
        timestamp: at("00:02"),
        causation_id: null,
      },
    ]);
  });

  test.each([
    ["all canceled", both("canceled", "canceled")],
    ["one approved", both("done", "approved")],
    ["one still planned", both("done", "planned")],
  ])("not while %s", async (_, files) => {
    expect(completed(await inferFiles(both("planned", "planned"), files))).toEqual([]);
  });

  test("not while one is still planned that was deleted and is back as it was", async () => {
    const events = await inferFiles(
      both("doing", "planned"),
      { [`${FEATURE}/tasks/WP02-part.md`]: null },
      task("WP02", { lane: "planned" }),
      task("WP01", { lane: "done" }),
    );
    expect(completed(events)).toEqual([]);
  });

  test("at a merge of two branches that each finish one work package", async () => {
    const events = await infer(
      { files: both("planned", "planned") },
      { files: task("WP01", { lane: "done" }) },
      { parents: [0], files: task("WP02", { lane: "done" }) },
      { parents: [1, 2], files: task("WP02", { lane: "done" }) },
    );
    expect(completed(events)).toEqual([[2, "00:02"]]);
    expect(movesOf(events)).toEqual(["WP01 planned>done", "WP02 planned>done"]);
  });

  test("not again after deletion and re-adding, nor for an edit", async () => {
    const events = await inferFiles(
      both("done", "done"),
      { [FEATURE]: null },
      both("done", "done"),
      task("WP01", { lane: "done", title: "Other" }),
    );
    expect(completed(events)).toEqual([[2, "00:00"]]);
  });

  test("again after reopening, with another id", async () => {
    const events = await inferFiles(
      both("done", "done"),
      task("WP01", { lane: "doing" }),
      task("WP01", { lane: "done" }),
    );
    expect(completed(events)).toEqual([
      [2, "00:00"],
      [2, "00:02"],
    ]);
    expect(new Set(ofType(events, "FeatureCompleted").map(({ event_id }) => event_id)).size).toBe(2);
  });

  test("not again when a canceled one is done after all", async () => {
    const events = await inferFiles(both("done", "canceled"), both("done", "done"));
    expect(completed(events)).toEqual([[2, "00:00"]]);
  });

  test("again when it comes back after deletion with one more work package that is done", async () => {
    const events = await inferFiles(
      both("done", "done"),
      { [FEATURE]: null },
      { ...both("done", "done"), ...task("WP03", { lane: "done" }) },
    );
    expect(completed(events)).toEqual([
      [2, "00:00"],
      [3, "00:02"],
    ]);
  });

  test("again when a work package that was added later is done", async () => {
    const events = await inferFiles(both("done", "done"), task("WP03"), task("WP03", { lane: "done" }));
    expect(completed(events)).toEqual([
      [2, "00:00"],
      [3, "00:02"],
    ]);
  });
});

describe("ErrorLogged", () => {
  const broken = (lane: string, extra = "secret: [hunter2"): Files => bare(`lane: ${lane}\n${extra}`);

  test("a file that becomes unreadable is told once, with its place and no text of it", async () => {
    const events = await inferFiles(bare("lane: doing"), broken("doing"), bare("lane: doing"), broken("doing"));
    const errors = ofType(events, "ErrorLogged");
    expect(errors).toMatchObject([
      { payload: { feature_slug: "001-login", wp_id: "WP01", error_type: "validation" }, timestamp: at("00:01") },
    ]);
    expect(errors[0]?.payload.error_message).toMatch(/^tasks\/WP01-part\.md: the frontmatter cannot be read \(.+\)$/);
    expect(errors[0]?.payload.error_message).not.toMatch(/hunter2|secret/);
    expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  });

  test("another blob is another error, and a deleted and re-added one is none", async () => {
    const events = await inferFiles(broken("doing"), broken("doing", "other: {"), { [FEATURE]: null }, broken("doing"));
    expect(ofType(events, "ErrorLogged")).toHaveLength(2);
  });

  test("the lane line of an unreadable file still counts", async () => {
    expect(movesOf(await inferFiles(bare("lane: doing"), broken('"for_review"')))).toEqual([
      "WP01 planned>doing",
      "WP01 doing>for_review",
    ]);
  });

  test("between conflict markers no lane counts: it stays what it was, and so do agent and dependencies", async () => {
    const good = "lane: doing\nagent: claude\ndependencies: [WP02]";
    const conflict = "<<<<<<< HEAD\nlane: done\n=======\nlane: planned\n>>>>>>> topic\nagent: codex";
    const other = task("WP02", { lane: "done" });
    const events = await inferFiles(bare(good), bare(conflict), bare(good), other);
    expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP02 planned>done"]);
    expect(ofType(events, "ErrorLogged")).toHaveLength(1);
    expect(ofType(events, "WPAssigned").map(({ payload }) => payload.agent_id)).toEqual(["claude"]);
    expect(ofType(events, "DependencyResolved")).toHaveLength(1);
  });

  test("an agent that is the same after an unreadable version as before it has not changed", async () => {
    const conflict = "<<<<<<< HEAD\nlane: doing\n=======\nlane: planned\n>>>>>>> topic";
    const events = await inferFiles(
      bare("lane: doing\nagent: claude"),
      bare(conflict),
      bare("lane: for_review\nagent: claude"),
    );
    expect(ofType(events, "WPStatusChanged").map(({ payload }) => payload.changed_by)).toEqual(["claude", "user"]);
  });

  test("a dependency that is done while its dependent cannot be read is resolved nevertheless", async () => {
    const events = await inferFiles(
      { ...bare("dependencies: [WP02]"), ...task("WP02") },
      broken("planned"),
      task("WP02", { lane: "done" }),
    );
    expect(ofType(events, "DependencyResolved").map(({ payload }) => payload.dependency_wp_id)).toEqual(["WP02"]);
  });
});

test("the ids of a small history are what they always were", async () => {
  const by = (lane: string, text: string): string =>
    `- 2026-01-01T00:10:00Z – Ada <ada@example.org> – lane=${lane} – ${text}`;
  const body = ["## Activity Log", by("doing", "go"), by("planned", "stop"), by("doing", "go on")].join("\n");
  const events = await infer(
    {
      files: {
        ...bare("lane: doing", `${body}\n`),
        [`${FEATURE}/tasks/WP02-part.md`]: "---\nlane: canceled\ndependencies: [WP01]\n---\n",
      },
    },
    { files: bare("lane: done", `${body}\n`), at: "2026-01-01T00:12:00Z" },
  );
  const ids = events
    .filter(({ aggregate_id }) => aggregate_id !== "WP02")
    .map(({ event_type, event_id }) => `${event_type} ${event_id}`);
  expect(ids.filter((id) => !id.startsWith("HistoryAdded"))).toEqual([
    "FeatureCreated 0000000000NVXYDVNQQDXWWXNM",
    "WPCreated 00000000000WG9B7AB4Y2N386K",
    "WPStatusChanged 01KDVE7KY0KPME5YNM1D5PGTVJ",
    "WPAssigned 01KDVE7KY0GF3C1HYJF0HM6PSE",
    "WPStatusChanged 01KDVE7KY0Q17ZBH1WP0F760JC",
    "WPStatusChanged 01KDVE7KY0D6RT5T4ZM18RTMF3",
    "WPStatusChanged 01KDVEB94022AF298N72BB9QMM",
    "FeatureCompleted 01KDVEB940BWMSNMG9REG8WREJ",
  ]);
  expect(ids).toContain("HistoryAdded 01KDVE7KY0NNCXKZH8JZBFXNNG");
  expect(ofType(events, "DependencyResolved").map(({ event_id }) => event_id)).toEqual(["01KDVEB940KG3KP4KG69N70NEM"]);
});

describe("what leaves the machine", () => {
  test("e-mail addresses and home directories are masked in names and text", async () => {
    const log = [
      logLine({
        time: "2026-01-01T00:00:10Z",
        lane: "doing",
        agent: "Ada L <ada@example.org>",
        text: "see /home/ada/x",
      }),
    ];
    const secrets = /ada@|example\.org|\/home\/ada/;
    const events = await inferFiles(
      task("WP01", { title: "Ask bob@example.org about C:\\Users\\bob\\y" }),
      task("WP01", { lane: "doing", log }),
    );
    expect(ofType(events, "WPCreated")[0]?.payload.title).toBe("Ask [e-mail] about ~\\y");
    expect(ofType(events, "WPStatusChanged")[0]?.payload.changed_by).toBe("Ada L");
    expect(ofType(events, "WPAssigned")[0]?.payload.agent_id).toBe("Ada L");
    expect(ofType(events, "HistoryAdded").at(-1)?.payload).toMatchObject({ author: "Ada L", entry_content: "see ~/x" });
    expect(JSON.stringify(events)).not.toMatch(secrets);
  });

  test("a name that is nothing but an address is masked, not empty", async () => {
    const log = [logLine({ time: "2026-01-01T00:00:10Z", lane: "doing", agent: "<ada@example.org>" })];
    const events = await inferFiles(task("WP01"), task("WP01", { lane: "doing", log }));
    expect(ofType(events, "WPStatusChanged")[0]?.payload.changed_by).toBe("user");
    expect(ofType(events, "WPAssigned")[0]?.payload.agent_id).toBe("unknown");
  });

  test("the id is made of the unmasked text: two lines that look alike afterwards are two events", async () => {
    const line = (who: string) => logLine({ time: "2026-01-01T00:00:10Z", text: `asked ${who}@example.org` });
    const events = await inferFiles(task("WP01", { log: [line("ada"), line("bob")] }));
    const asked = ofType(events, "HistoryAdded").filter(({ payload }) => payload.entry_content === "asked [e-mail]");
    expect(new Set(asked.map(({ event_id }) => event_id)).size).toBe(2);
  });
});
