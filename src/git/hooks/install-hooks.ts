import { appendFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Failure } from "../../errors.ts";
import type { Repository } from "../repository.ts";
import { addBlock, findBlock, HOOKS, type Hook } from "./block.ts";
import { isInside, orFailure, readText, replaceFile, resolveLinks } from "./files.ts";
import { type HookPlace, locateHooks } from "./locate-hooks.ts";
import { readHookFile } from "./read-hook-file.ts";
import { type HookFilesOptions, hooksFolder, writeHookFiles } from "./refresh-hook-files.ts";

/** What became of one hook. */
export interface InstalledHook {
  readonly hook: Hook;
  readonly path: string;
  readonly outcome: "created" | "added" | "upgraded" | "unchanged" | "refused";
  /** Why it was refused. */
  readonly problem?: string;
}

/** What an installation did. */
export interface Installation {
  readonly place: HookPlace;
  /** Empty where nothing may be written: the hooks are the team's, or lie outside the repository. */
  readonly hooks: readonly InstalledHook[];
}

export interface InstallOptions extends Omit<HookFilesOptions, "commonDir"> {
  /** A directory of the working tree to write hooks to, absolute; tracked files are written only there. */
  readonly into: string | undefined;
}

/**
 * Puts our block into the hooks that git runs here, and what they run into the git directory. Nothing of others is
 * changed but by those lines; doing it again changes nothing.
 */
export async function installHooks(repository: Repository, options: InstallOptions): Promise<Installation> {
  const { commonDir } = repository;
  const place = await locateHooks(repository);
  const target = await chooseTarget(repository, { place, into: options.into });
  return orFailure(() => {
    writeHookFiles({ ...options, commonDir });
    if (!target) return { place, hooks: [] };
    rememberPlace(commonDir, target.directory);
    return { place, hooks: HOOKS.map((hook) => installHook(hook, target)) };
  });
}

interface Target extends Pick<HookPlace, "directory" | "home"> {
  /** Git runs the files by itself; tracked ones may be run by a tool, as husky does. */
  readonly byGit: boolean;
}

async function chooseTarget(
  { git }: Repository,
  { place, into }: { place: HookPlace; into: string | undefined },
): Promise<Target | undefined> {
  if (into === undefined) return place.kind === "own" ? { ...place, byGit: true } : undefined;
  const top = await git.ask(["rev-parse", "--show-toplevel"]);
  const home = top === undefined ? undefined : resolveLinks(top);
  const directory = resolveLinks(into);
  if (home !== undefined && isInside(directory, home)) return { directory, home, byGit: false };
  throw new Failure("usage", {
    message: `${into} is not in the working tree${top === undefined ? ", as this repository has none" : ` of ${top}`}.`,
    nextStep: "Give a directory of tracked hooks, such as --into .husky or --into .githooks.",
  });
}

function installHook(hook: Hook, place: Target): InstalledHook {
  const path = join(place.directory, hook);
  const { target, text, mode, problem } = readHookFile(path, place);
  if (problem !== undefined) return { hook, path, outcome: "refused", problem };
  const wanted = addBlock(text, hook);
  if (wanted === text) return { hook, path, outcome: "unchanged" };
  replaceFile(target, wanted, mode);
  return { hook, path, outcome: text === undefined ? "created" : findBlock(text) ? "upgraded" : "added" };
}

/** Directories of our blocks, one a line, seen from the git directory, so that both may move together. */
function rememberPlace(commonDir: string, directory: string): void {
  const place = relative(resolveLinks(commonDir), directory);
  if (readPlaces(commonDir).includes(resolve(commonDir, place))) return;
  appendFileSync(placesFile(commonDir), `${place}\n`, { mode: 0o600 });
}

/** The directories where blocks were put; always with git's own. */
export function readPlaces(commonDir: string): string[] {
  const places = readText(placesFile(commonDir)).split("\n").filter(Boolean);
  return [...new Set(["hooks", ...places].map((place) => resolve(commonDir, place)))];
}

function placesFile(commonDir: string): string {
  return join(hooksFolder(commonDir), "places");
}
