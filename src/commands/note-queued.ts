import { connectionState } from "../sync/connection-state.ts";
import { parseHints } from "../sync/hints.ts";
import type { Capture } from "./capture.ts";
import type { Output } from "./command.ts";
import { countedTargets } from "./counted-targets.ts";
import { renderAge, renderCount } from "./render-age.ts";

/** Above so many pending events something is wrong with the delivery, and everybody should hear of it. */
const LOUD = 10_000;

/** Says on stderr that a command of ours queued events: `spec-kitty: 2 events queued [Offline] (5 pending, oldest 3 h)`. */
export async function noteQueued(
  { queue, now }: Pick<Capture, "queue" | "now">,
  { queued, stderr }: { queued: number; stderr: Output },
): Promise<void> {
  const { pending, oldestPendingAt } = queue.counts(countedTargets(queue));
  const state = connectionState(parseHints(queue.readHints()), { target: queue.readBinding() !== undefined });
  const oldest = oldestPendingAt === undefined ? "" : `, oldest ${renderAge(now() - oldestPendingAt)}`;
  await stderr.write(`spec-kitty: ${renderCount(queued, "event")} queued [${state}] (${pending} pending${oldest})\n`);
  if (pending > LOUD) {
    await stderr.write(`spec-kitty: ${renderCount(pending, "event")} wait for delivery; see: spec-kitty sync status\n`);
  }
}
