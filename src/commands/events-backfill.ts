import { readSeen } from "../capture/seen.ts";
import { Failure } from "../errors.ts";
import { createTeller } from "./capture.ts";
import { defineCommand } from "./command.ts";
import { openHere } from "./open-here.ts";
import { createProgress } from "./progress.ts";
import { readDrafts } from "./read-events.ts";
import { renderCount } from "./render-age.ts";
import { startCapture } from "./start-capture.ts";
import { catchUpFirst, withCapture } from "./with-capture.ts";

export const command = defineCommand({
  usage: "backfill [<range>] [--all]",
  summary: "Queue the events of history that is already there",
  arguments: {
    range: {
      description: "revisions or ranges as git reads them (main~10..main); everything reachable from HEAD without one",
      optional: true,
      repeatable: true,
    },
  },
  options: {
    all: { flag: "--all", description: "every branch, remote branch and tag" },
  },
  async run({ range, all }, context) {
    const { stdout, stderr, signal } = context;
    if (all && range.length > 0) {
      throw new Failure("usage", {
        message: `--all and the range ${range[0]} exclude each other.`,
        nextStep: "Give one of them.",
      });
    }
    const open = await openHere(context);
    return await withCapture(open, context, async (capture) => {
      await catchUpFirst(capture, context);
      const teller = createTeller(capture, { known: "all" });
      const progress = createProgress(stderr);
      let inferred = 0;
      for await (const { done, total, drafts } of readDrafts(open, { revisions: range, all }, teller.idOf)) {
        signal.throwIfAborted();
        inferred += drafts.length;
        await teller.tell(drafts);
        await progress.show({ done, total });
      }
      await teller.flush();
      await progress.clear();
      if (readSeen(capture.folder) === undefined) await startCapture(capture, { backfill: false });
      const known = inferred - teller.queued;
      const rest = known > 0 ? `; ${renderCount(known, "event")} known already` : "";
      await stdout.write(`${renderCount(teller.queued, "event")} queued${rest}\n`);
    });
  },
});
