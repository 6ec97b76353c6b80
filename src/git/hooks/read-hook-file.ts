import { lstatSync, readFileSync, statSync } from "node:fs";
import { isTorn } from "./block.ts";
import { isExecutable, isInside, resolveLinks } from "./files.ts";

/** What stands at a hook's path. */
export interface HookFile {
  /** Where a link leads, else the path itself. */
  readonly target: string;
  /** As latin1, so that it is written back byte for byte; undefined where there is no file to read. */
  readonly text: string | undefined;
  readonly mode: number;
  /** Why the file is not ours to edit; undefined if it is. */
  readonly problem?: string | undefined;
}

const SHELL = /^#! *(?:\S*[\\/])?(?:env +(?:-\S+ +)*)?(?:busybox +)?(?:sh|bash|dash|ash|ksh|mksh)(?:\.exe)?[ \r\n]/;
const NEW_HOOK = 0o755;

/**
 * Reads a hook; it may be edited only if it lies inside `home`, links followed. A file that git runs by itself has to be
 * executable, and is not made so: somebody may have switched it off.
 */
export function readHookFile(path: string, { home, byGit }: { home: string; byGit: boolean }): HookFile {
  const target = resolveLinks(path);
  const nothing = { target, text: undefined, mode: NEW_HOOK };
  if (!isInside(target, home)) return { ...nothing, problem: `it is a link to ${target}` };
  const stats = statSync(target, { throwIfNoEntry: false });
  if (!stats) return isLink(path) ? { ...nothing, problem: "it is a link that leads nowhere" } : nothing;
  if (!stats.isFile()) return { ...nothing, problem: "it is no file" };
  const text = readBytes(target);
  if (text === undefined) return { ...nothing, problem: "it cannot be read" };
  const problem = byGit && !isExecutable(target) ? "it is not executable, so git ignores it" : findProblem(text);
  return { target, text, mode: stats.mode & 0o7777, problem };
}

function findProblem(text: string): string | undefined {
  if (text.includes("\0")) return "it is no text";
  if (isTorn(text)) return "its spec-kitty block has no end";
  if (!text.startsWith("#!")) return undefined; // sh runs it
  const shebang = text
    .slice(0, 80)
    .split("\n", 1)
    .join("")
    .trimEnd()
    .replace(/[^ -~]/g, "?");
  if (!text.includes("\n")) return "its only line has no end";
  return SHELL.test(text) ? undefined : `it is no sh script (${shebang})`;
}

function readBytes(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
