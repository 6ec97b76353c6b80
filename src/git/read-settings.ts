import type { Git } from "./git.ts";

/** `spec-kitty.*` of git's configuration by scope, names in lower case; a branch can set none of them. */
export interface ScopedSettings {
  readonly local: ReadonlyMap<string, string>;
  readonly global: ReadonlyMap<string, string>;
}

/**
 * Reads our settings of the repository and of the user; those of a worktree count as the repository's.
 * @see https://git-scm.com/docs/git-config#Documentation/git-config.txt---show-scope
 */
export async function readScopedSettings(git: Git): Promise<ScopedSettings> {
  const output = await git.ask(["config", "-z", "--show-scope", "--get-regexp", "^spec-kitty\\."]);
  const fields = (output ?? "").split("\0");
  const local = new Map<string, string>();
  const global = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [name = "", ...value] = (fields[at + 1] ?? "").split("\n");
    if (fields[at] === "local" || fields[at] === "worktree") local.set(name, value.join("\n"));
    if (fields[at] === "global") global.set(name, value.join("\n"));
  }
  return { local, global };
}
