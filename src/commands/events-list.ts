import { bufferLines } from "./buffer-lines.ts";
import { defineCommand } from "./command.ts";
import { countedTargets } from "./counted-targets.ts";
import { createEventTable, useColours } from "./event-table.ts";
import { heldEvents } from "./held-events.ts";
import { openHere } from "./open-here.ts";
import { renderListed } from "./render-listed.ts";
import { catchUpFirst, withCapture } from "./with-capture.ts";

export const command = defineCommand({
  usage: "list [--jsonl]",
  summary: "List the events of the queue and its archive with their state",
  options: {
    jsonl: { flag: "--jsonl", description: "JSON lines, as in a pipe, instead of a table" },
  },
  async run({ jsonl }, context) {
    const { env, stdout, stderr, signal } = context;
    const open = await openHere(context);
    await withCapture(open, context, async (capture) => {
      await catchUpFirst(capture, context);
      const table =
        stdout.isTTY && !jsonl
          ? createEventTable({ columns: stdout.columns, colours: useColours(env), states: true })
          : undefined;
      const lines = bufferLines(stdout);
      let empty = true;
      for (const listed of capture.queue.events({ targets: countedTargets(capture.queue) })) {
        signal.throwIfAborted();
        empty = false;
        await lines.add(table ? table.row(listed.event, listed.state) : renderListed(listed));
      }
      for (const event of await heldEvents(capture)) {
        empty = false;
        const held = { position: null, state: "held", event } as const;
        await lines.add(table ? table.row(event, held.state) : renderListed(held));
      }
      await lines.flush();
      if (table) await stdout.write(table.summary());
      if (empty) await stderr.write("no events\n");
    });
  },
});
