import { Failure } from "../errors.ts";
import type { Drained } from "../sync/drain.ts";
import { defineCommand } from "./command.ts";
import { countedTargets } from "./counted-targets.ts";
import { bind, type Delivered, deliver } from "./deliver.ts";
import { type FoundTarget, findTarget } from "./find-target.ts";
import { openHere } from "./open-here.ts";
import { catchUpFirst, withCapture } from "./with-capture.ts";

export const command = defineCommand({
  usage: "now [--json] [--strict] [--limit <n>] [--rebind] [--resend] [--server <url>] [--team <slug>]",
  summary: "Deliver what waits in the queue",
  options: {
    json: { flag: "--json", description: "print one JSON object" },
    strict: { flag: "--strict", description: "end with 3 if there are dead letters" },
    limit: { flag: "--limit <n>", description: "deliver this many events at most" },
    rebind: { flag: "--rebind", description: "deliver to another server or team from now on" },
    resend: { flag: "--resend", description: "with --rebind: deliver again what was delivered before" },
    server: { flag: "--server <url>", description: "the collector, for this run" },
    team: { flag: "--team <slug>", description: "the team, for this run" },
  },
  async run({ json, strict, limit, rebind, resend, server, team }, context) {
    const { stdout } = context;
    const most = parseLimit(limit);
    const open = await openHere(context);
    const found = await findTarget(open, context, { server, team });
    return await withCapture(open, context, async (capture) => {
      const { queue, now } = capture;
      const { target } = found;
      const binding = target && bind(queue, target, { rebind, resend, now: now() });
      await catchUpFirst(capture, context);
      const { drained, counts } =
        target && binding
          ? await deliver(capture, context, { target, binding, limit: most })
          : { drained: nothing(found), counts: queue.counts(countedTargets(queue)) };
      const { delivered: synced, duplicate: duplicates, skipped, stopped } = drained;
      const result = { synced, duplicates, skipped, pending: counts.pending, dead: counts.dead, stopped };
      await stdout.write(json ? `${JSON.stringify(result)}\n` : renderResult({ drained, counts, found }));
      if (resend) await context.stderr.write(AGED);
      if (strict && counts.dead > 0) return 3;
      return counts.pending > 0 ? 1 : 0;
    });
  },
});

/** Without a target nothing is sent. */
function nothing({ missing = "" }: FoundTarget): Drained {
  const totals = { delivered: 0, duplicate: 0, skipped: 0, dead: 0, failed: 0, undecided: 0, posts: 0 };
  return { ...totals, stopped: { why: "paused", message: missing } };
}

/** What is older than the archive is not there to be sent again; git still has it. */
const AGED = "Events that were delivered more than a week ago: spec-kitty events backfill --all, then sync now again\n";

function parseLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Failure("usage", {
    message: `--limit ${text} is no number of events.`,
    nextStep: "Give a whole number from 1.",
  });
}

function renderResult({ drained, counts, found }: Delivered & { found: FoundTarget }): string {
  const { delivered, duplicate, skipped, stopped } = drained;
  const numbers = { synced: delivered, duplicates: duplicate, skipped, pending: counts.pending, dead: counts.dead };
  const line = Object.entries(numbers).map(([name, count]) => `${name} ${count}`);
  const where = found.target ? ` to ${found.target.server} for team ${found.target.team}` : "";
  const dead =
    counts.dead > 0 ? "See the dead letters: spec-kitty events list; try them again: spec-kitty sync retry\n" : "";
  return `${line.join(", ")}${where}\n${stopped.message === "" ? "" : `${stopped.message}\n`}${dead}`;
}
