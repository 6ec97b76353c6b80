import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { bufferLines } from "../../src/commands/buffer-lines.ts";
import { createTeller } from "../../src/commands/capture.ts";
import { openHere } from "../../src/commands/open-here.ts";
import { renderQueued } from "../../src/commands/render-queued.ts";
import { withCapture } from "../../src/commands/with-capture.ts";
import type { EventDraft } from "../../src/events/event-draft.ts";
import { acquireLock } from "../../src/queue/lock.ts";
import { makeCaptured, queuedEvents } from "../helpers/capture.ts";
import { makeWorld } from "../helpers/sync-world.ts";
import { makeContext } from "./cli-context.ts";

const NOON = Date.parse("2026-03-01T12:00:00Z");

/** The draft of a note in the history of a work package. */
function noteOf(text: string, index: number): EventDraft {
  return {
    fact: {
      event_type: "HistoryAdded",
      payload: { feature_slug: "001-login", wp_id: "WP01", entry_type: "note", entry_content: text, author: "claude" },
    },
    feature: "001-login",
    workPackage: "WP01",
    discriminator: [String(index)],
    idTime: NOON,
    time: NOON,
    cause: undefined,
    recordedId: undefined,
    commit: "1".repeat(40),
    layout: "flat",
    kind: "commit",
  };
}

/** Tells notes in a repository of their own; gives what was queued and what was said on stderr. */
async function tell(...texts: string[]) {
  const repository = makeCaptured();
  const { context, written } = makeContext({ cwd: repository.path, env: process.env });
  const queued = await withCapture(await openHere(context), context, async (capture) => {
    const teller = createTeller(capture, { known: "recent" });
    await teller.tell(texts.map(noteOf));
    await teller.tell(texts.slice(0, 1).map(noteOf)); // told already
    await teller.flush();
    return teller.queued;
  });
  const notes = queuedEvents(repository).map(({ payload }) =>
    "entry_content" in payload ? payload.entry_content : "",
  );
  return { queued, notes, stderr: written.stderr };
}

describe("an event that cannot be queued keeps back no other, and is told", () => {
  test("one that is longer than the queue takes", async () => {
    const { queued, notes, stderr } = await tell("before", "x".repeat(70_000), "after");
    expect([queued, notes]).toEqual([2, ["before", "after"]]);
    expect(stderr).toMatch(/^Event \w{26}: longer than 65536 bytes, not queued\.\n$/);
  });

  test("one that is not as the contract wants it", async () => {
    const { queued, notes, stderr } = await tell("before", "", "after");
    expect([queued, notes]).toEqual([2, ["before", "after"]]);
    expect(stderr).toMatch(/^event \w{26} is left out: .*entry_content.*\n$/);
  });
});

test("a queue that cannot be written is a failure of all, and said once", async () => {
  const world = makeWorld();
  mkdirSync(join(world.folder, "queue.jsonl"));
  world.move("doing");
  expect(await world.run("sync status")).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^spec-kitty: .*: queue\.jsonl of the queue cannot be written: EISDIR\. .+\nEISDIR: .+\n.+\n$/,
    ),
  });
});

test("a thousand drafts are queued at once, each id once", async () => {
  const { queued, notes } = await tell(...Array.from({ length: 1001 }, (_, index) => `note ${index}`));
  expect([queued, notes.length, notes.at(-1)]).toEqual([1001, 1001, "note 1000"]);
});

/** Makes a second pass in 10 ms, for whoever waits. */
function makeTimeFly(): void {
  const [start, real] = [performance.now(), Date.now()];
  vi.spyOn(performance, "now").mockImplementation(() => start + (Date.now() - real) * 100);
  onTestFinished(() => void vi.restoreAllMocks());
}

test("a command does not wait for ever for another process that looks, and says so", async () => {
  makeTimeFly();
  const world = makeWorld();
  world.move("doing");
  const release = await acquireLock(`${world.folder}/drain.lock`, { wait: 0, pid: process.pid });
  const { status, stderr } = await world.run("sync status");
  expect([status, stderr]).toEqual([0, "spec-kitty: another process is still looking here; its events come later\n"]);
  release?.();
  expect(await world.run("sync status")).toMatchObject({ stderr: expect.stringMatching(/1 event queued/) });
});

test("when too much waits, every command says what to do", () => {
  const { queue } = makeWorld({ begin: false });
  const counts = { ...queue.counts([]), pending: 10_000, oldestPendingAt: NOON };
  const render = (pending: number): string =>
    renderQueued({ queue: { ...queue, counts: () => ({ ...counts, pending }) }, now: () => NOON + 7_200_000 }, 3);
  const none = { ...queue, counts: () => ({ ...counts, pending: 0, oldestPendingAt: undefined }) };
  expect(renderQueued({ queue: none, now: () => NOON }, 1)).toBe("spec-kitty: 1 event queued [Offline] (0 pending)\n");
  expect(render(10_000)).toBe("spec-kitty: 3 events queued [Offline] (10000 pending, oldest 2 h)\n");
  expect(render(10_001)).toBe(
    "spec-kitty: 3 events queued [Offline] (10001 pending, oldest 2 h)\nspec-kitty: 10,001 events wait for delivery; see: spec-kitty sync status\n",
  );
});

test("lines are written in blocks, the last one by the flush, and no block twice", async () => {
  const blocks: string[] = [];
  const write = async (text: string): Promise<void> => void blocks.push(text);
  const lines = bufferLines({ isTTY: false, columns: 80, write });
  for (let count = 0; count < 100; count++) await lines.add("x".repeat(1023));
  expect(blocks.map(({ length }) => length)).toEqual([65_536]);
  await lines.flush();
  await lines.flush();
  expect(blocks.map(({ length }) => length)).toEqual([65_536, 36_864]);
});
