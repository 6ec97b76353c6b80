import { resolve } from "node:path";
import { Failure } from "../errors.ts";
import { EVENT_TYPES, type EventType } from "../events/envelope.ts";
import { render028 } from "../events/render-028.ts";
import { validateEvent } from "../events/validate-event.ts";
import { bufferLines } from "./buffer-lines.ts";
import { defineCommand } from "./command.ts";
import { createEventTable, useColours } from "./event-table.ts";
import { openHere } from "./open-here.ts";
import { createProgress } from "./progress.ts";
import { readEvents } from "./read-events.ts";

export const command = defineCommand({
  usage: "infer [<range>] [--all] [--repo <dir>] [--jsonl] [--feature <slug>] [--type <type>]",
  summary: "Print the events that git history implies",
  arguments: {
    range: {
      description: "revisions or ranges as git reads them (main~10..main); everything reachable from HEAD without one",
      optional: true,
      repeatable: true,
    },
  },
  options: {
    all: { flag: "--all", description: "every branch, remote branch and tag" },
    repo: { flag: "--repo <dir>", description: "the repository, bare or not; the current directory without it" },
    jsonl: { flag: "--jsonl", description: "JSON lines, as in a pipe, instead of a table" },
    feature: { flag: "--feature <slug>", description: "events of this feature only" },
    type: { flag: "--type <type>", description: "events of this type only", choices: EVENT_TYPES },
  },
  async run({ range, all, repo, jsonl, feature, type }, context) {
    const { cwd, env, stdout, stderr, signal } = context;
    if (all && range.length > 0) {
      throw new Failure("usage", {
        message: `--all and the range ${range[0]} exclude each other.`,
        nextStep: "Give one of them.",
      });
    }
    const open = await openHere(context, repo === undefined ? undefined : resolve(cwd, repo));
    const team = env["SPEC_KITTY_TEAM"] || open.project.team || "local";
    const table =
      stdout.isTTY && !jsonl ? createEventTable({ columns: stdout.columns, colours: useColours(env) }) : undefined;
    const progress = createProgress(stderr);
    const lines = bufferLines(stdout);
    let known = false;
    let invalid = 0;
    const wanted = (event: { feature: string; type: EventType }): boolean =>
      (feature === undefined || event.feature === feature) && (type === undefined || event.type === type);
    for await (const told of readEvents(open, { revisions: range, all, wanted })) {
      signal.throwIfAborted();
      known ||= told.workPackages;
      for (const event of told.events) {
        const errors = validateEvent(event, { profile: "canonical" });
        if (errors.length > 0) {
          invalid += 1;
          await stderr.write(`${event.event_id} is left out: ${errors.join("; ")}\n`);
          continue;
        }
        await lines.add(table ? table.row(event) : JSON.stringify(render028(event, { team })));
      }
      await progress.show(told);
    }
    await progress.clear();
    await lines.flush();
    if (table) await stdout.write(table.summary());
    if (!known) await stderr.write("no work packages\n");
    return invalid > 0 ? 1 : 0;
  },
});
