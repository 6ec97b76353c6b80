import type { Git } from "../git.ts";

/**
 * Lists the directories of all worktrees that are there; a bare repository is none.
 * @see https://git-scm.com/docs/git-worktree#_porcelain_format
 */
export async function listWorktrees(git: Git): Promise<string[]> {
  const list = ["worktree", "list", "--porcelain"];
  const output = (await git.ask([...list, "-z"])) ?? (await git.ask(list))?.replaceAll("\n", "\0") ?? ""; // -z: git 2.36
  const entries = output.split("\0\0").map((entry) => entry.split("\0").filter(Boolean));
  return entries.flatMap(([first = "", ...attributes]) => {
    const gone = attributes.some((attribute) => attribute === "bare" || attribute.startsWith("prunable"));
    return first.startsWith("worktree ") && !gone ? [first.slice("worktree ".length)] : [];
  });
}
