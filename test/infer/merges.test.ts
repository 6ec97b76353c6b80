import { afterAll, describe, expect, test } from "vitest";
import type { Envelope } from "../../src/events/envelope.ts";
import { type ImportedCommit, importGraph } from "../helpers/import-graph.ts";
import { inferAll, movesOf, ofType } from "../helpers/infer.ts";
import { makeRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const OLD = "kitty-specs/001-login";
const NEW = "kitty-specs/002-sign-in";

const repository = makeRepository({ bare: true, onFinish: afterAll });
repository.git("config", "spec-kitty.project", "0f0e0d0c-0b0a-5908-8706-050403020100");

type Files = NonNullable<ImportedCommit["files"]>;

function infer(...commits: ImportedCommit[]): Promise<Envelope[]> {
  return inferAll(repository.path, { revisions: [importGraph(repository, commits).at(-1) ?? ""] });
}

function task(
  id: string,
  lane: string,
  { feature = OLD, log = [] as string[], title = id, dependencies = [] as string[] } = {},
): Files {
  return { [`${feature}/tasks/${id}-part.md`]: workPackage({ id, lane, log, title, dependencies }) };
}

const line = (minute: number, lane: string): string => logLine({ time: `2026-01-01T00:${minute}:00Z`, lane });
const clock = (minute: number): string => `2026-01-01T00:${minute}:00Z`;
const timesOf = (events: readonly Envelope[]): string[] =>
  ofType(events, "WPStatusChanged").map(({ payload, timestamp }) => `${payload.to_lane} ${timestamp.slice(11, 16)}`);
/** What is told again: nothing may be. */
const repeated = (events: readonly Envelope[]): number =>
  events.length - new Set(events.map(({ event_id }) => event_id)).size;

describe("merges", () => {
  const planned = { files: task("WP01", "planned") };
  const doing = (at: string): ImportedCommit => ({ parents: [0], at, files: task("WP01", "doing") });
  const done = (at: string): ImportedCommit => ({ parents: [0], at, files: task("WP01", "done") });

  test.each<[string, string, string, string[]]>([
    ["the later move: nothing is news", "done", "done", ["doing 00:10", "done 00:20"]],
    [
      "the older move: one more, at the merge's author date",
      "doing",
      "doing",
      ["doing 00:10", "done 00:20", "doing 00:30"],
    ],
    ["neither: one more from the later one", "blocked", "blocked", ["doing 00:10", "done 00:20", "blocked 00:30"]],
  ])("a merge whose tree has %s", async (_, lane, __, expected) => {
    for (const parents of [
      [1, 2],
      [2, 1],
    ]) {
      const merge = { parents, at: clock(30), files: task("WP01", lane) };
      const events = await infer(planned, doing(clock(10)), done(clock(20)), merge);
      expect(timesOf(events)).toEqual(expected);
      if (expected.length === 3) {
        expect(ofType(events, "WPStatusChanged").at(-1)?.payload.from_lane).toBe("done");
      }
    }
  });

  test("the later move counts, not the later commit, where log lines record the times", async () => {
    const events = await infer(
      planned,
      { parents: [0], at: clock(50), files: task("WP01", "doing", { log: [line(10, "doing")] }) },
      { parents: [0], at: clock(40), files: task("WP01", "for_review", { log: [line(30, "for_review")] }) },
      {
        parents: [1, 2],
        at: clock(59),
        files: task("WP01", "for_review", { log: [line(10, "doing"), line(30, "for_review")] }),
      },
    );
    expect(timesOf(events).sort()).toEqual(["doing 00:10", "for_review 00:30"]);
    expect(repeated(events)).toBe(0);
  });

  test("a move on one side and an edit on the other are merged without an event", async () => {
    const events = await infer(
      planned,
      { parents: [0], files: task("WP01", "doing") },
      { parents: [0], files: task("WP01", "planned", { title: "Other" }) },
      { parents: [1, 2], files: task("WP01", "doing", { title: "Other" }) },
    );
    expect(timesOf(events)).toEqual(["doing 00:01"]);
  });

  test("what one side told is not told again after the merge: lines, rows, creation, errors", async () => {
    const broken = { [`${OLD}/tasks/WP03-part.md`]: "---\nlane: [\n---\n" };
    const side = { ...task("WP01", "doing", { log: [line(10, "doing")] }), ...task("WP02", "planned"), ...broken };
    const events = await infer(
      planned,
      { parents: [0], at: clock(10), files: { "README.md": "main\n" } },
      { parents: [0], at: clock(11), files: side },
      { parents: [1, 2], at: clock(12), files: side },
      { files: { ...task("WP01", "doing", { log: [line(10, "doing")], title: "Edited" }), "x.md": "" }, at: clock(13) },
      { files: side, at: clock(14) },
    );
    expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
    expect(ofType(events, "WPCreated").map(({ payload }) => payload.wp_id)).toEqual(["WP01", "WP02", "WP03"]);
    expect(ofType(events, "ErrorLogged")).toHaveLength(1);
    expect(
      ofType(events, "HistoryAdded").filter(({ payload }) => payload.entry_content === "Moved to doing"),
    ).toHaveLength(1);
  });

  test("an octopus joins all its parents", async () => {
    const events = await infer(
      {
        files: {
          ...task("WP01", "planned"),
          ...task("WP02", "planned"),
          ...task("WP03", "planned", { dependencies: ["WP01", "WP02"] }),
        },
      },
      { parents: [0], at: clock(10), files: task("WP01", "done") },
      { parents: [0], at: clock(11), files: task("WP02", "done") },
      { parents: [0], at: clock(12), files: task("WP03", "done", { dependencies: ["WP01", "WP02"] }) },
      {
        parents: [1, 2, 3],
        at: clock(13),
        files: { ...task("WP02", "done"), ...task("WP03", "done", { dependencies: ["WP01", "WP02"] }) },
      },
    );
    expect(timesOf(events)).toEqual(["done 00:10", "done 00:11", "done 00:12"]);
    expect(ofType(events, "FeatureCompleted").map(({ timestamp }) => timestamp.slice(11, 16))).toEqual(["00:12"]);
    expect(ofType(events, "DependencyResolved").map(({ payload }) => payload.dependency_wp_id)).toEqual([
      "WP01",
      "WP02",
    ]);
  });

  test("a merge that takes one side whole takes back what the other side moved", async () => {
    const events = await infer(
      { files: { ...task("WP01", "planned"), ...task("WP02", "planned") } },
      { parents: [0], at: clock(10), files: task("WP01", "doing") },
      { parents: [0], at: clock(11), files: task("WP02", "done") },
      { parents: [1, 2], at: clock(12) },
      { files: task("WP02", "done"), at: clock(13) },
    );
    expect(movesOf(events)).toEqual([
      "WP01 planned>doing",
      "WP02 planned>done",
      "WP02 done>planned",
      "WP02 planned>done",
    ]);
    expect(timesOf(events).slice(2)).toEqual(["planned 00:12", "done 00:13"]);
  });

  test("what a merge took back and what is moved again in the same second are different events", async () => {
    const events = await infer(
      { files: { ...task("WP01", "planned"), ...task("WP02", "planned") } },
      { parents: [0], at: clock(10), files: task("WP01", "doing") },
      { parents: [0], at: clock(11), files: task("WP02", "done") },
      { parents: [1, 2], at: clock(12) },
      { files: task("WP02", "done"), at: clock(12) },
      { files: task("WP02", "planned"), at: clock(12) },
    );
    expect(timesOf(events).slice(2)).toEqual(["planned 00:12", "done 00:12", "planned 00:12"]);
  });

  test("retries are counted over both sides", async () => {
    const by = (agent: string, minute: number) => logLine({ time: clock(minute), lane: "doing", agent });
    const back = (minute: number) => logLine({ time: clock(minute), lane: "planned", agent: "user" });
    const a = [by("claude", 10), back(11)];
    const b = [by("codex", 12), back(13)];
    const events = await infer(
      planned,
      { parents: [0], at: clock(14), files: task("WP01", "planned", { log: a }) },
      { parents: [0], at: clock(15), files: task("WP01", "planned", { log: b }) },
      { parents: [1, 2], at: clock(16), files: task("WP01", "planned", { log: [...a, ...b] }) },
      { at: clock(17), files: task("WP01", "doing", { log: [...a, ...b, by("gemini", 17)] }) },
    );
    expect(ofType(events, "WPAssigned").map(({ payload }) => `${payload.agent_id} ${payload.retry_count}`)).toEqual([
      "claude 0",
      "codex 0",
      "gemini 2",
    ]);
  });

  test("a feature that both sides created alike is created once", async () => {
    const events = await infer(
      { files: { "README.md": "1\n" } },
      { parents: [0], files: task("WP01", "planned") },
      { parents: [0], files: { ...task("WP01", "planned"), "other.txt": "1\n" } },
      { parents: [1, 2], files: { "other.txt": "1\n" } },
    );
    expect(ofType(events, "FeatureCreated")).toHaveLength(1);
    expect(ofType(events, "WPCreated")).toHaveLength(1);
  });

  test("histories without a common root are merged like others", async () => {
    const events = await infer(
      { files: task("WP01", "doing") },
      { parents: [], files: task("WP02", "done") },
      { parents: [0, 1], files: task("WP02", "done") },
    );
    expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP02 planned>done"]);
    expect(ofType(events, "FeatureCreated")).toHaveLength(1);
  });
});

describe("renames of a feature", () => {
  const moveAll = (files: Files): Files => ({ [OLD]: null, ...files });
  const renamed = (lane: string, more = {}): Files => task("WP01", lane, { feature: NEW, ...more });
  const meta = (feature: string, id: string): Files => ({
    [`${feature}/meta.json`]: JSON.stringify({ mission_id: id }),
  });

  test("with the same mission id it goes on, whatever its files say", async () => {
    const events = await infer(
      { files: { ...meta(OLD, "01M"), ...task("WP01", "doing") } },
      { files: moveAll({ ...meta(NEW, "01M"), ...renamed("doing", { title: "New" }) }) },
      { files: renamed("for_review", { title: "New" }) },
    );
    expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 doing>for_review"]);
    expect(ofType(events, "WPStatusChanged").map(({ payload }) => payload.feature_slug)).toEqual([
      "001-login",
      "002-sign-in",
    ]);
    expect(ofType(events, "FeatureCreated")).toHaveLength(1);
  });

  test("the mission id is remembered when its meta.json goes before", async () => {
    const events = await infer(
      { files: { ...meta(OLD, "01M"), ...task("WP01", "doing") } },
      { files: { [`${OLD}/meta.json`]: null } },
      { files: moveAll({ ...meta(NEW, "01M"), ...renamed("doing", { title: "New" }) }) },
    );
    expect(ofType(events, "FeatureCreated")).toHaveLength(1);
  });

  test("with another mission id and other files it is another feature", async () => {
    const events = await infer(
      { files: { ...meta(OLD, "01M"), ...task("WP01", "doing") } },
      { files: moveAll({ ...meta(NEW, "01N"), ...renamed("doing", { title: "New" }) }) },
    );
    expect(ofType(events, "FeatureCreated").map(({ aggregate_id }) => aggregate_id)).toEqual([
      "001-login",
      "002-sign-in",
    ]);
  });

  test.each([
    ["half of its files", ["WP01", "WP02"], ["WP03", "WP04"], 1],
    ["less than half of its files", ["WP01"], ["WP02", "WP03"], 2],
  ])("with %s unchanged: features created", async (_, kept, edited, created) => {
    const all = (feature: string, title?: string) => ({
      ...Object.assign({}, ...kept.map((id) => task(id, "doing", { feature }))),
      ...Object.assign({}, ...edited.map((id) => task(id, "doing", { feature, ...(title && { title }) }))),
    });
    const events = await infer({ files: all(OLD) }, { files: moveAll(all(NEW, "Edited")) });
    expect(ofType(events, "FeatureCreated")).toHaveLength(created);
  });

  test("a feature that stays while a copy of it appears is not renamed", async () => {
    const events = await infer({ files: task("WP01", "doing") }, { files: renamed("doing") });
    expect(ofType(events, "FeatureCreated")).toHaveLength(2);
  });

  test("a rename and its move in one commit is one move under the new name", async () => {
    const events = await infer(
      { files: { ...task("WP01", "planned"), ...task("WP02", "planned") } },
      { files: moveAll({ ...renamed("doing"), ...task("WP02", "planned", { feature: NEW }) }) },
    );
    expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
    expect(ofType(events, "WPStatusChanged")[0]?.payload.feature_slug).toBe("002-sign-in");
  });

  test("an old branch that still has the old name is merged into the new one", async () => {
    const log = [line(10, "doing")];
    const both = (lane: string, feature: string, lines: string[] = []): Files => ({
      ...task("WP01", lane, { feature, log: lines }),
      ...task("WP02", "planned", { feature }),
    });
    for (const parents of [
      [1, 2],
      [2, 1],
    ]) {
      const events = await infer(
        { files: both("planned", OLD) },
        { parents: [0], at: clock(10), files: moveAll(both("planned", NEW)) },
        { parents: [0], at: clock(11), files: both("doing", OLD, log) },
        { parents, at: clock(12), files: moveAll(both("doing", NEW, log)) },
        { at: clock(20), files: task("WP01", "for_review", { feature: NEW, log: [...log, line(20, "for_review")] }) },
      );
      expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 doing>for_review"]);
      expect(ofType(events, "FeatureCreated")).toHaveLength(1);
      expect(ofType(events, "WPCreated")).toHaveLength(2);
    }
  });

  test("two renames in a row, and a branch from before both", async () => {
    const last = "kitty-specs/003-enter";
    const log = [line(10, "doing")];
    const events = await infer(
      { files: task("WP01", "planned") },
      { parents: [0], files: moveAll(renamed("planned")) },
      { files: { [NEW]: null, ...task("WP01", "planned", { feature: last }) } },
      { parents: [0], at: clock(11), files: task("WP01", "doing", { log }) },
      { parents: [2, 3], at: clock(12), files: task("WP01", "doing", { feature: last, log }) },
    );
    expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  });

  test("a rename that is taken back, and a branch from between that still has the new name", async () => {
    const log = [line(10, "doing")];
    const events = await infer(
      { files: task("WP01", "planned") },
      { files: moveAll(renamed("planned")) },
      { files: { [NEW]: null, ...task("WP01", "planned") } },
      { parents: [1], at: clock(11), files: renamed("doing", { log }) },
      { parents: [2, 3], at: clock(12), files: task("WP01", "doing", { log }) },
    );
    expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
  });
});
