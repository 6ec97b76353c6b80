import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { validateEvent } from "../../src/events/validate-event.ts";
import { inferAll, movesOf } from "../helpers/infer.ts";
import { makeRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const F = "kitty-specs/001-login";
const WP = `${F}/tasks/WP01-setup.md`;
const start = () => {
  const r = makeRepository();
  r.commit("Start", { files: { "README.md": "x\n" } });
  r.commit("p", { files: { [WP]: workPackage() } });
  return r;
};

test.each(["main first", "topic first"])(
  "two branches move at one time: the merge that keeps one side adds no move in either parent order (%s)",
  async (order) => {
    const r = start();
    const date = "2026-01-01T01:00:00Z";
    r.git("branch", "topic");
    r.commit("a", { files: { [WP]: workPackage({ lane: "doing" }) }, date });
    r.git("switch", "-q", "topic");
    r.commit("b", { files: { [WP]: workPackage({ lane: "for_review" }) }, date });
    const [into, other, side] = order === "main first" ? ["main", "topic", "theirs"] : ["topic", "main", "ours"];
    r.git("switch", "-q", into);
    r.git("merge", "-q", "--no-ff", "--no-edit", "-X", side, other);
    expect(movesOf(await inferAll(r.path)).sort()).toEqual(["WP01 planned>doing", "WP01 planned>for_review"]);
  },
);

test("a review file that names its WP in frontmatter does not replace the WP's own file", async () => {
  const r = start();
  r.commit("review", {
    files: { [`${F}/tasks/review-cycle-1-WP01.md`]: "---\nwp_id: WP01\nverdict: rejected\n---\n\n# Review\n" },
  });
  r.commit("move", {
    files: { [WP]: workPackage({ lane: "doing", log: [logLine({ time: "2026-01-01T00:04:00Z", lane: "doing" })] }) },
  });
  expect(movesOf(await inferAll(r.path))).toEqual(["WP01 planned>doing"]);
});

test("events of a commit dated after the year 9999 are valid", async () => {
  const r = start();
  r.commit("far", { files: { [WP]: workPackage({ lane: "doing" }) }, date: "@253402300900 +0000" });
  const events = await inferAll(r.path);
  expect(events.flatMap((e) => validateEvent(e, { profile: "canonical" }))).toEqual([]);
});

test("changed_by of an unrecorded move is the new agent: key, not the author of an unrelated history item", async () => {
  const r = makeRepository();
  r.commit("Start", { files: { "README.md": "x\n" } });
  r.commit("squashed", { files: { [WP]: workPackage({ lane: "doing", agent: "codex" }) } });
  const who = (await inferAll(r.path)).flatMap((e) =>
    e.event_type === "WPStatusChanged" ? [e.payload.changed_by] : [],
  );
  expect(who).toEqual(["codex"]);
});

test("a graft file of one clone does not change ids", async () => {
  const r = start();
  r.commit("m", { files: { [WP]: workPackage({ lane: "doing" }) } });
  const ids = (await inferAll(r.path)).map((e) => e.event_id);
  writeFileSync(join(r.path, ".git/info/grafts"), `${r.git("rev-parse", "HEAD~1")}\n`);
  expect((await inferAll(r.path)).map((e) => e.event_id)).toEqual(ids);
});

test("a branch that moved a WP and is merged after the WP was done elsewhere: dependency told once", async () => {
  const r = start();
  const WP2 = `${F}/tasks/WP02-next.md`;
  r.commit("wp2", { files: { [WP2]: workPackage({ id: "WP02", dependencies: ["WP01"] }) } });
  r.git("branch", "topic");
  r.commit("done", {
    files: { [WP]: workPackage({ lane: "done", log: [logLine({ time: "2026-01-01T00:09:00Z", lane: "done" })] }) },
  });
  r.git("switch", "-q", "topic");
  r.commit("t", { files: { [WP2]: workPackage({ id: "WP02", lane: "doing", dependencies: ["WP01"] }) } });
  r.git("merge", "-q", "--no-ff", "--no-edit", "main");
  expect((await inferAll(r.path)).filter((e) => e.event_type === "DependencyResolved")).toHaveLength(1);
});

test("broken YAML told once per blob, also when the file toggles between two states", async () => {
  const r = start();
  const broken = workPackage({ lane: "doing", extra: ["lane: doing"] });
  r.commit("b", { files: { [WP]: broken } });
  r.commit("ok", { files: { [WP]: workPackage({ lane: "doing" }) } });
  r.commit("b again", { files: { [WP]: broken } });
  r.git("rm", "-q", WP);
  r.commit("gone");
  r.commit("b 3", { files: { [WP]: broken } });
  const events = await inferAll(r.path);
  expect(events.filter((e) => e.event_type === "ErrorLogged")).toHaveLength(1);
  expect(movesOf(events)).toEqual(["WP01 planned>doing"]);
});

test("an event fits into 64 KiB whatever a log line holds", async () => {
  const r = start();
  const c = "\u0001".repeat(9000);
  r.commit("b", { files: { [WP]: workPackage({ log: [`2026-01-01T00:00:00Z – a${c} – ${c}`] }) } });
  for (const e of await inferAll(r.path)) expect(JSON.stringify(e).length).toBeLessThan(65536);
});

test("the mask cut: an e-mail or home path in a feature name or path is masked in error_message and slug", async () => {
  const r = start();
  r.commit("b", { files: { [`kitty-specs/home-bob@corp.example/tasks/WP01-x.md`]: "---\nlane: [\n---\n" } });
  expect(JSON.stringify(await inferAll(r.path))).not.toContain("bob@corp.example");
});

test("a WP removed from a feature whose rest is done completes it at most once, and re-adding tells no second completion", async () => {
  const r = start();
  const WP2 = `${F}/tasks/WP02-next.md`;
  r.commit("wp2", { files: { [WP2]: workPackage({ id: "WP02" }), [WP]: workPackage({ lane: "done" }) } });
  r.git("rm", "-q", WP2);
  r.commit("rm");
  r.commit("back", { files: { [WP2]: workPackage({ id: "WP02" }) } });
  r.git("rm", "-q", WP2);
  r.commit("rm");
  expect((await inferAll(r.path)).filter((e) => e.event_type === "FeatureCompleted")).toHaveLength(1);
});

test("a feature that is complete when renamed or re-added is not completed again", async () => {
  const r = start();
  r.commit("d", { files: { [WP]: workPackage({ lane: "done" }) } });
  r.git("mv", F, "kitty-specs/002-x");
  r.commit("ren");
  r.git("rm", "-rq", "kitty-specs");
  r.commit("rm");
  r.git("revert", "--no-edit", "HEAD");
  expect((await inferAll(r.path)).filter((e) => e.event_type === "FeatureCompleted")).toHaveLength(1);
});

test("WP02 gets an unreadable file while its dependency is told: no crash, and a dependency list kept", async () => {
  const r = start();
  const WP2 = `${F}/tasks/WP02-next.md`;
  r.commit("wp2", { files: { [WP2]: workPackage({ id: "WP02", dependencies: ["WP01"] }) } });
  r.commit("bad", { files: { [WP2]: "<<<<<<< a\n---\n" } });
  r.commit("done", { files: { [WP]: workPackage({ lane: "done" }) } });
  expect((await inferAll(r.path)).filter((e) => e.event_type === "DependencyResolved")).toHaveLength(1);
});
test("in the commit that adds a dependency on a WP long done, nothing is resolved (a dependency reaches done)", async () => {
  const r = start();
  r.commit("done", { files: { [WP]: workPackage({ lane: "done" }) } });
  r.commit("wp2", { files: { [`${F}/tasks/WP02-n.md`]: workPackage({ id: "WP02", dependencies: ["WP01"] }) } });
  expect((await inferAll(r.path)).filter((e) => e.event_type === "DependencyResolved")).toHaveLength(0);
});
