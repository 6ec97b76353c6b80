import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Envelope } from "../../src/events/envelope.ts";
import { validateEvent } from "../../src/events/validate-event.ts";
import { inferAll, ofType } from "../helpers/infer.ts";

const BUNDLE = resolve(import.meta.dirname, "../../../shared/real/spec-kitty-history.bundle");
const SCORE = resolve(import.meta.dirname, "../../../shared/real/score.py");
const noBundle = !existsSync(BUNDLE);
const noScore = noBundle || !existsSync(SCORE) || spawnSync("python3", ["--version"]).status !== 0;

if (noBundle) console.warn(`skipped: the real history is not at ${BUNDLE}`);
else if (noScore) console.warn(`skipped: the score needs python3 and ${SCORE}`);

describe.skipIf(noBundle)("a real history", () => {
  const folder = mkdtempSync(join(tmpdir(), "spec-kitty-real-"));
  const repository = join(folder, "real.git");
  let events: Envelope[] = [];

  beforeAll(async () => {
    git("clone", "--quiet", "--bare", BUNDLE, repository);
    git("-C", repository, "symbolic-ref", "HEAD", "refs/heads/main");
    events = await inferAll(repository);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  test("gives events that are all valid, each id once", () => {
    expect(events.length).toBeGreaterThan(1000);
    expect(events.flatMap((event) => validateEvent(event, { profile: "canonical" }))).toEqual([]);
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
  });

  test("folds to the lanes of HEAD for every work package that HEAD has", () => {
    const board = foldMoves(events);
    const lanes = readLanes();
    const wrong = [...lanes].filter(([key, lane]) => board.get(key) !== lane);
    expect(lanes.size).toBeGreaterThan(150);
    expect(wrong.map(([key, lane]) => `${key}: board ${board.get(key)}, HEAD ${lane}`)).toEqual([]);
  });

  test.skipIf(noScore)("finds what commit subjects and logs tell, and little else", () => {
    const file = join(folder, "events.jsonl");
    writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const { stdout, stderr } = spawnSync("python3", [SCORE, repository, file], { encoding: "utf8" });
    if (stdout === "") throw new Error(stderr);
    console.log(stdout.trim());
    const score: { recall: number; precision: number; duplicate_ids: number } = JSON.parse(stdout);
    expect(score.duplicate_ids).toBe(0);
    expect(score.recall).toBeGreaterThanOrEqual(0.98);
    expect(score.precision).toBeGreaterThanOrEqual(0.98);
  });

  /** The lanes of HEAD by feature and work package, read with nothing of ours: rows, else the folder, else the key. */
  function readLanes(): Map<string, string> {
    const show = (path: string): string => git("-C", repository, "show", `HEAD:${path}`);
    const lanes = new Map<string, string>();
    const paths = git("-C", repository, "ls-tree", "-r", "--name-only", "-z", "HEAD", "kitty-specs").split("\0");
    for (const path of paths) {
      const [, feature, folders, id] = /^kitty-specs\/([^/]+)\/tasks\/(.*\/)?(WP\d\d)(?!\d)[^/]*\.md$/.exec(path) ?? [];
      if (!feature || !id || /^WP/.test(folders ?? "")) continue;
      const frontmatter = show(path).split(/^---$/m)[1] ?? "";
      const lane = folders?.split("/")[0] ?? /^lane:\s*["']?(\w+)/m.exec(frontmatter)?.[1];
      if (lane) lanes.set(`${feature} ${id}`, nameLane(lane));
    }
    for (const path of paths) {
      const feature = /^kitty-specs\/([^/]+)\/status\.events\.jsonl$/.exec(path)?.[1];
      if (!feature) continue;
      const rows = show(path)
        .split("\n")
        .flatMap((line): { at: string; wp_id: string; to_lane: string }[] =>
          line.includes('"to_lane"') ? [JSON.parse(line)] : [],
        )
        .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
      for (const { wp_id, to_lane } of rows) lanes.set(`${feature} ${wp_id}`, nameLane(to_lane));
    }
    return lanes;
  }
});

/** A board as any collector folds it: each work package begins where it was created, then its moves by time, clock and id. */
function foldMoves(events: readonly Envelope[]): Map<string, string> {
  const moves = ofType(events, "WPStatusChanged").toSorted(
    (a, b) =>
      Date.parse(a.timestamp) - Date.parse(b.timestamp) ||
      a.lamport_clock - b.lamport_clock ||
      (a.event_id < b.event_id ? -1 : 1),
  );
  const created = ofType(events, "WPCreated").map(({ payload }) => ({
    ...payload,
    to_lane: payload.lane ?? "planned",
  }));
  const payloads = [...created, ...moves.map(({ payload }) => payload)];
  return new Map(payloads.map(({ feature_slug, wp_id, to_lane }) => [`${feature_slug} ${wp_id}`, to_lane]));
}

function nameLane(lane: string): string {
  return { in_progress: "doing", genesis: "planned", uninitialized: "planned" }[lane] ?? lane;
}

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout.replace(/\n$/, "");
}
