import { existsSync } from "node:fs";
import { join } from "node:path";
import { createGit, type Git } from "../git.ts";
import { listWorktrees } from "../list-worktrees.ts";
import { openRepository, type Repository } from "../repository.ts";
import { findBlock, HOOKS, type Hook, isCurrent } from "./block.ts";
import { explainSilence } from "./explain-silence.ts";
import { type HookPlace, locateHooks } from "./locate-hooks.ts";
import { probeHooks } from "./probe-hooks.ts";
import { readHookFile } from "./read-hook-file.ts";
import { hasHookFiles } from "./refresh-hook-files.ts";

/** How one hook stands in one worktree. */
export interface HookStatus {
  readonly hook: Hook;
  readonly path: string;
  /** `edited`: somebody changed our lines. `by hand`: somebody's own line starts our script. */
  readonly installed: "current" | "outdated" | "edited" | "by hand" | "no";
  readonly version?: number;
  /** Proved: git ran it, and it reached our script. */
  readonly fires: boolean;
  /** Why it does not fire, and what mends it. */
  readonly problem?: string;
  readonly mend?: string;
}

/** How hooks stand in one worktree. */
export interface WorktreeHooks {
  readonly worktree: string;
  readonly place: HookPlace;
  readonly hooks: readonly HookStatus[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs the hooks of every worktree of a repository, tells which of them reach us, and why the others don't. */
export async function readHookStatus(repository: Repository, env: Environment): Promise<WorktreeHooks[]> {
  const { git, commonDir } = repository;
  const paths = (await listWorktrees(repository)).map(({ path }) => path);
  const gits = paths.filter((path) => existsSync(path)).map((path) => openGit(path, env));
  // The list names the git directory of a submodule, and of one that was moved away from its working tree.
  const tops = await Promise.all([git, ...gits].map((one) => one.ask(["rev-parse", "--show-toplevel"])));
  const worktrees = [...new Set(tops.flatMap((top) => top ?? []))];
  const statuses: WorktreeHooks[] = [];
  for (const worktree of worktrees) statuses.push(await readWorktree(worktree, { commonDir, env }));
  return statuses;
}

async function readWorktree(
  worktree: string,
  { commonDir, env }: { commonDir: string; env: Environment },
): Promise<WorktreeHooks> {
  const place = await locateHooks(await openRepository(openGit(worktree, env)));
  const found = HOOKS.map((hook) => {
    const path = join(place.directory, hook);
    const file = readHookFile(path, { home: place.home, byGit: place.directory === place.searched });
    return { hook, path, file, ...findInstalled(file.text ?? "", hook) };
  });
  const ours = found.filter(({ installed }) => installed !== "no" && hasHookFiles(commonDir));
  const hooks = ours.map(({ hook }) => hook);
  const reached = await probeHooks({ worktree, commonDir, env, hooks, searched: place.searched });
  return {
    worktree,
    place,
    hooks: found.map(({ file, ...hook }): HookStatus => {
      if (reached.includes(hook.hook)) return { ...hook, fires: true };
      const installed = hook.installed !== "no";
      return { ...hook, fires: false, ...explainSilence({ file, installed, place, worktree, commonDir, env }) };
    }),
  };
}

function findInstalled(text: string, hook: Hook): Pick<HookStatus, "installed" | "version"> {
  const block = findBlock(text);
  if (!block) return { installed: text.includes("spec-kitty/hook") ? "by hand" : "no" };
  const { version, intact } = block;
  return { installed: isCurrent(text, hook) ? "current" : intact ? "outdated" : "edited", version };
}

function openGit(path: string, env: Environment): Git {
  return createGit(path, { env, explicit: true });
}
