import { basename, dirname } from "node:path";
import type { Repository } from "../repository.ts";
import { isInside, resolveLinks } from "./files.ts";

/** Where git looks for hooks in one worktree, and whether we may write there. */
export interface HookPlace {
  /**
   * `own`: inside the git directory. `tracked`: in the working tree, where files are the team's. `foreign`: outside the
   * repository. `nowhere`: `core.hooksPath` is empty, so git runs no hook at all.
   */
  readonly kind: "own" | "tracked" | "foreign" | "nowhere";
  /** The directory git looks in. */
  readonly searched: string;
  /** The directory people edit; for husky the one above the directory git looks in. */
  readonly directory: string;
  /** What a link in it must not leave. */
  readonly home: string;
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
  if (!found) return { kind: "nowhere", searched: "", directory: "", home: "", setting };
  const searched = resolveLinks(found);
  const own = resolveLinks(commonDir);
  if (isInside(searched, own)) return { kind: "own", searched, directory: searched, home: own, setting };
  const directory = basename(searched) === "_" ? dirname(searched) : searched;
  const tops = [top, basename(own) === ".git" ? dirname(own) : undefined].map((path) => path && resolveLinks(path));
  const home = tops.find((path) => path && isInside(searched, path));
  return { kind: home ? "tracked" : "foreign", searched, directory, home: home ?? directory, setting };
}
