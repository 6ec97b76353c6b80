import { Failure } from "../errors.ts";
import type { Commit } from "../model/snapshot.ts";
import { gitFailure, notStarted } from "./git.ts";
import type { Repository } from "./repository.ts";

/** A commit and the oid of its whole tree. */
export interface ListedCommit extends Commit {
  readonly tree: string;
}

/** Refs that keep objects alive without being anybody's history: a stash is an edit in progress, a note is no commit of the project. */
const NO_HISTORY = [
  "refs/stash",
  "refs/notes/*",
  "refs/original/*",
  "refs/bisect/*",
  "refs/prefetch/*",
  "refs/rewritten/*",
];

/** Arguments of rev-list that mean every commit of the repository's history. */
export const ALL_HISTORY: readonly string[] = [...NO_HISTORY.map((pattern) => `--exclude=${pattern}`), "--all"];

/** Resolves revisions and ranges as git does, to oids; those to leave out keep their `^`. */
export async function resolveRevisions(repository: Repository, revisions: readonly string[]): Promise<string[]> {
  const wrong = revisions.find((revision) => revision.startsWith("-") || revision.includes("\n"));
  if (wrong !== undefined) throw unknownRevision(wrong);
  const oids: string[] = [];
  for (const revision of revisions) {
    const output = await repository.git.ask(["rev-parse", "--revs-only", revision, "--"]);
    if (!output) throw unknownRevision(revision);
    const named = output.split("\n").map((oid) => `${oid}^{commit}`); // a file or folder has an oid, but no history
    const commits = await repository.git.ask(["rev-parse", "--revs-only", ...named, "--"]);
    if (!commits) throw unknownRevision(revision);
    oids.push(...commits.split("\n"));
  }
  return oids;
}

/**
 * Lists commits, parents first, then by author date.
 * A commit at a shallow boundary has no parents here, as git gives it none.
 * @see https://git-scm.com/docs/git-rev-list
 */
export async function* listCommits(repository: Repository, revisions: readonly string[]): AsyncGenerator<ListedCommit> {
  const format = ["--format=%H %T %at %ct %P", "--encoding=UTF-8"]; // i18n.logOutputEncoding may be UTF-16
  const fixed = revisions.filter((revision) => revision.startsWith("--"));
  const args = ["rev-list", "--author-date-order", "--reverse", ...format, ...fixed, "--stdin"];
  const child = repository.git.spawn(args);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on("error", (cause) => reject(notStarted(cause, repository.git.cwd)));
    child.on("close", resolve);
  });
  closed.catch(() => {}); // thrown where it is awaited
  child.stdin.on("error", () => {}); // git ended early: its status says why
  child.stdin.end(`${revisions.filter((revision) => !revision.startsWith("--")).join("\n")}\n`);
  let rest = "";
  for await (const chunk of child.stdout) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (!line.startsWith("commit ")) yield parseCommit(line);
  }
  if ((await closed) !== 0) throw gitFailure(said, args);
}

/** Gathers listed commits. */
export async function collectCommits(commits: AsyncIterable<ListedCommit>): Promise<ListedCommit[]> {
  const list: ListedCommit[] = [];
  for await (const commit of commits) list.push(commit);
  return list;
}

/** Reads one commit by its oid. */
export async function readCommit(repository: Repository, oid: string): Promise<ListedCommit> {
  for await (const commit of listCommits(repository, ["--no-walk", oid])) return commit;
  throw unknownRevision(oid);
}

function parseCommit(line: string): ListedCommit {
  const [oid = "", tree = "", authorTime, committerTime, ...parents] = line.split(" ");
  return {
    oid,
    tree,
    authorTime: milliseconds(authorTime),
    committerTime: milliseconds(committerTime),
    parents: parents.filter((parent) => parent !== ""),
  };
}

/** The last day of the years that ISO 8601 writes with four digits. */
const LATEST = Date.UTC(9999, 11, 31);

/** Seconds as git prints them; a date that is no date counts as the epoch, one no event can carry as the last it can. */
function milliseconds(seconds: string | undefined): number {
  return Math.min(Math.max(Number(seconds) || 0, 0) * 1000, LATEST);
}

function unknownRevision(revision: string): Failure {
  return new Failure("failed", {
    message: `"${revision}" is no revision or range of this repository.`,
    nextStep: "Name a branch, tag, commit or range such as main~10..main; `git log --oneline` lists commits.",
  });
}
