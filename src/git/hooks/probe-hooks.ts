import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createGit, type Git } from "../git.ts";
import { HOOKS, type Hook } from "./block.ts";
import { readText } from "./files.ts";
import { hooksFolder } from "./refresh-hook-files.ts";

/** The worktree whose hooks are run. */
export interface ProbeOptions {
  readonly worktree: string;
  readonly commonDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hooks that hold our lines; others must not run, as only ours end there. */
  readonly hooks: readonly Hook[];
  /** The directory git looks for hooks in. */
  readonly searched: string;
}

/**
 * Runs hooks as git would and gives those that reached our script, which notes the nonce and ends the hook there.
 * @see https://git-scm.com/docs/git-hook
 */
export async function probeHooks({
  worktree,
  commonDir,
  env,
  hooks,
  searched,
}: ProbeOptions): Promise<readonly Hook[]> {
  const nonce = randomBytes(8).toString("hex");
  const probeEnv = { ...env, SPEC_KITTY_PROBE: nonce, SPEC_KITTY_IN_HOOK: undefined };
  const git = createGit(worktree, { env: probeEnv, explicit: true });
  const file = join(hooksFolder(commonDir), "probe");
  const head = (await git.ask(["rev-parse", "-q", "--verify", "HEAD"])) ?? "0".repeat(40);
  const runs = hooks.map((hook) => ({ hook, path: join(searched, hook), args: argumentsOf(head)[hook] }));
  await Promise.all(runs.map((run) => runHook(git, run)));
  const reached = new Set(readText(file).split("\n"));
  rmSync(file, { force: true });
  return HOOKS.filter((hook) => reached.has(`${nonce} ${hook}`));
}

/** What git would pass: to every other script that may run as well, nothing has happened. */
function argumentsOf(head: string): Readonly<Record<Hook, readonly string[]>> {
  return { "post-commit": [], "post-merge": ["0"], "post-checkout": [head, head, "1"], "post-rewrite": ["amend"] };
}

/** A git before 2.36 cannot run a hook by name; its alias shell, which starts at the top of the worktree, then does. */
async function runHook(
  git: Git,
  { hook, path, args }: { hook: Hook; path: string; args: readonly string[] },
): Promise<void> {
  try {
    await git.run(["hook", "run", "--ignore-missing", hook, "--", ...args]);
  } catch (cause) {
    if (!String(cause).includes("not a git command")) return; // what the hook said; that it reached us is all that counts
    await git.ask(["-c", 'alias.run-hook=!f() { "$@"; }; f', "run-hook", path, ...args]);
  }
}
