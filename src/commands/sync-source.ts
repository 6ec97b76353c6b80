import { renderFor028 } from "../events/render-028.ts";
import type { Render } from "../sync/batches.ts";
import type { Source } from "../sync/source.ts";
import type { Capture } from "./capture.ts";

/** What a drain gets of a queue for one target; `limit` is how many events it sees at most, from 1. */
export function sourceOf(
  { queue, clock }: Pick<Capture, "queue" | "clock">,
  { counts, limit }: { counts: readonly string[]; limit?: number | undefined },
): Source {
  const target = counts.at(-1) ?? "";
  return {
    pending: () => (limit === undefined ? queue.pending(counts) : first(queue.pending(counts), limit)),
    settle: (settlements) => queue.settle(settlements.map((settlement) => ({ ...settlement, target }))),
    readHints: queue.readHints,
    writeHints: queue.writeHints,
    receiveClock: clock.receive,
  };
}

/** How events are shown to a team's collector. */
export function renderFor(team: string): Render {
  return (event) => renderFor028(event, { team });
}

function* first<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let left = count;
  for (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
}
