import { randomBytes } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { Failure } from "../../errors.ts";
import { isTorn } from "./block.ts";

/** What stands at a hook's path. Text is read byte by byte (latin1), so that it is written back as it was. */
export interface HookFile {
  /** Where a link leads, else the path itself. */
  readonly target: string;
  readonly text: string | undefined;
  readonly mode: number;
  /** Why the file is not ours to edit; undefined if it is. */
  readonly problem: string | undefined;
}

const SHELL = /^#! *(?:\S*[\\/])?(?:env +(?:-\S+ +)*)?(?:busybox +)?(?:sh|bash|dash|ash|ksh|mksh)(?:\.exe)?[ \r\n]/;
const NEW_HOOK = 0o755;

/**
 * Reads a hook; it may be edited only if it lies inside `home`, links followed. A file that git runs by itself has to be
 * executable, and is not made so: somebody may have switched it off.
 */
export function readHookFile(path: string, { home, byGit }: { home: string; byGit: boolean }): HookFile {
  const target = resolveLinks(path);
  const file = { target, text: undefined, mode: NEW_HOOK };
  if (!isInside(target, home)) return { ...file, problem: `it is a link to ${target}` };
  const stats = statSync(target, { throwIfNoEntry: false });
  if (!stats) return { ...file, problem: isLink(path) ? "it is a link that leads nowhere" : undefined };
  if (!stats.isFile()) return { ...file, problem: "it is no file" };
  const text = readFileSync(target, "latin1");
  return {
    target,
    text,
    mode: stats.mode & 0o7777,
    problem: findProblem(text, { executable: !byGit || isExecutable(stats.mode) }),
  };
}

function findProblem(text: string, { executable }: { executable: boolean }): string | undefined {
  const [shebang = ""] = text.split("\n", 1);
  if (text.includes("\0")) return "it is no text";
  if (text.startsWith("#!") && !SHELL.test(text))
    return `it is no sh script (${shebang
      .trim()
      .slice(0, 80)
      .replace(/[^ -~]/g, "?")})`;
  if (text === shebang && text.startsWith("#!")) return "its only line has no end";
  if (isTorn(text)) return "its spec-kitty block has no end";
  if (!executable) return "it is not executable, so git ignores it";
  return undefined;
}

/** Windows has no such mode: there every file is. */
function isExecutable(mode: number): boolean {
  return sep === "\\" || (mode & 0o111) !== 0;
}

/** Gives what `write` gives; where the system refuses, a Failure that names the file. */
export function orFailure<T>(write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && "path" in cause)) throw cause;
    const message = `${cause.path} cannot be written: ${cause.code}.`;
    throw new Failure("failed", { message, nextStep: "Check who owns it and its mode, then run this again.", cause });
  }
}

/** Replaces a file at once, so that nobody ever sees half of it. */
export function replaceFile(path: string, content: string | Buffer, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(temporary, content, { encoding: "latin1", mode });
  chmodSync(temporary, mode); // whatever the umask took
  renameSync(temporary, path);
}

/** Follows links as far as the path exists. */
export function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(resolveLinks(above), basename(path));
  }
}

/** True for a path below a folder; both without links. */
export function isInside(path: string, folder: string): boolean {
  return !/^(\.\.([\\/]|$)|[\\/]|[A-Za-z]:)/.test(relative(folder, path));
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
