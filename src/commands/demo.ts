import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../config/package-root.ts";
import { createGit } from "../git/git.ts";
import { importHistory } from "../git/import-history.ts";
import { defineCommand } from "./command.ts";
import { createEventTable } from "./event-table.ts";
import { openProject } from "./open-project.ts";
import { readEvents } from "./read-events.ts";

export const command = defineCommand({
  usage: "demo [--exit]",
  summary: "Show the events of a sample history",
  options: {
    exit: { flag: "--exit", description: "end when everything is shown; today's demo always does" },
  },
  async run(_, { env, stdout, signal }) {
    const folder = await mkdtemp(join(tmpdir(), "spec-kitty-demo-"));
    try {
      await importHistory(
        createGit(folder, { env, explicit: true }),
        join(packageRoot(), "templates/sample-history.fast-export"),
      );
      await stdout.write(
        "A sample history: one team plans and builds two features, with branches, a squash and a revert.\n\n",
      );
      const open = await openProject({ cwd: folder, env, repo: folder });
      const table = createEventTable({ columns: stdout.isTTY ? stdout.columns : 100, colours: stdout.isTTY });
      let commits = 0;
      for await (const { done, events } of readEvents(open, { revisions: [], all: true })) {
        signal.throwIfAborted();
        commits = done;
        for (const event of events) await stdout.write(`${table.row(event)}\n`);
      }
      await stdout.write(`${table.summary()}inferred from ${commits} commits; nothing but git wrote them.\n`);
      await stdout.write("\nIn a repository of your own: spec-kitty events infer --repo <dir>\n");
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  },
});
