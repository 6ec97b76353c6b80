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

/** What a situation comes to: planned, doing, for_review are committed one by one, then it acts. */
interface Situation {
  readonly situation: string;
  /** False where no log line records the two moves before. */
  readonly recorded?: boolean;
  /** Gives the repository to look at where it is another one. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most situations stay in the repository they began in
  readonly act: (repository: TestRepository) => string | void;
  readonly moves: readonly string[];
  /** How many moves have an id that no move had before. */
  readonly fresh: number;
}

const MOVED = ["WP01 planned>doing", "WP01 doing>for_review"];
const BEFORE = [DOING, REVIEW];

function rebase(repository: TestRepository): void {
  repository.git("switch", "-q", "-c", "topic", "HEAD~2");
  repository.commit("Elsewhere", { files: { "other.txt": "1\n" } });
  repository.git("rebase", "-q", "topic", "main");
}

function squash(repository: TestRepository): void {
  repository.git("reset", "-q", "--soft", "HEAD~2");
  repository.commit("Squashed");
}

function fixup(repository: TestRepository): void {
  const target = repository.git("rev-parse", "HEAD~1");
  repository.git("reset", "-q", "--soft", "HEAD~1");
  repository.git("commit", "-q", "--fixup", target);
  repository.gitWith({ env: { GIT_SEQUENCE_EDITOR: "true" } }, "rebase", "-q", "-i", "--autosquash", "HEAD~2");
}

/** Moves WP01 on two branches at once and merges them, main's move being the later one. */
function mergeBoth(repository: TestRepository, ...how: string[]): void {
  repository.git("switch", "-q", "-c", "topic");
  move(repository, "doing", [...BEFORE, logLine({ time: "2026-01-01T00:25:00Z", lane: "doing" })]);
  repository.git("switch", "-q", "main");
  move(repository, "done", [...BEFORE, DONE]);
  repository.git("switch", "-q", "topic");
  repository.git("merge", "-q", ...how, "--no-edit", "main");
}

const situations: Situation[] = [
  { situation: "rebase", act: rebase, moves: MOVED, fresh: 0 },
  { situation: "rebase, moves not recorded", recorded: false, act: rebase, moves: MOVED, fresh: 0 },
  {
    situation: "cherry-pick",
    act(repository) {
      repository.git("switch", "-q", "-c", "picked", "HEAD~2");
      repository.commit("Elsewhere", { files: { "other.txt": "1\n" } });
      repository.git("cherry-pick", "main~1", "main");
    },
    moves: MOVED,
    fresh: 0,
  },
  {
    situation: "amend without edit",
    act: (repository) => void repository.git("commit", "-q", "--amend", "-m", "Other words"),
    moves: MOVED,
    fresh: 0,
  },
  {
    situation: "a second clone",
    act(repository) {
      const clone = join(dirname(repository.path), "clone");
      repository.git("clone", "-q", ".", clone);
      return clone;
    },
    moves: MOVED,
    fresh: 0,
  },
  {
    situation: "CI: a detached checkout in another clone",
    act(repository) {
      const clone = join(dirname(repository.path), "ci");
      repository.git("clone", "-q", ".", clone);
      repository.git("-C", clone, "checkout", "-q", "--detach");
      return clone;
    },
    moves: MOVED,
    fresh: 0,
  },
  { situation: "squash, moves recorded", act: squash, moves: MOVED, fresh: 0 },
  { situation: "fixup, moves recorded", act: fixup, moves: MOVED, fresh: 0 },
  {
    situation: "squash, moves not recorded",
    recorded: false,
    act: squash,
    moves: ["WP01 planned>for_review"],
    fresh: 1,
  },
  {
    situation: "revert of a move",
    act: (repository) => void repository.git("revert", "--no-edit", "HEAD"),
    moves: [...MOVED, "WP01 for_review>doing"],
    fresh: 1,
  },
  {
    situation: "revert of that revert",
    act(repository) {
      repository.git("revert", "--no-edit", "HEAD");
      repository.git("revert", "--no-edit", "HEAD");
    },
    moves: [...MOVED, "WP01 for_review>doing", "WP01 doing>for_review"],
    fresh: 2,
  },
  {
    situation: "file deleted and restored",
    act(repository) {
      repository.git("rm", "-q", "-r", "kitty-specs");
      repository.commit("Delete all specs by accident");
      repository.git("revert", "--no-edit", "HEAD");
    },
    moves: MOVED,
    fresh: 0,
  },
  {
    situation: "file re-added in another lane",
    act(repository) {
      repository.git("rm", "-q", "-r", "kitty-specs");
      repository.commit("Delete");
      move(repository, "done", BEFORE);
    },
    moves: [...MOVED, "WP01 for_review>done"],
    fresh: 1,
  },
  {
    situation: "two fast moves in one second",
    act(repository) {
      const second = "2026-01-01T01:00:00Z";
      for (const lane of ["doing", "for_review", "doing"]) move(repository, lane, BEFORE, second);
    },
    moves: [...MOVED, "WP01 for_review>doing", "WP01 doing>for_review", "WP01 for_review>doing"],
    fresh: 3,
  },
  {
    situation: "merge of branches that both moved, the later one kept",
    act: (repository) => mergeBoth(repository, "-X", "theirs"),
    moves: [...MOVED, "WP01 for_review>doing", "WP01 for_review>done"],
    fresh: 2,
  },
  {
    situation: "merge of branches that both moved, the older one kept",
    act: (repository) => mergeBoth(repository, "-s", "ours"),
    moves: [...MOVED, "WP01 for_review>doing", "WP01 for_review>done", "WP01 done>doing"],
    fresh: 3,
  },
  {
    situation: "feature renamed",
    act(repository) {
      repository.git("mv", "kitty-specs/001-login", "kitty-specs/002-sign-in");
      repository.commit("Renumber");
    },
    moves: MOVED,
    fresh: 0,
  },
  {
    situation: "layout switched to lane directories and back",
    act(repository) {
      repository.write(`${TASKS}/for_review/.gitkeep`, "");
      repository.git("mv", `${TASKS}/WP01-setup.md`, `${TASKS}/for_review/WP01-setup.md`);
      repository.commit("Into directories");
      repository.git("mv", `${TASKS}/for_review/WP01-setup.md`, `${TASKS}/WP01-setup.md`);
      repository.commit("Flatten");
    },
    moves: MOVED,
    fresh: 0,
  },
  {
    situation: "event log bootstrapped and rewritten",
    act(repository) {
      const row = (to: string, at: string, id: string) =>
        `${JSON.stringify({ actor: "claude", at, event_id: id, from_lane: "planned", to_lane: to, wp_id: "WP01" })}\n`;
      const log = "kitty-specs/001-login/status.events.jsonl";
      const rows =
        row("in_progress", "2026-01-01T00:10:00.120000+00:00", "01KCADKYW1ZQ6JT4SRZMDPQTBA") +
        row("for_review", "2026-01-01T00:20:00+00:00", "01KCADKYW1ZQ6JT4SRZMDPQTBB");
      repository.commit("Bootstrap the event log", { files: { [log]: rows } });
      repository.commit("Rewrite the event log", { files: { [log]: rows.replaceAll("01KCADKYW1", "01KCADKYW2") } });
    },
    moves: MOVED,
    fresh: 0,
  },
];

test.each(situations)("$situation: $fresh new ids", async ({ recorded = true, act, moves, fresh }) => {
  const repository = planned();
  move(repository, "doing", recorded ? [DOING] : []);
  move(repository, "for_review", recorded ? BEFORE : []);
  const before = await inferAll(repository.path);
  const after = await inferAll(act(repository) ?? repository.path);

  expect(movesOf(after)).toEqual(moves);
  const known = new Set(idsOf(before));
  const ids = idsOf(after, ["WPStatusChanged"]);
  expect(ids.filter((id) => !known.has(id))).toHaveLength(fresh);
  expect(new Set(after.map(({ event_id }) => event_id)).size).toBe(after.length);
  if (fresh === 0) expect(idsOf(after)).toEqual(idsOf(before));
});

test("a line that a revert of a revert brings back tells nothing", async () => {
  const repository = planned();
  move(repository, "doing", [DOING]);
  repository.git("revert", "--no-edit", "HEAD");
  repository.git("revert", "--no-edit", "HEAD");
  const events = await inferAll(repository.path);
  expect(texts(events)).toEqual(["Prompt created.", "Prompt generated via /spec-kitty.tasks", "Moved to doing"]);
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
