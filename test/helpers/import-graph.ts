import type { TestRepository } from "./repository.ts";

/** One commit of a history that is imported at once. */
export interface ImportedCommit {
  /** Positions of its parents among the commits; the commit before without it, none for a root. */
  readonly parents?: readonly number[];
  /** What it changes in its first parent's tree, by path; null removes a file or folder. */
  readonly files?: Readonly<Record<string, string | Buffer | null>>;
  /** Author date as ISO 8601; without it a minute after the commit before, from 2026 on. */
  readonly at?: string;
  /** Committer date; the author date without it. */
  readonly committed?: string;
}

const FIRST_COMMIT = Date.parse("2026-01-01T00:00:00Z");
const MINUTE = 60_000;
let branches = 0;

/**
 * Writes commits of any shape through one `git fast-import` onto a branch of their own, and gives their oids.
 * @see https://git-scm.com/docs/git-fast-import
 */
export function importGraph(repository: TestRepository, commits: readonly ImportedCommit[]): string[] {
  const ref = `refs/heads/imported-${branches++}`;
  const parts: (string | Buffer)[] = [];
  const data = (bytes: Buffer): void => void parts.push(`data ${bytes.length}\n`, bytes, "\n");
  let last = FIRST_COMMIT - MINUTE;
  for (const [index, { parents, files = {}, at, committed }] of commits.entries()) {
    last = at === undefined ? last + MINUTE : Date.parse(at);
    const who = (time: number): string => `Test User <test@example.invalid> ${Math.floor(time / 1000)} +0000`;
    const [first, ...others] = parents ?? (index === 0 ? [] : [index - 1]);
    if (first === undefined) parts.push(`reset ${ref}\n`);
    parts.push(`commit ${ref}\nmark :${index + 1}\nauthor ${who(last)}\n`);
    parts.push(`committer ${who(committed === undefined ? last : Date.parse(committed))}\n`);
    data(Buffer.from(`Commit ${index}\n`));
    if (first !== undefined) parts.push(`from :${first + 1}\n`);
    for (const other of others) parts.push(`merge :${other + 1}\n`);
    for (const [path, content] of Object.entries(files)) {
      if (content === null) parts.push(`D ${path}\n`);
      else {
        parts.push(`M 100644 inline ${path}\n`);
        data(Buffer.from(content));
      }
    }
    parts.push("\n");
  }
  for (const index of commits.keys()) parts.push(`get-mark :${index + 1}\n`);
  const input = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const oids = repository.gitWith({ input }, "fast-import", "--quiet", "--force").split("\n");
  if (oids.length !== commits.length) throw new Error(`fast-import made ${oids.length} of ${commits.length} commits`);
  return oids;
}
