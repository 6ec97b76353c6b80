import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A repository for one test; its folder's name has a space, its parent folder is the test's own (worktrees, clones). */
export interface TestRepository {
  readonly path: string;
  /** Runs git here; gives stdout without its last line break, throws with stderr when it fails. */
  git(...args: string[]): string;
  gitWith(options: GitOptions, ...args: string[]): string;
  /** Writes a file of the working tree, with the folders above it. */
  write(path: string, content: string | Buffer): void;
  /** Commits everything there is, after writing `files`, and gives the oid; an empty commit is one, too. */
  commit(message: string, options?: { date?: string; files?: Record<string, string | Buffer> }): string;
}

interface GitOptions {
  readonly input?: string | Buffer;
  readonly env?: Record<string, string>;
  /** Author and committer date, in any form git reads. */
  readonly date?: string;
}

interface RepositoryOptions {
  readonly objectFormat?: "sha1" | "sha256";
  readonly bare?: boolean;
  /** Path of one that it starts as a copy of; its commits begin an hour later. */
  readonly copyOf?: string;
  /** Registers the removal; `afterAll` for a repository that several tests share. */
  readonly onFinish?: (remove: () => void) => void;
}

const FIRST_COMMIT = Date.parse("2026-01-01T00:00:00Z");
const MINUTE = 60_000;
const COMMITTING = new Set(["commit", "commit-tree", "merge", "pull", "cherry-pick", "revert", "rebase", "am"]);
const CONFIG = {
  "user.name": "Test User",
  "user.email": "test@example.invalid",
  "commit.gpgSign": "false",
  "tag.gpgSign": "false",
  "gc.auto": "0",
  "maintenance.auto": "false",
  "core.autocrlf": "false",
  "init.defaultBranch": "main",
  "advice.detachedHead": "false",
};

/** Creates a real repository in a temporary folder, removed when the test ends; its commits are a minute apart, from 2026 on. */
export function makeRepository(options: RepositoryOptions = {}): TestRepository {
  const { objectFormat = "sha1", bare = false, copyOf, onFinish = onTestFinished } = options;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spec-kitty-test-")));
  onFinish(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const path = join(folder, "my project");
  mkdirSync(path);
  let now = copyOf === undefined ? FIRST_COMMIT : FIRST_COMMIT + 60 * MINUTE;

  const repository: TestRepository = {
    path,
    git: (...args) => repository.gitWith({}, ...args),
    gitWith({ input, env, date = new Date(now).toISOString() }, ...args) {
      if (args.some((arg) => COMMITTING.has(arg))) now += MINUTE;
      const dates = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
      return runGit(path, args, {
        env: { ...cleanEnvironment(), ...dates, ...env },
        ...(input !== undefined && { input }),
      });
    },
    write(file, content) {
      const target = join(path, file);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    },
    commit(message, { date, files = {} } = {}) {
      for (const [file, content] of Object.entries(files)) repository.write(file, content);
      repository.git("add", "--all");
      repository.gitWith({ ...(date && { date }), input: message }, "commit", "--quiet", "--allow-empty", "--file=-");
      return repository.git("rev-parse", "HEAD");
    },
  };

  if (copyOf !== undefined) {
    cpSync(copyOf, path, { recursive: true });
    return repository;
  }
  const init = ["init", "--quiet", "--initial-branch=main", `--object-format=${objectFormat}`];
  repository.git(...init, ...(bare ? ["--bare"] : []), ".");
  const settings = Object.entries(CONFIG).map(([key, value]) => {
    const [section, name] = key.split(".");
    return `[${section}]\n\t${name} = ${value}\n`;
  });
  appendFileSync(join(path, bare ? "config" : ".git/config"), settings.join("")); // one process instead of nine
  return repository;
}

/** Without what a surrounding git run or the test itself set for the code it tests. */
function cleanEnvironment(): Record<string, string> {
  const kept = new Set(["GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_TERMINAL_PROMPT"]);
  const entries = Object.entries(process.env).flatMap(([name, value]): [string, string][] =>
    value === undefined || (name.startsWith("GIT_") && !kept.has(name)) ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(entries), LC_ALL: "C" };
}

function runGit(
  cwd: string,
  args: string[],
  options: { env: Record<string, string>; input?: string | Buffer },
): string {
  const { error, status, signal, stdout, stderr } = spawnSync("git", args, { cwd, maxBuffer: 2 ** 30, ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`git ${args.join(" ")} ended with ${status ?? signal}: ${stderr}${stdout}`);
  return stdout.toString().replace(/\n$/, "");
}
