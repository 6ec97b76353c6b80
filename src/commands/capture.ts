import { hash } from "node:crypto";
import { join } from "node:path";
import { type Bells, openBells } from "../capture/bells.ts";
import { openStateFiles, type StateFiles } from "../capture/state-files.ts";
import { findHome } from "../config/home.ts";
import { nodeId } from "../config/node-id.ts";
import type { Envelope } from "../events/envelope.ts";
import type { EventDraft } from "../events/event-draft.ts";
import { stampDraft } from "../events/stamp-draft.ts";
import { validateCanonical } from "../events/validate-canonical.ts";
import { type ObjectReader, openObjects } from "../git/object-reader.ts";
import { createSnapshotReader, type SnapshotReader } from "../git/read-snapshots.ts";
import type { Repository } from "../git/repository.ts";
import type { LaneNames } from "../model/lane.ts";
import { type NewEvent, TooLong } from "../queue/append-events.ts";
import { type LamportClock, openClock } from "../queue/lamport-clock.ts";
import { openQueue, type Queue } from "../queue/open-queue.ts";
import type { OpenProject } from "./open-project.ts";
import { stampOf } from "./read-events.ts";

/** A repository whose changes are captured: what it takes to look at it, and where its events go. */
export interface Capture extends OpenProject {
  /** `<commonDir>/spec-kitty`. */
  readonly folder: string;
  readonly reader: SnapshotReader;
  readonly store: StateFiles;
  readonly digest: (text: string) => string;
  readonly bells: Bells;
  readonly queue: Queue;
  readonly clock: LamportClock;
  readonly pid: number;
  readonly now: () => number;
  /** Says what went wrong with one event, without ending anything. */
  readonly warn: (text: string) => void;
  close(): void;
}

/** What a capture needs to know of the world. */
export interface CaptureContext {
  /** Of this process, for its locks. */
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly warn: (text: string) => void;
}

/** Opens the capture of a repository; nothing is written until something is told. */
export function openCapture(
  open: OpenProject,
  { pid, env, now, warn }: CaptureContext,
  reading?: ObjectReader,
): Capture {
  const folder = captureFolder(open.repository);
  const clock = openClock({ home: findHome(env), node: nodeId(), now, pid });
  const objects = reading ?? openObjects(open.repository); // last: a process that nobody would end
  return {
    ...open,
    folder,
    reader: createSnapshotReader(objects, open.project),
    store: openStateFiles(join(folder, stateFolder(open.project.laneNames))),
    digest: (text) => hash("sha256", text).slice(0, 32),
    bells: openBells(folder),
    queue: openQueue({ folder, clock, now, pid }),
    pid,
    clock,
    now,
    warn,
    close: objects.close,
  };
}

/** States follow from what lanes are called, too. */
function stateFolder(names: LaneNames): string {
  if (names.size === 0) return "state";
  return `state-${hash("sha256", JSON.stringify([...names].sort())).slice(0, 12)}`;
}

/** Where a repository's queue and all that is captured lie: one folder for all its worktrees. */
export function captureFolder({ commonDir }: Repository): string {
  return join(commonDir, "spec-kitty");
}

/** Queues drafts as they are told, a thousand at a time; each id once in a run. */
export interface Teller {
  tell(drafts: readonly EventDraft[]): Promise<void>;
  /** Queues what is left; durable when it resolves. */
  flush(): Promise<void>;
  /** How many events were queued so far. */
  readonly queued: number;
  readonly idOf: (draft: EventDraft) => string;
}

const MOST_AT_ONCE = 1000;

/** Creates a teller; `known` says how far back the queue looks for events it already has. */
export function createTeller({ queue, project, warn }: Capture, { known }: { known: "recent" | "all" }): Teller {
  const stamp = stampOf(project);
  const told = new Set<string>();
  let waiting: EventDraft[] = [];
  let queued = 0;

  /** One event that is too long for the queue must not keep back the others. */
  async function append(events: readonly NewEvent[]): Promise<readonly Envelope[]> {
    try {
      return await queue.append(events, { known });
    } catch (error) {
      if (!(error instanceof TooLong)) throw error;
      warn(error.message);
      return error.appended;
    }
  }

  async function flush(): Promise<void> {
    const drafts = waiting;
    waiting = [];
    if (drafts.length === 0) return;
    const events = drafts.map((draft) => ({
      id: stamp.idOf(draft),
      stamp: (clock: number) => {
        const event = stampDraft(draft, clock, stamp);
        const errors = validateCanonical(event);
        if (errors.length === 0) return event;
        warn(`event ${event.event_id} is left out: ${errors.join("; ")}`);
        return undefined;
      },
    }));
    queued += (await append(events)).length;
  }

  return {
    flush,
    idOf: stamp.idOf,
    get queued() {
      return queued;
    },
    async tell(drafts) {
      for (const draft of drafts) {
        const id = stamp.idOf(draft);
        if (told.has(id)) continue;
        told.add(id);
        waiting.push(draft);
        if (waiting.length >= MOST_AT_ONCE) await flush();
      }
    },
  };
}
