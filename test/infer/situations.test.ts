import { cpSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Envelope } from "../../src/events/envelope.ts";
import { idsOf, inferAll, movesOf } from "../helpers/infer.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const TASKS = "kitty-specs/001-login/tasks";
const DOING = logLine({ time: "2026-01-01T00:10:00Z", lane: "doing" });
const REVIEW = logLine({ time: "2026-01-01T00:20:00Z", lane: "for_review" });
const DONE = logLine({ time: "2026-01-01T00:30:00Z", lane: "done" });

/** A commit that writes WP01 as it is in a lane, with its log. */
function move(repository: TestRepository, lane: string, log: string[] = [], date?: string): string {
  const files = { [`${TASKS}/WP01-setup.md`]: workPackage({ lane, log }) };
  return repository.commit(`Move WP01 to ${lane}`, { files, ...(date !== undefined && { date }) });
}

function planned(): TestRepository {
  const repository = makeRepository();
  repository.commit("Start", { files: { "README.md": "hello\n" } });
  move(repository, "planned");
  return repository;
}

/** What a situation comes to: the moves told, and the ids told before it happened where both know the project. */
interface Situation {
  readonly situation: string;
  readonly act: (repository: TestRepository) => string | undefined;
  readonly moves: readonly string[];
  /** `same`: no move has an id it had not before; `new`: exactly the last one has. */
  readonly ids: "same" | "new";
}

const situations: Situation[] = [
  {
    situation: "rebase",
    act(repository) {
      repository.git("switch", "-q", "-c", "topic", "HEAD~2");
      repository.commit("Elsewhere", { files: { "other.txt": "1\n" } });
      repository.git("rebase", "-q", "topic", "main");
      return undefined;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review"],
    ids: "same",
  },
  {
    situation: "rebase of a move that nothing records",
    act(repository) {
      repository.git("switch", "-q", "-c", "topic", "HEAD~2");
      repository.commit("Elsewhere", { files: { "other.txt": "1\n" } });
      repository.git("rebase", "-q", "topic", "main");
      return undefined;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review"],
    ids: "same",
  },
  {
    situation: "cherry-pick",
    act(repository) {
      repository.git("switch", "-q", "-c", "picked", "HEAD~2");
      repository.commit("Elsewhere", { files: { "other.txt": "1\n" } });
      repository.git("cherry-pick", "main~1", "main");
      return undefined;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review"],
    ids: "same",
  },
  {
    situation: "amend without edit",
    act(repository) {
      repository.git("commit", "-q", "--amend", "--no-edit", "--date", repository.git("log", "-1", "--format=%aI"));
      return undefined;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review"],
    ids: "same",
  },
  {
    situation: "a second clone",
    act(repository) {
      const clone = join(dirname(repository.path), "clone");
      repository.git("clone", "-q", ".", clone);
      return clone;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review"],
    ids: "same",
  },
  {
    situation: "squash, moves recorded",
    act(repository) {
      repository.git("reset", "-q", "--soft", "HEAD~2");
      repository.commit("Squashed");
      return undefined;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review"],
    ids: "same",
  },
  {
    situation: "revert of a move",
    act(repository) {
      repository.git("revert", "--no-edit", "HEAD");
      return undefined;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review", "WP01 for_review>doing"],
    ids: "new",
  },
  {
    situation: "file deleted and re-added",
    act(repository) {
      repository.git("rm", "-q", "-r", "kitty-specs");
      repository.commit("Delete all specs by accident");
      repository.git("revert", "--no-edit", "HEAD");
      return undefined;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review"],
    ids: "same",
  },
  {
    situation: "file re-added in another lane",
    act(repository) {
      repository.git("rm", "-q", "-r", "kitty-specs");
      repository.commit("Delete");
      move(repository, "done", [DOING, REVIEW]);
      return undefined;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review", "WP01 for_review>done"],
    ids: "new",
  },
  {
    situation: "feature renamed",
    act(repository) {
      repository.git("mv", "kitty-specs/001-login", "kitty-specs/002-sign-in");
      repository.commit("Renumber");
      return undefined;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review"],
    ids: "same",
  },
  {
    situation: "layout switched from lane directories",
    act: () => undefined,
    moves: ["WP01 planned>doing", "WP01 doing>for_review"],
    ids: "same",
  },
  {
    situation: "event log bootstrapped and rewritten",
    act(repository) {
      const row = (to: string, at: string, more: object = {}) =>
        `${JSON.stringify({ actor: "claude", at, event_id: "01KCADKYW1ZQ6JT4SRZMDPQTBA", from_lane: "planned", to_lane: to, wp_id: "WP01", ...more })}\n`;
      const log = "kitty-specs/001-login/status.events.jsonl";
      const moved =
        row("in_progress", "2026-01-01T00:10:00.120000+00:00") + row("for_review", "2026-01-01T00:20:00+00:00");
      repository.commit("Bootstrap the event log", { files: { [log]: moved } });
      repository.commit("Rewrite the event log", { files: { [log]: moved.replaceAll("01KCADKYW1", "01KCADKYW2") } });
      return undefined;
    },
    moves: ["WP01 planned>doing", "WP01 doing>for_review"],
    ids: "same",
  },
];

test.each(situations)("$situation: ids are the $ids", async ({ act, moves, ids, situation }) => {
  const repository = planned();
  const recorded = situation !== "rebase of a move that nothing records";
  move(repository, "doing", recorded ? [DOING] : []);
  move(repository, "for_review", recorded ? [DOING, REVIEW] : []);
  const before = await inferAll(repository.path);
  const where = act(repository) ?? repository.path;
  const after = await inferAll(where);

  expect(movesOf(after)).toEqual(moves);
  const known = new Set(idsOf(before));
  const news = after.filter((event) => event.event_type === "WPStatusChanged" && !known.has(event.event_id));
  expect(news.length).toBe(ids === "same" ? 0 : 1);
  if (ids === "same") expect(idsOf(after)).toEqual(idsOf(before));
  expect(new Set(after.map((event) => event.event_id)).size).toBe(after.length);
});

test("a squash whose moves nothing records is one move with an id of its own", async () => {
  const repository = planned();
  move(repository, "doing");
  move(repository, "for_review");
  const before = await inferAll(repository.path);
  repository.git("reset", "-q", "--soft", "HEAD~2");
  repository.commit("Squashed");
  const after = await inferAll(repository.path);
  expect(movesOf(after)).toEqual(["WP01 planned>for_review"]);
  expect(idsOf(before, ["WPStatusChanged"])).not.toContain(idsOf(after, ["WPStatusChanged"])[0]);
});

test("a revert of a revert is one move again, with a new id, and its old line tells nothing", async () => {
  const repository = planned();
  move(repository, "doing", [DOING]);
  repository.git("revert", "--no-edit", "HEAD");
  repository.git("revert", "--no-edit", "HEAD");
  const events = await inferAll(repository.path);
  expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 doing>planned", "WP01 planned>doing"]);
  expect(new Set(idsOf(events)).size).toBe(idsOf(events).length);
  expect(texts(events)).toEqual(["Prompt created.", "Prompt generated via /spec-kitty.tasks", "Moved to doing"]);
});

test("two moves in one second are two events", async () => {
  const repository = planned();
  const second = "2026-01-01T00:10:00Z";
  move(repository, "doing", [], second);
  move(repository, "planned", [], second);
  move(repository, "doing", [], second);
  const events = await inferAll(repository.path);
  expect(movesOf(events)).toEqual(["WP01 planned>doing", "WP01 doing>planned", "WP01 planned>doing"]);
  expect(new Set(idsOf(events)).size).toBe(idsOf(events).length);
});

test("a merge of branches that both moved a work package tells each branch's moves, and one more if it picks the older", async () => {
  const repository = planned();
  repository.git("switch", "-q", "-c", "topic");
  move(repository, "doing", [DOING]);
  repository.git("switch", "-q", "main");
  move(repository, "done", [DONE]);
  repository.git("switch", "-q", "topic");
  repository.git("merge", "-q", "-s", "ours", "--no-edit", "main");
  expect(movesOf(await inferAll(repository.path))).toEqual([
    "WP01 planned>doing",
    "WP01 planned>done",
    "WP01 done>doing",
  ]);

  repository.git("reset", "-q", "--hard", "HEAD~1");
  repository.git("merge", "-q", "-X", "theirs", "--no-edit", "main");
  expect(movesOf(await inferAll(repository.path))).toEqual(["WP01 planned>doing", "WP01 planned>done"]);
});

test("lane directories: the directory wins, and flattening them is no move", async () => {
  const repository = makeRepository();
  const base = "kitty-specs/001-login/tasks";
  repository.commit("Plan", { files: { [`${base}/planned/phase-1-build/WP01-setup.md`]: workPackage() } });
  repository.commit("Move", { files: { [`${base}/doing/.gitkeep`]: "" } });
  repository.git("mv", `${base}/planned/phase-1-build/WP01-setup.md`, `${base}/doing/WP01-setup.md`);
  repository.commit("Move WP01");
  repository.git("mv", `${base}/doing/WP01-setup.md`, `${base}/WP01-setup.md`);
  repository.commit("Flatten", { files: { [`${base}/WP01-setup.md`]: workPackage({ lane: "doing" }) } });
  expect(movesOf(await inferAll(repository.path))).toEqual(["WP01 planned>doing"]);
});

test("a copy of the git directory alone tells the same as the repository it came from", async () => {
  const repository = planned();
  move(repository, "doing", [DOING]);
  const bare = join(dirname(repository.path), "bare.git");
  cpSync(join(repository.path, ".git"), bare, { recursive: true });
  repository.gitWith({ env: { GIT_DIR: bare } }, "config", "core.bare", "true");
  expect(idsOf(await inferAll(bare))).toEqual(idsOf(await inferAll(repository.path)));
});

function texts(events: readonly Envelope[]): string[] {
  return events.flatMap((event) => (event.event_type === "HistoryAdded" ? [event.payload.entry_content] : []));
}
