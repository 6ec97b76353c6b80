import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";
import { writeClaims } from "../../src/capture/claims.ts";
import { openCapture } from "../../src/commands/capture.ts";
import { heldEvents } from "../../src/commands/held-events.ts";
import { openProject } from "../../src/commands/open-project.ts";
import { runCli } from "../../src/commands/run-cli.ts";
import { openClock } from "../../src/queue/lamport-clock.ts";
import { openQueue } from "../../src/queue/open-queue.ts";
import { type Captured, makeCaptured, queuedEvents, runIn } from "../helpers/capture.ts";
import { makeContext } from "./cli-context.ts";

const TARGET = "a target";

function queueOf({ folder }: Captured) {
  return openQueue({ folder, now: Date.now, clock: openClock({ home: folder, node: "0", now: Date.now }) });
}

async function list(repository: Captured, ...words: string[]) {
  const { status, stdout, stderr } = await runIn(repository.path, "events", "list", ...words);
  const lines = stdout.split("\n").filter(Boolean);
  return { status, stderr, listed: lines.map((line) => JSON.parse(line)) };
}

test("it catches up first, and says so on stderr alone", async () => {
  const repository = makeCaptured();
  repository.move("doing");
  repository.move("doing", { id: "WP02" });
  const { status, stderr, listed } = await list(repository);
  expect(status).toBe(0);
  expect(stderr).toMatch(/^spec-kitty: 2 events queued \[\w+\] \(2 pending, oldest .+\)\n$/);
  expect(listed.map(({ state, event }) => [state, event.aggregate_id])).toEqual([
    ["pending", "WP01"],
    ["pending", "WP02"],
  ]);
  expect(listed.map(({ event }) => event)).toEqual(queuedEvents(repository));
  expect((await list(repository)).stderr).toBe("");
});

test("each event is there once, in append order, with its state, wherever its segment lies", async () => {
  const repository = makeCaptured();
  const queue = queueOf(repository);
  queue.writeBinding({ server: "https://example.invalid", team: "t", counts: [TARGET] });
  for (const lane of ["doing", "for_review", "done", "doing"]) {
    repository.move(lane);
    await list(repository);
    queue.maintain({ targets: [TARGET], force: true });
  }
  const [delivered, skipped, dead] = queuedEvents(repository).map(({ event_id: id }) => id);
  const ack = { target: TARGET, at: Date.now() };
  queue.settle([
    { id: delivered ?? "", verdict: "delivered", ...ack },
    { id: skipped ?? "", verdict: "skipped", ...ack },
    { id: dead ?? "", verdict: "dead", reason: "nobody wants it", ...ack },
  ]);
  const before = await list(repository);
  expect(before.listed.map(({ state, reason }) => [state, reason])).toEqual([
    ["delivered", undefined],
    ["skipped", undefined],
    ["dead", "nobody wants it"],
    ["pending", undefined],
  ]);
  const positions = before.listed.map(({ position }) => Number(position));
  expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
  queue.maintain({ targets: [TARGET] });
  expect(await list(repository)).toEqual(before);
});

test("on a terminal it is a table with states; --jsonl is the same there as in a pipe", async () => {
  const repository = makeCaptured();
  repository.move("doing");
  await list(repository);
  const screens: string[] = [];
  for (const words of [[], ["--jsonl"]]) {
    let screen = "";
    const write = async (text: string) => {
      screen += text;
    };
    const stdout = { isTTY: true, columns: 100, write };
    const { context } = makeContext({ cwd: repository.path, env: { ...process.env, NO_COLOR: "1" }, stdout });
    expect(await runCli(["events", "list", ...words], context)).toBe(0);
    screens.push(screen);
  }
  expect(screens[0]).toMatch(/pending.*WP01.*planned.*doing/s);
  expect(screens[1]).toBe((await runIn(repository.path, "events", "list")).stdout);
});

test("an empty queue is said on stderr, so that a pipe stays empty", async () => {
  const repository = makeCaptured();
  expect(await list(repository)).toEqual({ status: 0, stderr: "no events\n", listed: [] });
});

test("it lists the one queue from every worktree", async () => {
  const repository = makeCaptured();
  repository.git("worktree", "add", "-q", "-b", "topic", repository.beside("w"));
  repository.move("doing", { at: repository.beside("w") });
  const { stdout } = await runIn(join(repository.beside("w"), "kitty-specs"), "events", "list");
  expect(stdout).toContain('"to_lane":"doing"');
  expect((await runIn(repository.path, "events", "list")).stdout).toBe(stdout);
});

test("a claim whose commit git has lost is not listed", async () => {
  const repository = makeCaptured();
  const claim = { worktree: "w@1", feature: "001-login", workPackage: "WP01", at: 1, commit: "f".repeat(40) };
  const open = await openProject({ cwd: repository.path, env: process.env });
  const capture = openCapture(open, { env: process.env, pid: process.pid, now: Date.now, warn: () => {} });
  writeClaims(repository.folder, [claim]);
  expect(await heldEvents(capture)).toEqual([]);
  capture.close();
});

test("files of ours that cannot be written keep back nothing that is queued, and are named", async () => {
  const repository = makeCaptured();
  repository.move("doing");
  await list(repository);
  repository.move("done");
  rmSync(join(repository.folder, "state"), { recursive: true });
  writeFileSync(join(repository.folder, "state"), "");
  const { status, listed, stderr } = await list(repository);
  expect([status, listed.length]).toEqual([0, 1]);
  expect(stderr).toMatch(
    /^spec-kitty: what happened since the last look is not queued yet: .*\/state.* Make it writable/,
  );
});
