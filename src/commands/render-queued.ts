import { connectionState } from "../sync/connection-state.ts";
import { parseHints } from "../sync/hints.ts";
import type { Capture } from "./capture.ts";
import { countedTargets } from "./counted-targets.ts";
import { renderAge, renderCount } from "./render-age.ts";

/** Above so many pending events something is wrong with the delivery, and everybody should hear of it. */
const LOUD = 10_000;

/** Renders what a look queued, `spec-kitty: 2 events queued [Offline] (5 pending, oldest 3 h)`, and a warning if too much waits. */
export function renderQueued({ queue, now }: Pick<Capture, "queue" | "now">, queued: number): string {
  const { pending, oldestPendingAt } = queue.counts(countedTargets(queue));
  const state = connectionState(parseHints(queue.readHints()), { target: queue.readBinding() !== undefined });
  const oldest = oldestPendingAt === undefined ? "" : `, oldest ${renderAge(now() - oldestPendingAt)}`;
  const line = `spec-kitty: ${renderCount(queued, "event")} queued [${state}] (${pending} pending${oldest})\n`;
  if (pending <= LOUD) return line;
  return `${line}spec-kitty: ${renderCount(pending, "event")} wait for delivery; see: spec-kitty sync status\n`;
}
