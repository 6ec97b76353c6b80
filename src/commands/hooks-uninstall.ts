import { relative } from "node:path";
import { Failure } from "../errors.ts";
import { createGit } from "../git/git.ts";
import { uninstallHooks } from "../git/hooks/uninstall-hooks.ts";
import { openRepository } from "../git/repository.ts";
import { defineCommand } from "./command.ts";

export const command = defineCommand({
  usage: "uninstall [--purge]",
  summary: "Take the hooks out again; every other byte stays",
  options: {
    purge: { flag: "--purge", description: "remove the queue and everything else of ours in the git directory, too" },
  },
  async run({ purge }, { cwd, env, stdout }) {
    const { git, commonDir } = await openRepository(createGit(cwd, { env, explicit: false }));
    const hooks = uninstallHooks(commonDir, { purge });
    for (const { path, outcome } of hooks) await stdout.write(`${outcome.padEnd(9)} ${relative(cwd, path)}\n`);
    const torn = hooks.find(({ outcome }) => outcome === "refused");
    if (torn) {
      throw new Failure("failed", {
        message: `${torn.path}: the end of the spec-kitty block is missing.`,
        nextStep: "Remove it by hand, then run this again.",
      });
    }
    if (purge) await git.ask(["config", "--local", "--unset", "spec-kitty.project"]);
    await stdout.write(purge ? "Nothing of spec-kitty is left.\n" : "What is queued is kept; --purge removes it.\n");
  },
});
