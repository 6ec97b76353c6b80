import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Failure } from "../errors.ts";
import type { Git } from "./git.ts";
import { openObjects } from "./object-reader.ts";

/** What one repository is; asked of git once. */
export interface Repository {
  readonly git: Git;
  /** This worktree's git directory, absolute. */
  readonly gitDir: string;
  /** The git directory all worktrees share, absolute. */
  readonly commonDir: string;
  readonly bare: boolean;
  /** Oids of commits whose parents were cut off by a shallow clone. */
  readonly shallow: ReadonlySet<string>;
}

/**
 * Finds the repository around `git.cwd`.
 * @see https://git-scm.com/docs/git-rev-parse
 */
export async function openRepository(git: Git): Promise<Repository> {
  const args = ["rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", "--is-bare-repository"];
  const output = await git.run(args).catch((cause: unknown) => {
    throw cause instanceof Failure ? explain(cause, git.cwd) : cause;
  });
  const lines = output.toString().trimEnd().split("\n");
  const bare = lines.pop() === "true";
  const [gitDir = "", commonDir = ""] = lines.length === 2 ? lines : await askPaths(git);
  return { git, gitDir, commonDir, bare, shallow: await readShallow(git, commonDir) };
}

/** The repository of a git directory that git itself named, without asking it again. */
export async function openGitDir(git: Git, gitDir: string): Promise<Repository> {
  const link = await readFile(join(gitDir, "commondir"), "utf8").catch(() => undefined);
  const commonDir = link === undefined ? gitDir : resolve(gitDir, link.trimEnd());
  return { git, gitDir, commonDir, bare: false, shallow: await readShallow(git, commonDir) };
}

/** Asks for each path alone, as the name of a folder may hold line breaks. */
async function askPaths(git: Git): Promise<(string | undefined)[]> {
  const options = ["--git-dir", "--git-common-dir"];
  return Promise.all(options.map((option) => git.ask(["rev-parse", "--path-format=absolute", option])));
}

/** Reads the commits a shallow clone ends at: one oid a line in the file `shallow`, which may list real roots, too. */
async function readShallow(git: Git, commonDir: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(commonDir, "shallow"), "utf8").catch(() => "");
  const oids = text.split("\n").filter((line) => line !== "");
  if (oids.length === 0) return new Set();
  const objects = openObjects({ git });
  const commits = await objects.read(oids).catch(() => []); // a list that outlived its commits counts as it is
  objects.close();
  return new Set(oids.filter((_, index) => hasParents(commits[index])));
}

function hasParents(commit: Buffer | undefined): boolean {
  return commit === undefined || /^(?:.+\n)*?parent /.test(commit.toString("latin1"));
}

function explain(failure: Failure, cwd: string): Failure {
  const trust = /git config --global --add safe\.directory .*/.exec(failure.message)?.[0];
  if (trust !== undefined) {
    const message = `${cwd} belongs to somebody else, so git does not read it.`;
    return new Failure("failed", { message, nextStep: `If you trust it: ${trust}`, cause: failure });
  }
  if (!/not a git repository/.test(failure.message)) return failure;
  return new Failure("failed", {
    message: `${cwd} is not in a git repository.`,
    nextStep: "Go into a clone of your project, and run it there.",
    cause: failure,
  });
}
