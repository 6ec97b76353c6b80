import { afterAll, describe, expect, test } from "vitest";
import type { Envelope } from "../../src/events/envelope.ts";
import { type ImportedCommit, importGraph } from "../helpers/import-graph.ts";
import { inferAll, movesOf, ofType } from "../helpers/infer.ts";
import { makeRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const FEATURE = "kitty-specs/001-login";
const LOG = `${FEATURE}/status.events.jsonl`;
const TASK = `${FEATURE}/tasks/WP01-part.md`;
const ULID_1 = "01KDVDNA000159G2PYC6Z8QNFX";
const ULID_2 = "01KDVDNA00XVSTZC7GPG80AA2X";

const repository = makeRepository({ bare: true, onFinish: afterAll });
repository.git("config", "spec-kitty.project", "0f0e0d0c-0b0a-5908-8706-050403020100");

type Files = NonNullable<ImportedCommit["files"]>;

function infer(...commits: ImportedCommit[]): Promise<Envelope[]> {
  return inferAll(repository.path, { revisions: [importGraph(repository, commits).at(-1) ?? ""] });
}

function inferFiles(...files: Files[]): Promise<Envelope[]> {
  return infer(...files.map((each) => ({ files: each })));
}

/** An event log with these rows; each is `<from>><to> <time>` and what else the row says. */
function rows(...lines: [move: string, more?: object][]): Files {
  const text = lines.map(([move, more]) => {
    const [, from_lane, to_lane, minute] = /^(\w+)>(\w+) (\d+)$/.exec(move) ?? [];
    const at = `2026-01-01T00:${minute}:00.250000+00:00`;
    return `${JSON.stringify({ actor: "claude", at, from_lane, to_lane, wp_id: "WP01", ...more })}\n`;
  });
  return { [LOG]: text.join("") };
}

/** A task file as event-log features have it, unless it mirrors a lane. */
function task(options: Parameters<typeof workPackage>[0] = {}): Files {
  return { [TASK]: workPackage({ lane: undefined, ...options }) };
}

function lanesOf(events: readonly Envelope[]): string[] {
  return ofType(events, "WPStatusChanged").map(({ payload }) => payload.to_lane);
}

const PLANNED: [string, object] = ["genesis>planned 10", { actor: "finalize-tasks", reason: "canonical bootstrap" }];
const CLAIMED: [string] = ["planned>claimed 11"];
const DOING: [string] = ["claimed>in_progress 12"];
const REVIEW: [string] = ["in_progress>for_review 13"];
const bootstrapped: Files = { ...rows(PLANNED), ...task() };

describe("event log", () => {
  test("every new row is a move at its time, with its actor and the layout's name", async () => {
    const events = await infer(
      { files: bootstrapped },
      { files: rows(PLANNED, CLAIMED, DOING), at: "2026-01-01T01:00:00Z" },
    );
    expect(movesOf(events)).toEqual(["WP01 planned>claimed", "WP01 claimed>doing"]);
    expect(ofType(events, "WPStatusChanged")).toMatchObject([
      { timestamp: "2026-01-01T00:11:00.250Z", payload: { changed_by: "claude" }, source: { layout: "event_log" } },
      { timestamp: "2026-01-01T00:12:00.250Z", payload: { changed_by: "claude" }, source: { layout: "event_log" } },
    ]);
    expect(ofType(events, "WPAssigned").map(({ payload }) => [payload.agent_id, payload.phase])).toEqual([
      ["claude", "implementation"],
    ]);
  });

  test("rows win: the frontmatter's lane and its changes are no moves", async () => {
    const events = await inferFiles(
      { ...rows(PLANNED), ...task({ lane: "planned" }) },
      rows(PLANNED, CLAIMED),
      task({ lane: "done" }),
      { ...rows(PLANNED, CLAIMED, DOING), ...task({ lane: "planned" }) },
    );
    expect(movesOf(events)).toEqual(["WP01 planned>claimed", "WP01 claimed>doing"]);
  });

  test("a row's own valid ULID is the event's id; any other id is not", async () => {
    const events = await inferFiles(
      bootstrapped,
      rows(
        PLANNED,
        ["planned>claimed 11", { event_id: ULID_1 }],
        ["claimed>in_progress 12", { event_id: ULID_2.toLowerCase() }],
        ["in_progress>for_review 13", { event_id: "8ZZZZZZZZZZZZZZZZZZZZZZZZZ" }],
      ),
    );
    const [first, second, third] = ofType(events, "WPStatusChanged").map(({ event_id }) => event_id);
    expect(first).toBe(ULID_1);
    expect(second).toMatch(/^01KDVEB9BT/);
    expect(second).not.toBe(ULID_2);
    expect(third).toMatch(/^01KDVED3/);
  });

  test.each<[string, unknown, string]>([
    [
      "an object",
      { role: "reviewer", tool: "claude", model: "opus", profile: "renata" },
      "claude:opus:renata:reviewer",
    ],
    ["an object that lacks some", { tool: "claude", role: "" }, "claude"],
    ["a list", ["claude"], "user"],
    ["blank", "  ", "user"],
  ])("the actor of a row may be %s", async (_, actor, who) => {
    const events = await inferFiles(bootstrapped, rows(PLANNED, ["planned>claimed 11", { actor }]));
    expect(ofType(events, "WPStatusChanged").map(({ payload }) => payload.changed_by)).toEqual([who]);
  });

  test.each([
    [{ actor: "migration" }],
    [{ actor: "migration:backfill_runtime_state" }],
    [{ actor: "finalize-tasks" }],
    [{ reason: "historical_frontmatter_to_jsonl:v1" }],
    [{ reason: "bootstrap from frontmatter lane doing" }],
    [{ reason: "sync from frontmatter lane" }],
  ])("a row by %j sets the lane and moves nothing", async (more) => {
    const events = await inferFiles(
      bootstrapped,
      rows(PLANNED, ["planned>in_progress 12", more]),
      rows(PLANNED, ["planned>in_progress 12", more], REVIEW),
    );
    expect(movesOf(events)).toEqual(["WP01 doing>for_review"]);
  });

  test.each([[{ actor: "migrations-bot" }], [{ reason: "the bootstrap is done" }]])(
    "a row by %j is a move",
    async (more) => {
      expect(movesOf(await inferFiles(bootstrapped, rows(PLANNED, ["planned>claimed 11", more])))).toEqual([
        "WP01 planned>claimed",
      ]);
    },
  );

  test("the commit that first adds an event log moves nothing, whatever its rows say, and later rows go on from it", async () => {
    const events = await inferFiles(
      { [TASK]: workPackage({ lane: "doing" }) },
      rows(PLANNED, CLAIMED, DOING, REVIEW),
      rows(PLANNED, CLAIMED, DOING, REVIEW, ["for_review>done 14"]),
    );
    expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 for_review>done"]);
  });

  test("nor does it tell what follows from those rows, then or later", async () => {
    const waiting = {
      [`${FEATURE}/tasks/WP02-part.md`]: workPackage({ id: "WP02", lane: "canceled", dependencies: ["WP01"] }),
    };
    const done = rows(PLANNED, ["planned>done 11"]);
    const events = await inferFiles({ ...task({ lane: "planned" }), ...waiting }, done, {
      ...task({ title: "Edited" }),
    });
    expect(ofType(events, "DependencyResolved")).toEqual([]);
    expect(ofType(events, "FeatureCompleted")).toEqual([]);
  });

  test("a feature whose log comes with its first files is created without moves", async () => {
    const events = await inferFiles({ ...rows(PLANNED, CLAIMED), ...task() });
    expect(events.map(({ event_type }) => event_type)).toEqual([
      "FeatureCreated",
      "WPCreated",
      "HistoryAdded",
      "HistoryAdded",
    ]);
    expect(events[0]?.source.layout).toBe("event_log");
  });

  test("a log without a transition row is none: the frontmatter still counts", async () => {
    const annotations = { [LOG]: `${JSON.stringify({ kind: "annotation", wp_id: "WP01", delta: {} })}\n` };
    const events = await inferFiles({ ...annotations, ...task({ lane: "planned" }) }, task({ lane: "doing" }));
    expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  });

  test("a log that is deleted changes no lane, and its frontmatter is not read again", async () => {
    const events = await inferFiles(
      { ...bootstrapped, ...task({ lane: "planned" }) },
      rows(PLANNED, CLAIMED, DOING),
      { [LOG]: null },
      task({ lane: "done" }),
    );
    expect(movesOf(events)).toEqual(["WP01 planned>claimed", "WP01 claimed>doing"]);
  });

  test("a row that is reverted is one move back, and put back again one move, no earlier than the row", async () => {
    const events = await inferFiles(
      bootstrapped,
      rows(PLANNED, CLAIMED, ["claimed>in_progress 12", { event_id: ULID_1 }]),
      rows(PLANNED, CLAIMED),
      rows(PLANNED, CLAIMED, ["claimed>in_progress 12", { event_id: ULID_1 }]),
    );
    expect(movesOf(events)).toEqual([
      "WP01 planned>claimed",
      "WP01 claimed>doing",
      "WP01 doing>claimed",
      "WP01 claimed>doing",
    ]);
    const moves = ofType(events, "WPStatusChanged");
    expect(moves.slice(2).map(({ timestamp }) => timestamp)).toEqual([
      "2026-01-01T00:11:00.000Z",
      "2026-01-01T00:11:00.000Z",
    ]);
    expect(new Set(moves.map(({ event_id }) => event_id)).size).toBe(4);
  });

  test("a row of the same work package, lane and time is told once, whatever else it says", async () => {
    const again: [string, object] = ["claimed>in_progress 12", { actor: "codex", event_id: ULID_2 }];
    expect(
      movesOf(await inferFiles(bootstrapped, rows(PLANNED, CLAIMED, DOING), rows(PLANNED, CLAIMED, DOING, again))),
    ).toEqual(["WP01 planned>claimed", "WP01 claimed>doing"]);
  });

  test("a row that one commit brings twice is told once", async () => {
    const again: [string, object] = ["claimed>in_progress 12", { actor: "codex", event_id: ULID_2 }];
    expect(movesOf(await inferFiles(bootstrapped, rows(PLANNED, CLAIMED, DOING, again)))).toEqual([
      "WP01 planned>claimed",
      "WP01 claimed>doing",
    ]);
  });

  test("two rows that share an id by mistake are two moves", async () => {
    const wp02 = { [`${FEATURE}/tasks/WP02-part.md`]: workPackage({ id: "WP02", lane: undefined }) };
    const events = await inferFiles(
      { ...bootstrapped, ...wp02 },
      rows(
        PLANNED,
        ["planned>claimed 11", { event_id: ULID_1 }],
        ["planned>claimed 12", { event_id: ULID_1, wp_id: "WP02" }],
      ),
    );
    expect(movesOf(events)).toEqual(["WP01 planned>claimed", "WP02 planned>claimed"]);
  });

  test("rows are read in time order, and broken lines between them are skipped", async () => {
    const { [LOG]: text } = rows(PLANNED, DOING, CLAIMED);
    const torn = `${String(text)}<<<<<<< HEAD\n{"to_lane": "done", "wp\n`;
    expect(movesOf(await inferFiles(bootstrapped, { [LOG]: torn }))).toEqual([
      "WP01 planned>claimed",
      "WP01 claimed>doing",
    ]);
  });

  test("a row of another work package moves only that", async () => {
    const other = { [`${FEATURE}/tasks/WP02-part.md`]: workPackage({ id: "WP02", lane: undefined }) };
    const events = await inferFiles(
      { ...bootstrapped, ...other },
      rows(PLANNED, ["planned>claimed 11", { wp_id: "WP02" }]),
    );
    expect(movesOf(events)).toEqual(["WP02 planned>claimed"]);
  });

  test("a feature that comes with its log is created in the lanes the log left, without a move", async () => {
    const events = await inferFiles({ ...task({ lane: undefined }), ...rows(PLANNED, REVIEW) });
    expect(movesOf(events)).toEqual([]);
    expect(ofType(events, "WPCreated").map(({ payload }) => payload.lane)).toEqual(["for_review"]);
  });

  test("a row that answers a review starts no work yet, and no other review", async () => {
    const phase = async (more: object): Promise<unknown> => {
      const back: [string, object] = ["for_review>in_progress 14", { actor: "codex", ...more }];
      const events = await inferFiles(bootstrapped, rows(PLANNED, REVIEW), rows(PLANNED, REVIEW, back));
      return ofType(events, "WPAssigned").map(({ payload }) => payload.phase);
    };
    expect(await phase({ review_ref: "review-1" })).toEqual([]);
    expect(await phase({ review_ref: null })).toEqual(["review"]);
  });
});

describe("dual write", () => {
  const line = logLine({ time: "2026-01-01T00:12:02Z", lane: "doing", agent: "codex" });
  const start: Files = { ...rows(PLANNED), ...task({ lane: "planned" }) };

  test("a log line and a row of the same moment are one move, which the line records", async () => {
    const files = { ...rows(PLANNED, ["planned>in_progress 12"]), ...task({ lane: "doing", log: [line] }) };
    const events = await inferFiles(start, files);
    const moves = ofType(events, "WPStatusChanged");
    expect(moves.map(({ timestamp }) => timestamp)).toEqual(["2026-01-01T00:11:00.000Z"]);
    expect(ofType(events, "HistoryAdded").at(-1)?.causation_id).toBe(moves[0]?.event_id);
  });

  test("a row committed after the line, or a line after the row, tells nothing again", async () => {
    const doing: [string] = ["planned>in_progress 12"];
    const rowLater = [task({ lane: "doing", log: [line] }), rows(PLANNED, doing)];
    const lineLater = [rows(PLANNED, doing), task({ lane: "doing", log: [line] })];
    for (const files of [rowLater, lineLater]) {
      expect(movesOf(await inferFiles(start, ...files))).toEqual(["WP01 planned>doing"]);
    }
  });

  test("rows that one command wrote on the way to the lane of its log line are no moves", async () => {
    const bridge: [string, object] = ["planned>claimed 12", { at: "2026-01-01T00:12:00.100000+00:00" }];
    const doing: [string, object] = ["claimed>in_progress 12", { at: "2026-01-01T00:12:00.300000+00:00" }];
    const files = { ...rows(PLANNED, bridge, doing), ...task({ lane: "doing", log: [line] }) };
    expect(lanesOf(await inferFiles(start, files))).toEqual(["doing"]);
    expect(lanesOf(await inferFiles(start, rows(PLANNED, bridge, doing)))).toEqual(["claimed", "doing"]);
  });

  test("such rows are no moves, either, when they are committed after the log line", async () => {
    const review: [string, object] = ["planned>for_review 12", { at: "2026-01-01T00:12:02.300000+00:00" }];
    const done: [string, object] = ["for_review>done 12", { at: "2026-01-01T00:12:02.400000+00:00" }];
    const told = logLine({ time: "2026-01-01T00:12:02Z", lane: "done" });
    const events = await inferFiles(start, task({ lane: "done", log: [told] }), rows(PLANNED, review, done));
    expect(lanesOf(events)).toEqual(["done"]);
  });

  test("a log line between rows that no row repeats is a move of its own", async () => {
    const review = logLine({ time: "2026-01-01T00:12:30Z", lane: "for_review" });
    const files = {
      ...rows(PLANNED, ["planned>in_progress 12"], ["in_progress>done 14"]),
      ...task({ lane: "done", log: [review] }),
    };
    expect(lanesOf(await inferFiles(start, files))).toEqual(["doing", "for_review", "done"]);
  });
});

describe("a log line that is newer than the last row", () => {
  const start: Files = { ...rows(PLANNED, ["planned>in_progress 12"]), ...task({ lane: "doing" }) };
  const newer = logLine({ time: "2026-01-01T00:14:00Z", lane: "for_review" });

  test("counts with the lane key on its side", async () => {
    const events = await inferFiles(bootstrapped, start, task({ lane: "for_review", log: [newer] }));
    expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 doing>for_review"]);
  });

  test.each([["doing"], [undefined]])("counts for nothing while the lane key says %s", async (lane) => {
    const events = await inferFiles(bootstrapped, start, task({ lane, log: [newer] }));
    expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  });
});

describe("lane directories", () => {
  const inLane = (folder: string, lane = "planned"): Files => ({
    [`${FEATURE}/tasks/${folder}/WP01-part.md`]: workPackage({ lane }),
  });
  const to = (from: string, folder: string, lane?: string): Files => ({
    [`${FEATURE}/tasks/${from}`]: null,
    ...inLane(folder, lane),
  });

  test("the directory is the lane, and a stale lane key is ignored", async () => {
    const events = await inferFiles(
      inLane("planned"),
      to("planned", "doing"),
      to("doing", "for_review", "done"),
      to("for_review", "done", "planned"),
    );
    expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 doing>for_review", "WP01 for_review>done"]);
    expect(ofType(events, "WPStatusChanged").map(({ source }) => source.layout)).toEqual(
      Array(3).fill("lane_directory"),
    );
    expect(ofType(events, "FeatureCreated").map(({ source }) => source.layout)).toEqual(["lane_directory"]);
  });

  test("folders of phases inside a lane, and outside of one, are part of the path only", async () => {
    const events = await inferFiles(
      inLane("planned/phase-1-build"),
      to("planned", "doing/phase-1-build"),
      to("doing", "doing/phase-2-test"),
      to("doing", "phase-2-test", "doing"),
    );
    expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  });

  test("a folder that is no lane is no place for work packages", async () => {
    expect(await inferFiles(inLane("archive"), inLane("WP01-part/phase-x"))).toEqual([]);
  });

  test("of two files of one work package the one further on counts", async () => {
    expect(movesOf(await inferFiles(inLane("doing"), inLane("done"), inLane("planned")))).toEqual([
      "WP01 planned>doing",
      "WP01 doing>done",
    ]);
  });

  test("a switch to another layout is no move, and moves go on from there", async () => {
    const events = await inferFiles(
      inLane("doing"),
      { [`${FEATURE}/tasks/doing`]: null, [TASK]: workPackage({ lane: "doing" }) },
      { ...rows(["planned>in_progress 10"]), ...task() },
      rows(["planned>in_progress 10"], REVIEW),
    );
    expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 doing>for_review"]);
  });
});
