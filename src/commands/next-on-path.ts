import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, open, realpath, stat } from "node:fs/promises";
import { constants as osConstants } from "node:os";
import { posix, win32 } from "node:path";
import { Failure } from "../errors.ts";
import type { Context } from "./command.ts";

const NAME = "spec-kitty";
/** Holds what was handed over and to whom; `1` forbids it altogether. */
const GUARD = "SPEC_KITTY_DELEGATED";
const SHIM_BYTES = 4096;

/** Where to look for others, and who we are. */
export type Surroundings = Pick<Context, "env" | "selfPath" | "platform">;

/** Finds the next `spec-kitty` on PATH that is not ourselves; with `after`, only behind that one. */
export async function nextOnPath(surroundings: Surroundings, after?: string): Promise<string | undefined> {
  const all = candidates(surroundings);
  // Where `after` has gone, index -1 would begin again from the front, and two copies of us would call each other for ever.
  if (after !== undefined && !all.includes(after)) return undefined;
  const self = await realpath(surroundings.selfPath);
  for (const file of all.slice(after === undefined ? 0 : all.indexOf(after) + 1)) {
    if ((await isExecutable(file, surroundings)) && !(await leadsTo(file, self))) return file;
  }
  return undefined;
}

/**
 * Runs the same command line by the next `spec-kitty` on PATH and gives its exit status; undefined where there is none.
 *
 * Should that one turn out to be ourselves once more, it sees its own command line in the guard and goes on behind it. A
 * command line that it starts later is another one, and may be handed over again.
 */
export async function handOver(
  argv: readonly string[],
  context: Surroundings & Pick<Context, "cwd" | "signal">,
): Promise<number | undefined> {
  const guard = context.env[GUARD] ?? "";
  if (guard === "1") return undefined;
  const mark = `${createHash("sha256").update(argv.join("\0")).digest("hex").slice(0, 12)}:`;
  const file = await nextOnPath(context, guard.startsWith(mark) ? guard.slice(mark.length) : undefined);
  return file === undefined ? undefined : await run(file, argv, { ...context, guard: mark + file });
}

async function run(
  file: string,
  argv: readonly string[],
  { cwd, env, platform, signal, guard }: Surroundings & Pick<Context, "cwd" | "signal"> & { guard: string },
): Promise<number> {
  const options = { cwd, env: { ...env, [GUARD]: guard }, stdio: "inherit" } as const;
  const child =
    platform === "win32" && /\.(cmd|bat)$/i.test(file)
      ? spawn(env.ComSpec ?? "cmd.exe", ["/d", "/s", "/c", batchLine(file, argv)], {
          ...options,
          windowsVerbatimArguments: true,
        })
      : spawn(file, argv, options);
  // A terminal sends SIGINT to the child as well; the other signals reach only us.
  const stop = () => signal.reason !== "SIGINT" && child.kill("SIGTERM");
  signal.addEventListener("abort", stop);
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status, name) => resolve(status ?? signalStatus(name)));
    });
  } catch (cause) {
    throw new Failure("failed", {
      message: `${file} cannot be run: ${cause instanceof Error ? cause.message : cause}`,
      nextStep: `Install that ${NAME} again, or take it off PATH.`,
      cause,
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The exit status by which shells tell a death by signal; 1 for a signal nobody knows. */
export function signalStatus(name: string | null): number {
  const number = Object.entries(osConstants.signals).find(([known]) => known === name)?.[1];
  return number === undefined ? 1 : 128 + number;
}

/** Relative folders on PATH are passed over: a checked-out branch could put a program there. */
function candidates({ env, platform }: Surroundings): string[] {
  const { delimiter, isAbsolute, join } = platform === "win32" ? win32 : posix;
  const endings = platform === "win32" ? (env.PATHEXT ?? ".COM;.EXE;.BAT;.CMD").split(";").filter(Boolean) : [""];
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.flatMap((folder) => endings.map((ending) => join(folder, NAME + ending)));
}

async function isExecutable(file: string, { platform }: Surroundings): Promise<boolean> {
  try {
    if (platform !== "win32") await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** True when a program is our own file, a link to it, or one of the small scripts that npm and pnpm write to start it. */
async function leadsTo(file: string, self: string): Promise<boolean> {
  if ((await realpath(file)) === self) return true;
  const text = await readHead(file);
  if (text.includes(self)) return true;
  const folder = posix.dirname(file.replaceAll("\\", "/"));
  const named = [...text.matchAll(/(?:\$\{?basedir\}?|%~?dp0%?)[\\/]+([^"'\s]+)/g)].map((match) => match[1] ?? "");
  const targets = named.map((path) => realpath(posix.join(folder, path.replaceAll("\\", "/"))).catch(() => undefined));
  return (await Promise.all(targets)).includes(self);
}

async function readHead(file: string): Promise<string> {
  const bytes = Buffer.alloc(SHIM_BYTES);
  const handle = await open(file).catch(() => undefined);
  // A program may be executable and yet not readable.
  if (handle === undefined) return "";
  try {
    const { bytesRead } = await handle.read(bytes, 0, SHIM_BYTES, 0);
    return bytes.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** One line for cmd.exe, which reads a batch file's arguments twice: https://qntm.org/cmd */
export function batchLine(file: string, argv: readonly string[]): string {
  const quote = (word: string) => `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
  const caret = (word: string) => word.replace(/[()\][%!^"`<>&|;, *?]/g, "^$&");
  return `"${[caret(quote(file)), ...argv.map((word) => caret(caret(quote(word))))].join(" ")}"`;
}
