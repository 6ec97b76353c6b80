import { basename, dirname } from "node:path";
import type { Repository } from "../repository.ts";
import { isInside, resolveLinks } from "./hook-file.ts";

/** Where git looks for hooks in one worktree, and whether we may write there. */
export interface HookPlace {
  /**
   * `own`: inside the git directory. `tracked`: in the working tree, where files are the team's. `foreign`: outside the
   * repository. `nowhere`: `core.hooksPath` is empty, so git runs no hook at all.
   */
  readonly kind: "own" | "tracked" | "foreign" | "nowhere";
  /** The directory people edit; for husky the one above the directory git looks in. */
  readonly directory: string;
  /** The directory git looks in. */
  readonly searched: string;
  /** `core.hooksPath` and the scope of git's configuration it comes from; undefined where it is not set. */
  readonly setting: { readonly value: string; readonly scope: string } | undefined;
}

/**
 * Finds the hooks of the worktree that git runs in.
 * @see https://git-scm.com/docs/git-config#Documentation/git-config.txt-corehooksPath
 */
export async function locateHooks({ git, commonDir }: Repository): Promise<HookPlace> {
  const [found, top, configured] = await Promise.all([
    git.ask(["rev-parse", "--path-format=absolute", "--git-path", "hooks"]),
    git.ask(["rev-parse", "--show-toplevel"]),
    git.ask(["config", "-z", "--show-scope", "--get", "core.hooksPath"]),
  ]);
  const [scope = "", value = ""] = configured?.split("\0") ?? [];
  const setting = configured === undefined ? undefined : { value, scope };
  if (!found) return { kind: "nowhere", directory: "", searched: "", setting };
  const searched = resolveLinks(found);
  const isHusky = basename(searched) === "_";
  const homes = [top, basename(commonDir) === ".git" ? dirname(commonDir) : undefined];
  const tracked = homes.some((home) => home !== undefined && isInside(searched, resolveLinks(home)));
  if (isInside(searched, resolveLinks(commonDir))) return { kind: "own", directory: searched, searched, setting };
  const directory = isHusky ? dirname(searched) : searched;
  return { kind: tracked ? "tracked" : "foreign", directory, searched, setting };
}
