import type { Queue } from "../queue/open-queue.ts";

/** The targets whose answers count in a repository: none before its first sync. */
export function countedTargets(queue: Queue): readonly string[] {
  return queue.readBinding()?.counts ?? [];
}
