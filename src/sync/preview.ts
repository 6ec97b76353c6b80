import { createBatchSize } from "./batch-size.ts";
import { LIMITS, type Limits, openBatches, type Render, textOf } from "./batches.ts";
import { parseHints } from "./hints.ts";
import type { Source } from "./source.ts";

/** Gives exactly the JSON text that the next drain would post first, and sends nothing; undefined if it would post none. */
export function previewBatch(
  source: Pick<Source, "pending" | "readHints">,
  { render, limits = LIMITS }: { readonly render: Render; readonly limits?: Limits },
): string | undefined {
  const size = createBatchSize(limits, parseHints(source.readHints()));
  const batches = openBatches(source.pending(), render);
  try {
    for (;;) {
      const { entries, unsendable } = batches.next(size.limits());
      if (entries.length > 0) return textOf(entries);
      if (unsendable.length === 0) return undefined;
    }
  } finally {
    batches.close();
  }
}
