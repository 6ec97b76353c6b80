import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { readSeen, type Seen } from "../../src/capture/seen.ts";
import { type Capture, openCapture } from "../../src/commands/capture.ts";
import { type CaughtUp, catchUp } from "../../src/commands/catch-up.ts";
import { openProject } from "../../src/commands/open-project.ts";
import { runCli } from "../../src/commands/run-cli.ts";
import { startCapture } from "../../src/commands/start-capture.ts";
import type { Envelope } from "../../src/events/envelope.ts";
import { openClock } from "../../src/queue/lamport-clock.ts";
import { openQueue } from "../../src/queue/open-queue.ts";
import { makeContext } from "../commands/cli-context.ts";
import { inferAll } from "./infer.ts";
import { makeRepository, type TestRepository } from "./repository.ts";
import { workPackage } from "./work-package.ts";

export const TASKS = "kitty-specs/001-login/tasks";

type Folder = Pick<Captured, "folder">;

/** A repository with two planned work packages, and where its events go. */
export interface Captured extends TestRepository {
  /** `<commonDir>/spec-kitty`. */
  readonly folder: string;
  /** The path of something beside the repository. */
  beside(name: string): string;
  /** Commits, here or in another worktree, that a work package is in a lane, and gives the oid. */
  move(lane: string, options?: { id?: string; at?: string }): string;
}

interface CapturedOptions {
  readonly begin?: boolean;
  readonly copyOf?: string;
  /** Registers the removal, as that of any repository. */
  readonly onFinish?: (remove: () => void) => void;
}

const inLane = (id: string, lane: string) => ({ path: `${TASKS}/${id}.md`, text: workPackage({ id, lane }) });

/** What each test starts with is made once. */
const planned = makeRepository({ onFinish: afterAll });
planned.commit("Start", { files: { "README.md": "1\n" } });
for (const { path, text } of ["WP01", "WP02"].map((id) => inLane(id, "planned"))) planned.write(path, text);
planned.commit("Plan");
const begun = makeRepository({ onFinish: afterAll, copyOf: planned.path });
await beginCapture(begun.path);

/** Creates a repository; what is captured begins behind its first commits, unless `begin` is false or it is a copy. */
export function makeCaptured({ begin = true, copyOf, ...options }: CapturedOptions = {}): Captured {
  const repository = makeRepository({ ...options, copyOf: copyOf ?? (begin ? begun.path : planned.path) });
  return {
    ...repository,
    folder: folderOf(repository.path),
    beside: (name) => join(dirname(repository.path), name),
    move(lane, { id = "WP01", at = repository.path } = {}) {
      const { path, text } = inLane(id, lane);
      mkdirSync(dirname(join(at, path)), { recursive: true });
      writeFileSync(join(at, path), text);
      repository.git("-C", at, "add", "--all");
      repository.git("-C", at, "commit", "-q", "-m", `${id} is ${lane}`);
      return repository.git("-C", at, "rev-parse", "HEAD");
    },
  };
}

/** Where the events of a repository that is no linked worktree go. */
export function folderOf(path: string): string {
  return join(path, ".git/spec-kitty");
}

/** What went wrong with single events is thrown: there is no such thing in a test that does not expect it. */
async function withCapture<Result>(
  path: string,
  action: (capture: Capture) => Promise<Result>,
  now: () => number = Date.now,
): Promise<Result> {
  const warn = (text: string): never => {
    throw new Error(text);
  };
  const open = await openProject({ cwd: path, env: process.env });
  const capture = openCapture(open, { env: process.env, pid: process.pid, now, warn });
  try {
    return await action(capture);
  } finally {
    capture.close();
  }
}

/** Begins to capture, as `hooks install` does. */
export async function beginCapture(path: string, { backfill = false } = {}): Promise<void> {
  await withCapture(path, (capture) => startCapture(capture, { backfill }));
}

/** Looks at a repository, as each hook and command does, and gives how many events that queued. */
export async function look(path: string, { now }: { now?: () => number } = {}): Promise<number> {
  const lookOnce = (capture: Capture) => catchUp(capture, { wait: 5000 });
  const { queued, complete }: CaughtUp = await withCapture(path, lookOnce, now);
  if (!complete) throw new Error("somebody else is looking");
  return queued;
}

/** The events of a queue, oldest first. */
export function queuedEvents({ folder }: Folder): Envelope[] {
  const clock = openClock({ home: folder, node: "0".repeat(12), now: Date.now });
  const queue = openQueue({ folder, clock, now: Date.now });
  return [...queue.events({ targets: [] })].map(({ event }) => event);
}

/** A queue's moves in one line each: `WP01 planned>doing`, with what showed it where that was no commit. */
export function queuedMoves(place: Folder): string[] {
  return queuedEvents(place).flatMap(({ event_type, payload, source }) => {
    if (event_type !== "WPStatusChanged") return [];
    const kind = source.kind === "commit" ? "" : ` (${source.kind})`;
    return [`${payload.wp_id} ${payload.from_lane}>${payload.to_lane}${kind}`];
  });
}

/** Ids of all queued events that commits show, sorted. */
export function queuedIds(place: Folder): string[] {
  return sortedIds(queuedEvents(place).filter(({ source }) => source.kind === "commit"));
}

/** Ids of all events that revisions imply when nothing is known before, sorted. */
export async function impliedIds(path: string, ...revisions: string[]): Promise<string[]> {
  return sortedIds(await inferAll(path, { revisions }));
}

function sortedIds(events: readonly Envelope[]): string[] {
  return events.map(({ event_id }) => event_id).sort();
}

/** What was seen, where capturing has begun. */
export function seenIn({ folder }: Folder): Seen {
  const seen = readSeen(folder);
  if (!seen) throw new Error(`capturing never began in ${folder}`);
  return seen;
}

/** Runs a command of ours in a directory, in this process. */
export async function runIn(path: string, ...words: string[]) {
  const { context, written } = makeContext({ cwd: path, env: process.env });
  const status = await runCli(words, context);
  return { status, ...written };
}
