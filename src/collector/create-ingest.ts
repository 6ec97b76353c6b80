import type { Bell } from "./bell.ts";
import type { Recorded, Store, Submission } from "./store.ts";

/** How many requests may share a transaction; one that is refused by the disk fails them all. */
const LARGEST_GROUP = 64;

/** Stores a submission; resolves when it is durable. */
export type Ingest = (submission: Submission) => Promise<Recorded>;

interface Waiting {
  readonly submission: Submission;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: unknown) => void;
}

/** Creates an ingest that commits requests of the same turn of the event loop together: many share one fsync. */
export function createIngest(store: Store, bell: Bell): Ingest {
  let waiting: Waiting[] = [];
  const commit = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const recorded = await store.record(group.map(({ submission }) => submission));
      for (const team of new Set(group.map(({ submission }) => submission.team.id))) bell.ring(team);
      for (const [index, { resolve, reject }] of group.entries()) {
        const own = recorded[index];
        if (own) resolve(own);
        else reject(new TypeError("the store has lost a submission"));
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };
  const flush = async (): Promise<void> => {
    const all = waiting;
    waiting = [];
    for (let start = 0; start < all.length; start += LARGEST_GROUP) {
      await commit(all.slice(start, start + LARGEST_GROUP));
    }
  };
  return (submission) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(() => void flush());
      waiting.push({ submission, resolve, reject });
    });
}
