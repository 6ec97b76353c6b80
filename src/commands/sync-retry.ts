import { Failure } from "../errors.ts";
import { defineCommand } from "./command.ts";
import { countedTargets } from "./counted-targets.ts";
import { openHere } from "./open-here.ts";
import { renderCount } from "./render-age.ts";
import { catchUpFirst, withCapture } from "./with-capture.ts";

export const command = defineCommand({
  usage: "retry [<event-id>...]",
  summary: "Put dead letters back into the queue",
  arguments: {
    eventId: { description: "which ones; all of them without any", optional: true, repeatable: true },
  },
  async run({ eventId }, context) {
    const { stdout } = context;
    const open = await openHere(context);
    await withCapture(open, context, async (capture) => {
      await catchUpFirst(capture, context);
      const { queue, now } = capture;
      const targets = countedTargets(queue);
      const dead = new Set<string>();
      for (const { state, event } of queue.events({ targets })) if (state === "dead") dead.add(event.event_id);
      const unknown = eventId.find((id) => !dead.has(id));
      if (unknown !== undefined) {
        throw new Failure("failed", {
          message: `"${unknown}" is no dead letter of this repository.`,
          nextStep: "`spec-kitty events list` shows which events are dead.",
        });
      }
      const chosen = eventId.length > 0 ? [...new Set(eventId)] : [...dead];
      const at = now();
      if (chosen.length > 0) {
        queue.settle(chosen.flatMap((id) => targets.map((target) => ({ id, target, verdict: "retry" as const, at }))));
      }
      await stdout.write(`${renderCount(chosen.length, "event")} put back; deliver them: spec-kitty sync now\n`);
    });
  },
});
