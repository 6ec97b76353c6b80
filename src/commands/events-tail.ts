import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../errors.ts";
import type { QueuedEvent } from "../queue/open-queue.ts";
import { defineCommand } from "./command.ts";
import { countedTargets } from "./counted-targets.ts";
import { createEventTable, useColours } from "./event-table.ts";
import { openHere } from "./open-here.ts";
import { renderListed } from "./render-listed.ts";
import { catchUpFirst, withCapture } from "./with-capture.ts";

/** How many events are shown when no position is given. */
const LAST = 10;
/** How often a follower looks at the queue's files, in ms. */
const PERIOD = 250;

export const command = defineCommand({
  usage: "tail [--follow] [--jsonl] [--after <position>]",
  summary: "Print the newest events of the queue, and those to come",
  options: {
    follow: { flag: "-f, --follow", description: "go on with what is queued from now on" },
    jsonl: { flag: "--jsonl", description: "JSON lines, as in a pipe, instead of a table" },
    after: {
      flag: "--after <position>",
      description: "everything behind this position, 0 for all; the last 10 events without it",
    },
  },
  async run({ follow, jsonl, after }, context) {
    const { env, stdout, signal } = context;
    if (after !== undefined && !/^\d{1,15}$/.test(after)) {
      throw new Failure("usage", {
        message: `"${after}" is no position.`,
        nextStep: "Give the position of an event as `events tail --jsonl` prints it, or 0.",
      });
    }
    const open = await openHere(context);
    await withCapture(open, context, async (capture) => {
      await catchUpFirst(capture, context);
      const table =
        stdout.isTTY && !jsonl
          ? createEventTable({ columns: stdout.columns, colours: useColours(env), states: true })
          : undefined;
      const { queue } = capture;
      const file = join(capture.folder, "queue.jsonl");
      let position = after ?? beforeLast(queue.events({ targets: [] }));
      for (;;) {
        const before = signatureOf(file);
        for (const listed of queue.events({ targets: countedTargets(queue), after: position })) {
          signal.throwIfAborted();
          position = listed.position;
          await stdout.write(`${table ? table.row(listed.event, listed.state) : renderListed(listed)}\n`);
        }
        if (!follow) return;
        while (signatureOf(file) === before) await sleep(PERIOD, undefined, { signal });
      }
    });
  },
});

/** The position before the last few events. */
function beforeLast(events: Iterable<QueuedEvent>): string {
  const last = ["0"];
  for (const { position } of events) {
    last.push(position);
    if (last.length > LAST + 1) last.shift();
  }
  return last[0] ?? "0";
}

/** Changes whenever something is appended, and when the file gives way to a new one. */
function signatureOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return `${stat?.ino} ${stat?.size}`;
}
