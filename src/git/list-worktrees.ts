import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Repository } from "./repository.ts";

/** One checkout of a repository. */
export interface Worktree {
  /** Names it as long as it exists: another one made later under the same name has another key. */
  readonly key: string;
  readonly path: string;
  /** Its own git directory. */
  readonly gitDir: string;
  /** Oid of its HEAD; undefined before the first commit, or where its ref is broken. */
  readonly head: string | undefined;
  /** Short branch name; undefined when detached. */
  readonly branch: string | undefined;
  /** When it was added, in ms since the epoch; undefined for the main one. */
  readonly createdAt: number | undefined;
}

/**
 * Lists the worktrees, the main one first; a bare repository's own entry has no HEAD that anybody works on and is left out.
 * @see https://git-scm.com/docs/git-worktree#_porcelain_format
 */
export async function listWorktrees({ git, commonDir }: Repository): Promise<Worktree[]> {
  const nul = await git.ask(["worktree", "list", "--porcelain", "-z"]); // git 2.36
  const [output, end] =
    nul === undefined ? [String(await git.run(["worktree", "list", "--porcelain"])), "\n"] : [nul, "\0"];
  const entries = output.split(end + end).map((entry) => entry.split(end));
  const named = adminFolders(commonDir);
  return entries.flatMap((lines, index): Worktree[] => {
    const field = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
    const path = field("worktree");
    if (path === undefined || lines.includes("bare")) return [];
    const oid = field("HEAD");
    const head = oid === undefined || /^0+$/.test(oid) ? undefined : oid;
    const branch = field("branch")?.replace(/^refs\/heads\//, "");
    if (index === 0) return [{ key: "main", path, gitDir: commonDir, head, branch, createdAt: undefined }];
    const admin = named.get(path);
    if (admin === undefined) return [];
    return [
      { key: `${admin.name}@${admin.createdAt}`, path, gitDir: admin.folder, head, branch, createdAt: admin.createdAt },
    ];
  });
}

/** Where git keeps what it knows of each linked worktree, by the worktree's path; a moved repository may have relative ones. */
function adminFolders(commonDir: string): ReadonlyMap<string, { name: string; folder: string; createdAt: number }> {
  const parent = join(commonDir, "worktrees");
  const names = existsSync(parent) ? readdirSync(parent) : [];
  return new Map(
    names.flatMap((name) => {
      const folder = join(parent, name);
      try {
        const path = dirname(resolve(folder, readFileSync(join(folder, "gitdir"), "utf8").trimEnd()));
        // `commondir` is written once, when the worktree is added.
        const createdAt = Math.floor(statSync(join(folder, "commondir")).mtimeMs);
        return [[path, { name, folder, createdAt }] as const];
      } catch {
        return []; // being added or removed
      }
    }),
  );
}

/** True while a rebase is under way in a worktree: its HEAD is on no branch then, and will be on one again. */
export function isRebasing({ gitDir, branch }: Worktree): boolean {
  if (branch !== undefined) return false; // the hook that ends a rebase runs before its folder is gone
  return ["rebase-merge", "rebase-apply"].some((name) => existsSync(join(gitDir, name)));
}
