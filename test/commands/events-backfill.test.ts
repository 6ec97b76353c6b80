import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  type Captured,
  impliedIds,
  look,
  makeCaptured,
  queuedEvents,
  queuedIds,
  queuedMoves,
  runIn,
  seenIn,
} from "../helpers/capture.ts";

const backfill = (repository: Captured, ...words: string[]) => runIn(repository.path, "events", "backfill", ...words);

/** Three moves on main, one more on a branch, one behind a tag. */
function start({ begin = false } = {}): Captured {
  const repository = makeCaptured({ begin });
  for (const lane of ["doing", "for_review", "done"]) repository.move(lane);
  repository.git("switch", "-q", "-c", "topic", "HEAD~2");
  repository.move("doing", { id: "WP02" });
  repository.git("switch", "-q", "--detach");
  repository.move("done", { id: "WP02" });
  repository.git("tag", "v1");
  repository.git("switch", "-q", "main");
  return repository;
}

test("all that HEAD's history implies is queued, once, however often it runs", async () => {
  const repository = start();
  const implied = await impliedIds(repository.path, "HEAD");
  expect(await backfill(repository)).toEqual({ status: 0, stdout: `${implied.length} events queued\n`, stderr: "" });
  expect(queuedIds(repository)).toEqual(implied);
  const queue = readFileSync(join(repository.folder, "queue.jsonl"), "utf8");
  const again = { status: 0, stdout: `0 events queued; ${implied.length} events known already\n`, stderr: "" };
  expect(await backfill(repository)).toEqual(again);
  expect(readFileSync(join(repository.folder, "queue.jsonl"), "utf8")).toBe(queue);
});

test("a range queues its own events, told as if all before were known", async () => {
  const repository = start();
  await backfill(repository, "HEAD~2..HEAD");
  expect(queuedMoves(repository)).toEqual(["WP01 doing>for_review", "WP01 for_review>done"]);
  expect(queuedIds(repository)).toEqual(await impliedIds(repository.path, "HEAD~2..HEAD"));
  await backfill(repository, "topic", "^main");
  expect(queuedMoves(repository).at(-1)).toBe("WP02 planned>doing");
  expect((await backfill(repository)).stdout).toMatch(/^\d+ events queued; 2 events known already\n$/);
});

test("--all queues every branch and tag", async () => {
  const repository = start();
  await backfill(repository, "--all");
  expect(queuedIds(repository)).toEqual(await impliedIds(repository.path, "main", "topic", "v1"));
  expect(queuedMoves(repository)).toHaveLength(5);
});

test("it begins to capture: what comes next is told, what other branches had is not", async () => {
  const repository = start();
  await backfill(repository);
  repository.git("switch", "-q", "topic");
  expect(await look(repository.path)).toBe(0);
  repository.move("for_review", { id: "WP02" });
  expect(await look(repository.path)).toBe(1);
});

test("where capturing began long ago, it catches up first and leaves what was seen alone", async () => {
  const repository = start({ begin: true });
  const { status, stderr } = await backfill(repository);
  expect([status, stderr]).toEqual([0, expect.stringMatching(/^spec-kitty: 3 events queued \[\w+\]/)]);
  expect(queuedIds(repository)).toEqual(await impliedIds(repository.path, "HEAD"));
  expect(seenIn(repository).tips).toEqual([repository.git("rev-parse", "HEAD")]);
});

test("events that were told already keep their place and clock", async () => {
  const repository = start({ begin: true });
  await look(repository.path);
  const before = queuedEvents(repository);
  await backfill(repository, "--all");
  const after = queuedEvents(repository);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(new Set(after.map(({ event_id }) => event_id)).size).toBe(after.length);
  const clocks = after.map(({ lamport_clock }) => lamport_clock);
  expect(clocks).toEqual(clocks.toSorted((a, b) => a - b));
});

test("a repository without a commit has nothing to queue, and is captured from its first one on", async () => {
  const repository = makeCaptured({ begin: false });
  repository.git("checkout", "-q", "--orphan", "empty");
  repository.git("branch", "-q", "-D", "main");
  expect(await backfill(repository)).toMatchObject({ status: 0, stdout: "0 events queued\n" });
  repository.move("doing");
  await look(repository.path);
  expect(queuedIds(repository)).toEqual(await impliedIds(repository.path, "HEAD"));
});

test.each([
  ["--all with a range", ["--all", "main"], 2, "--all and the range main exclude each other."],
  ["no revision", ["nonsense"], 1, '"nonsense" is no revision or range of this repository.'],
  ["an option of git", ["--", "--upload-pack=touch"], 1, "is no revision or range"],
])("what it cannot read it refuses, and queues nothing: %s", async (_, words, status, message) => {
  const repository = start();
  const result = await backfill(repository, ...words);
  expect(result).toMatchObject({ status, stdout: "", stderr: expect.stringContaining(message) });
  expect(queuedEvents(repository)).toEqual([]);
});
