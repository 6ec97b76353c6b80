import { expect, test } from "vitest";
import { idsOf, inferAll, movesOf } from "../helpers/infer.ts";
import { makeRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const F = "kitty-specs/001-login";
const WP = `${F}/tasks/WP01-setup.md`;
const LOG = `${F}/status.events.jsonl`;
const row = (from: string, to: string, at: string, more: object = {}) =>
  `${JSON.stringify({ actor: "claude", at, from_lane: from, to_lane: to, wp_id: "WP01", ...more })}\n`;
const start = () => {
  const r = makeRepository();
  r.commit("Start", { files: { "README.md": "x\n" } });
  return r;
};
test("rows of one command committed after the log line: the bridge row is no move", async () => {
  const r = start();
  r.commit("c1", {
    files: { [WP]: workPackage({ lane: "planned" }), [LOG]: row("planned", "planned", "2026-01-01T00:00:00Z") },
  });
  const log = [logLine({ time: "2026-01-01T00:20:00Z", lane: "done" })];
  const doing = row("planned", "in_progress", "2026-01-01T00:10:00Z");
  r.commit("c2", {
    files: { [LOG]: row("planned", "planned", "2026-01-01T00:00:00Z") + doing },
    date: "2026-01-01T00:10:00Z",
  });
  r.commit("c3", { files: { [WP]: workPackage({ lane: "done", log }) }, date: "2026-01-01T00:20:00Z" });
  r.commit("c4", {
    files: {
      [LOG]:
        row("planned", "planned", "2026-01-01T00:00:00Z") +
        doing +
        row("in_progress", "for_review", "2026-01-01T00:20:00.309Z") +
        row("for_review", "done", "2026-01-01T00:20:00.335Z"),
    },
    date: "2026-01-01T00:21:00Z",
  });
  expect(movesOf(await inferAll(r.path)).at(-1)).toBe("WP01 doing>done");
});

test("a recorded move just after a future-dated one is told once, with its recorded id (squash gives the same ids)", async () => {
  const r = start();
  r.commit("p", { files: { [WP]: workPackage() } });
  // the first agent wrote local time as Z: an hour ahead
  const doing = logLine({ time: "2026-01-01T02:00:00Z", lane: "doing" });
  const review = logLine({ time: "2026-01-01T01:05:00Z", lane: "for_review" });
  r.commit("doing", { files: { [WP]: workPackage({ lane: "doing", log: [doing] }) }, date: "2026-01-01T01:00:00Z" });
  r.commit("review", {
    files: { [WP]: workPackage({ lane: "for_review", log: [doing, review] }) },
    date: "2026-01-01T01:05:00Z",
  });
  const events = await inferAll(r.path);
  expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 doing>for_review"]);
});

test("the same with a log line without seconds, after an unrecorded claim in the same minute", async () => {
  const r = start();
  r.commit("p", { files: { [WP]: workPackage() } });
  r.commit("claim", { files: { [WP]: workPackage({ lane: "doing" }) }, date: "2026-01-01T01:00:30Z" });
  const review = "2026-01-01T01:00Z – claude – lane=for_review – quick";
  r.commit("review", {
    files: { [WP]: workPackage({ lane: "for_review", log: [review] }) },
    date: "2026-01-01T01:00:50Z",
  });
  expect(movesOf(await inferAll(r.path))).toEqual(["WP01 planned>doing", "WP01 doing>for_review"]);
});

test("squash of the two commits of D2 gives the same ids", async () => {
  const r = start();
  r.commit("p", { files: { [WP]: workPackage() } });
  const doing = logLine({ time: "2026-01-01T02:00:00Z", lane: "doing" });
  const review = logLine({ time: "2026-01-01T01:05:00Z", lane: "for_review" });
  r.commit("doing", { files: { [WP]: workPackage({ lane: "doing", log: [doing] }) }, date: "2026-01-01T01:00:00Z" });
  r.commit("review", {
    files: { [WP]: workPackage({ lane: "for_review", log: [doing, review] }) },
    date: "2026-01-01T01:05:00Z",
  });
  const before = idsOf(await inferAll(r.path));
  r.git("reset", "-q", "--soft", "HEAD~2");
  r.commit("squashed", { date: "2026-01-01T01:05:00Z" });
  expect(idsOf(await inferAll(r.path))).toEqual(before);
});

test("rows two seconds apart in different commits are each a move with its own id", async () => {
  const r = start();
  const r0 = row("planned", "planned", "2026-01-01T00:00:00Z");
  const a = row("planned", "in_progress", "2026-01-01T00:10:00Z", { event_id: "01KCADKYW1ZQ6JT4SRZMDPQTB1" });
  const b = row("in_progress", "for_review", "2026-01-01T00:10:01Z", { event_id: "01KCADKYW1ZQ6JT4SRZMDPQTB2" });
  const c = row("for_review", "in_progress", "2026-01-01T00:10:02Z", { event_id: "01KCADKYW1ZQ6JT4SRZMDPQTB3" });
  r.commit("c0", { files: { [WP]: workPackage({ lane: undefined }), [LOG]: r0 } });
  r.commit("c1", { files: { [LOG]: r0 + a }, date: "2026-01-01T00:10:00Z" });
  r.commit("c2", { files: { [LOG]: r0 + a + b }, date: "2026-01-01T00:10:01Z" });
  r.commit("c3", { files: { [LOG]: r0 + a + b + c }, date: "2026-01-01T00:10:02Z" });
  const split = idsOf(await inferAll(r.path), ["WPStatusChanged"]);
  expect(split).toEqual(["01KCADKYW1ZQ6JT4SRZMDPQTB1", "01KCADKYW1ZQ6JT4SRZMDPQTB2", "01KCADKYW1ZQ6JT4SRZMDPQTB3"]);
});

test("a row that stands twice in one file (union merge) counts once", async () => {
  const r = start();
  const r0 = row("planned", "planned", "2026-01-01T00:00:00Z");
  const a = row("planned", "in_progress", "2026-01-01T00:10:00Z");
  r.commit("c0", { files: { [WP]: workPackage({ lane: undefined }), [LOG]: r0 } });
  r.commit("c1", { files: { [LOG]: r0 + a + a }, date: "2026-01-01T00:10:00Z" });
  expect(movesOf(await inferAll(r.path))).toEqual(["WP01 planned>doing"]);
});

test("an event log that is deleted makes no moves of the stale lane: mirror", async () => {
  const r = start();
  const r0 = row("planned", "planned", "2026-01-01T00:00:00Z");
  const a = row("planned", "in_progress", "2026-01-01T00:10:00Z");
  r.commit("c0", { files: { [WP]: workPackage({ lane: "planned" }), [LOG]: r0 } });
  r.commit("c1", { files: { [LOG]: r0 + a }, date: "2026-01-01T00:10:00Z" });
  r.git("rm", "-q", LOG);
  r.commit("log lost", { files: { [WP]: workPackage({ lane: "planned", body: "edited" }) } });
  r.commit("edit 2", { files: { [WP]: workPackage({ lane: "planned", body: "edited 2" }) } });
  r.commit("edit 3", { files: { [WP]: workPackage({ lane: "planned", body: "edited 3" }) } });
  expect(movesOf(await inferAll(r.path))).toEqual(["WP01 planned>doing"]);
});

test.each(["ours", "theirs"])(
  "a merge of equal trees with kept lanes is no move, whichever parent comes first (%s)",
  async (side) => {
    const r = start();
    r.commit("p", { files: { [WP]: workPackage({ lane: "planned" }) } });
    r.git("branch", "topic");
    r.commit("m", { files: { [WP]: workPackage({ lane: "doing" }) } });
    r.commit("strip", { files: { [WP]: workPackage({ lane: undefined }) } });
    r.git("switch", "-q", "topic");
    r.commit("strip too", { files: { [WP]: workPackage({ lane: undefined }) } });
    if (side === "ours") r.git("switch", "-q", "main");
    r.git("merge", "-q", "--no-ff", "--no-edit", side === "ours" ? "topic" : "main");
    expect(movesOf(await inferAll(r.path))).toEqual(["WP01 planned>doing"]);
  },
);

test("rows win over a log line dated ahead: the WP is done, its feature complete", async () => {
  const r = start();
  const r0 = row("planned", "planned", "2026-01-01T00:00:00Z");
  const a = row("planned", "in_progress", "2026-01-01T00:10:00Z");
  const b = row("in_progress", "for_review", "2026-01-01T00:20:00Z");
  const c = row("for_review", "done", "2026-01-01T00:30:00Z");
  const log = [logLine({ time: "2026-01-01T01:10:00Z", lane: "doing" })]; // local time written as Z
  r.commit("c0", { files: { [WP]: workPackage({ lane: "planned" }), [LOG]: r0 } });
  r.commit("c1", { files: { [WP]: workPackage({ lane: "doing", log }), [LOG]: r0 + a }, date: "2026-01-01T00:10:00Z" });
  r.commit("c2", { files: { [LOG]: r0 + a + b }, date: "2026-01-01T00:20:00Z" });
  r.commit("c3", { files: { [LOG]: r0 + a + b + c }, date: "2026-01-01T00:30:00Z" });
  const events = await inferAll(r.path);
  expect(events.filter((e) => e.event_type === "FeatureCompleted")).toHaveLength(1);
  expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 doing>for_review", "WP01 for_review>done"]);
});

test("a new log line of the same day and agent as one once edited is told", async () => {
  const r = start();
  const A = "2026-01-01 – claude – first note";
  const A2 = "2026-01-01 – claude – first note, reworded";
  const B = "2026-01-01 – claude – second note";
  r.commit("c0", { files: { [WP]: workPackage({ log: [A] }) } });
  r.commit("c1", { files: { [WP]: workPackage({ log: [A2] }) } });
  r.commit("c2", { files: { [WP]: workPackage({ log: [A2, B] }) } });
  const texts = (await inferAll(r.path)).flatMap((e) =>
    e.event_type === "HistoryAdded" ? [e.payload.entry_content] : [],
  );
  expect(texts).toContain("second note");
});

test("the last move and the first event log in one commit: completion and dependency are told", async () => {
  const r = start();
  const WP2 = `${F}/tasks/WP02-next.md`;
  const wp2 = workPackage({ id: "WP02", lane: "canceled", dependencies: ["WP01"] });
  const doing = logLine({ time: "2026-01-01T00:10:00Z", lane: "doing" });
  const done = logLine({ time: "2026-01-01T00:20:00Z", lane: "done" });
  r.commit("c0", { files: { [WP]: workPackage(), [WP2]: wp2 } });
  r.commit("c1", { files: { [WP]: workPackage({ lane: "doing", log: [doing] }) } });
  r.commit("c2", {
    files: {
      [WP]: workPackage({ lane: "done", log: [doing, done] }),
      [LOG]: row("in_progress", "done", "2026-01-01T00:20:00Z"),
    },
  });
  const events = await inferAll(r.path);
  expect(movesOf(events)).toContain("WP01 doing>done");
  expect(events.map((e) => e.event_type)).toContain("DependencyResolved");
  expect(events.map((e) => e.event_type)).toContain("FeatureCompleted");
});

test("flattening lane directories with a stale lane: is a layout switch, no move", async () => {
  const r = start();
  r.commit("p", { files: { [`${F}/tasks/planned/WP01-setup.md`]: workPackage() } });
  r.commit("keep", { files: { [`${F}/tasks/done/.gitkeep`]: "" } });
  r.git("mv", `${F}/tasks/planned/WP01-setup.md`, `${F}/tasks/done/WP01-setup.md`);
  r.commit("done");
  r.git("mv", `${F}/tasks/done/WP01-setup.md`, WP);
  r.commit("flatten");
  expect(movesOf(await inferAll(r.path))).toEqual(["WP01 planned>done"]);
});

test("home directories are masked in any case and with doubled backslashes", async () => {
  const r = start();
  const log = [
    "2026-01-01T00:10:00Z – claude – see c:\\users\\bob\\x and C:\\\\Users\\\\carol\\\\x and mail dave@corp",
  ];
  r.commit("c0", { files: { [WP]: workPackage({ log }) } });
  const text = JSON.stringify(await inferAll(r.path));
  expect(text).not.toMatch(/bob|carol|dave/);
});

test("rename there and back, while a branch of the renamed feature moves", async () => {
  const r = start();
  r.commit("p", { files: { [WP]: workPackage(), "kitty-specs/009-x/meta.json": "{}" } });
  r.git("mv", "kitty-specs/001-login", "kitty-specs/002-login");
  r.commit("rename");
  r.git("branch", "topic");
  r.git("mv", "kitty-specs/002-login", "kitty-specs/001-login");
  r.commit("rename back");
  r.git("switch", "-q", "topic");
  const log = [logLine({ time: "2026-01-01T00:20:00Z", lane: "doing" })];
  r.commit("move", { files: { "kitty-specs/002-login/tasks/WP01-setup.md": workPackage({ lane: "doing", log }) } });
  r.git("switch", "-q", "main");
  r.git("merge", "-q", "--no-ff", "--no-edit", "topic");
  expect(r.git("ls-files", "kitty-specs")).toContain("001-login/tasks/WP01");
  expect(movesOf(await inferAll(r.path))).toEqual(["WP01 planned>doing"]);
});

test("two rows with one ULID are two moves", async () => {
  const r = start();
  const id = { event_id: "01KCADKYW1ZQ6JT4SRZMDPQTB1" };
  const r0 = row("planned", "planned", "2026-01-01T00:00:00Z");
  r.commit("c0", { files: { [WP]: workPackage({ lane: undefined }), [LOG]: r0 } });
  r.commit("c1", {
    files: {
      [LOG]:
        r0 +
        row("planned", "in_progress", "2026-01-01T00:10:00Z", id) +
        row("in_progress", "done", "2026-01-01T00:20:00Z", id),
    },
    date: "2026-01-01T00:10:00Z",
  });
  expect(movesOf(await inferAll(r.path))).toEqual(["WP01 planned>doing", "WP01 doing>done"]);
});

test("a reviewer who sends work back is not assigned to implement it", async () => {
  const r = start();
  const r0 = row("planned", "planned", "2026-01-01T00:00:00Z");
  const a = row("planned", "in_progress", "2026-01-01T00:10:00Z", { actor: "impl" });
  const b = row("in_progress", "for_review", "2026-01-01T00:20:00Z", { actor: "impl" });
  const c = row("for_review", "in_progress", "2026-01-01T00:30:00Z", { actor: "reviewer", review_ref: "r1" });
  r.commit("c0", { files: { [WP]: workPackage({ lane: undefined }), [LOG]: r0 } });
  r.commit("c1", { files: { [LOG]: r0 + a + b + c } });
  const who = (await inferAll(r.path)).flatMap((e) =>
    e.event_type === "WPAssigned" ? [`${e.payload.phase} ${e.payload.agent_id}`] : [],
  );
  expect(who).toEqual(["implementation impl"]);
});

test("an unrecorded move back after a future-dated one: a board sorted by time ends where HEAD is", async () => {
  const r = start();
  r.commit("p", { files: { [WP]: workPackage() } });
  const doing = logLine({ time: "2026-01-01T02:00:00Z", lane: "doing" });
  r.commit("doing", { files: { [WP]: workPackage({ lane: "doing", log: [doing] }) }, date: "2026-01-01T01:00:00Z" });
  r.gitWith({ date: "2026-01-01T01:03:00Z" }, "revert", "--no-edit", "HEAD");
  const moves = (await inferAll(r.path))
    .filter((e) => e.event_type === "WPStatusChanged")
    .sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
  expect(movesOf(moves).at(-1)).toBe("WP01 doing>planned");
});
