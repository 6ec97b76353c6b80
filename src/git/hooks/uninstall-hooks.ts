import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { findBlock, HOOKS, isTorn, removeBlock } from "./block.ts";
import { orFailure, replaceFile, resolveLinks } from "./files.ts";
import { readPlaces } from "./install-hooks.ts";
import { hooksFolder } from "./refresh-hook-files.ts";

/** What became of one hook that held our block. */
export interface UninstalledHook {
  readonly path: string;
  /** A file that was created for the block is removed with it; a torn block is left for the user's eyes. */
  readonly outcome: "restored" | "removed" | "refused";
}

/** Files that only serve hooks; what is queued and inferred is kept. */
const HOOK_FILES = ["hook", "env", "places", "drain.cjs", "drain.cache", "hook.log", "probe", "uninstall"];

/** Takes our blocks out of every hook they were put in, and with `purge` all we ever wrote into the git directory. */
export function uninstallHooks(commonDir: string, { purge }: { purge: boolean }): UninstalledHook[] {
  const paths = readPlaces(commonDir).flatMap((place) => HOOKS.map((hook) => join(place, hook)));
  const ours = purge ? everythingOf(commonDir) : HOOK_FILES.map((name) => join(hooksFolder(commonDir), name));
  return orFailure(() => {
    const hooks = paths.flatMap((path) => uninstallHook(path) ?? []);
    if (hooks.some(({ outcome }) => outcome === "refused")) return hooks;
    for (const path of ours) rmSync(path, { recursive: true, force: true });
    return hooks;
  });
}

function uninstallHook(path: string): UninstalledHook | undefined {
  const target = resolveLinks(path);
  if (!statSync(target, { throwIfNoEntry: false })?.isFile()) return undefined;
  const text = readFileSync(target, "latin1");
  if (isTorn(text)) return { path, outcome: "refused" };
  if (!findBlock(text)) return undefined;
  const rest = removeBlock(text);
  if (rest === undefined) rmSync(target);
  else replaceFile(target, rest, statSync(target).mode & 0o7777);
  return { path, outcome: rest === undefined ? "removed" : "restored" };
}

function everythingOf(commonDir: string): string[] {
  const worktrees = join(commonDir, "worktrees");
  const gitDirs = existsSync(worktrees) ? readdirSync(worktrees).map((name) => join(worktrees, name)) : [];
  return [hooksFolder(commonDir), ...[commonDir, ...gitDirs].map((gitDir) => join(gitDir, "spec-kitty.tree"))];
}
