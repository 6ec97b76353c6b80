import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Envelope } from "../../src/events/envelope.ts";
import { openClock } from "../../src/queue/lamport-clock.ts";
import { type Ack, type NewEvent, openQueue, type Queue } from "../../src/queue/open-queue.ts";

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const TARGET = "https://collector.example one-team";

/** A queue in a temporary folder, with a clock of its own and a time that stands still. */
export interface TestQueue {
  readonly root: string;
  readonly folder: string;
  readonly home: string;
  readonly queue: Queue;
  readonly time: { now: number };
  /** Opens the same queue once more, as another process would. */
  reopen(): Queue;
  /** Appends events by number and gives their ids. */
  add(...numbers: number[]): Promise<string[]>;
  settle(verdict: Ack["verdict"], ...numbers: number[]): void;
  /** Moves what is settled through seal and archive. */
  archive(): void;
  states(targets?: string[]): Record<string, string>;
  pending(targets?: string[]): string[];
}

/** A folder of its own for one test. */
export function makeFolder(parent = tmpdir()): string {
  const root = mkdtempSync(join(parent, "spec-kitty-queue-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  return root;
}

export function makeQueue(root = makeFolder()): TestQueue {
  const folder = join(root, "my repo/.git/spec-kitty");
  const home = join(root, "home");
  const time = { now: Date.now() };
  const reopen = (): Queue =>
    openQueue({ folder, now: () => time.now, clock: openClock({ home, node: "0123456789ab", now: () => time.now }) });
  const queue = reopen();
  return {
    root,
    folder,
    home,
    queue,
    time,
    reopen,
    async add(...numbers) {
      return (
        await queue.append(
          numbers.map((n) => newEvent(n)),
          { known: "recent" },
        )
      ).map(({ event_id }) => event_id);
    },
    settle(verdict, ...numbers) {
      queue.settle(numbers.map((n) => ({ id: idOf(n), target: TARGET, verdict, at: time.now })));
    },
    archive() {
      queue.maintain({ targets: [TARGET], force: true });
      time.now += 11 * MINUTE;
      queue.maintain({ targets: [TARGET] });
    },
    states(targets = [TARGET]) {
      return Object.fromEntries(
        [...queue.events({ targets })].map(({ event, state }) => [numberOf(event.event_id), state]),
      );
    },
    pending(targets = [TARGET]) {
      return [...queue.pending(targets)].map(({ event }) => numberOf(event.event_id));
    },
  };
}

export function idOf(number: number): string {
  return `01HZY3JQ4T8M0V5R${String(number).padStart(10, "0")}`;
}

export function numberOf(id: string): string {
  return String(Number(id.slice(16)));
}

/** All of it is spelled out: golden files of old releases hold it. */
export function eventOf(number: number, { clock = 1, text = "began" } = {}): Envelope {
  return {
    event_id: idOf(number),
    event_type: "HistoryAdded",
    aggregate_id: "WP01",
    aggregate_type: "WorkPackage",
    payload: {
      feature_slug: "012-login",
      wp_id: "WP01",
      entry_type: "note",
      entry_content: text,
      author: "claude",
    },
    node_id: "0123456789ab",
    lamport_clock: clock,
    causation_id: null,
    timestamp: "2026-02-04T10:00:00.000Z",
    project_uuid: null,
    project_slug: "shop",
    git_branch: "main",
    head_commit_sha: null,
    repo_slug: null,
    source: {
      project: "7d444840-9dc0-5fd1-b245-5ffdce74fad2",
      commit: "0123456789abcdef0123456789abcdef01234567",
      layout: "flat",
      kind: "commit",
    },
  };
}

export function newEvent(number: number, text?: string): NewEvent {
  return { id: idOf(number), stamp: (clock) => eventOf(number, { clock, ...(text !== undefined && { text }) }) };
}
