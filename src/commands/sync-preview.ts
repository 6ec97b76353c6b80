import { previewBatch } from "../sync/preview.ts";
import { bindTarget } from "../sync/target.ts";
import { defineCommand } from "./command.ts";
import { findTarget } from "./find-target.ts";
import { openHere } from "./open-here.ts";
import { renderFor, sourceOf } from "./sync-source.ts";
import { catchUpFirst, withCapture } from "./with-capture.ts";

export const command = defineCommand({
  usage: "preview",
  summary: "Print the bytes that the next delivery would post first",
  async run(_, context) {
    const { stdout, stderr } = context;
    const open = await openHere(context);
    await withCapture(open, context, async (capture) => {
      await catchUpFirst(capture, context);
      const { target, missing } = await findTarget(open, context);
      if (target === undefined) {
        await stderr.write(`${missing}\nWithout it nothing is sent.\n`);
        return;
      }
      const options = { rebind: false, resend: false, now: capture.now() };
      const { counts } = bindTarget(capture.queue.readBinding(), target, options);
      const text = previewBatch(sourceOf(capture, { counts }), { render: renderFor(target.team) });
      if (text === undefined) await stderr.write("nothing is pending\n");
      else await stdout.write(`${text}\n`);
    });
  },
});
