import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { HOOKS } from "../../src/git/hooks/block.ts";
import { CLI, ensureBuilt } from "./built.ts";
import { impliedIds, queuedIds, runIn } from "./capture.ts";
import { makeRepository, type TestRepository } from "./repository.ts";

/** A hook of the user's own: it notes where HEAD was in all worktrees at every moment a hook of ours may look, too. */
const WITNESS = `#!/bin/sh
[ "\${SPEC_KITTY_HOOKS-}" = 0 ] && exit 0
dir=$(git rev-parse --git-dir)
case \${0##*/}:\${1-}:\${3-} in
  post-checkout:*:0) exit 0 ;;
  post-rewrite:rebase:*) ;;
  *) if [ -d "$dir/rebase-merge" ] || [ -d "$dir/rebase-apply" ]; then exit 0; fi ;;
esac
{ echo "moment $PWD"; git worktree list --porcelain; } >>"$(git rev-parse --git-common-dir)/witnessed"
`;

/** Functions for scripts: `git` as it is but for its dates, and work packages that move. */
const VOCABULARY = `
tasks=kitty-specs/001-login/tasks n=\${1:-0}
git() {
  n=$((n + 1))
  GIT_AUTHOR_DATE="@$((1770000000 + n * 60)) +0000" GIT_COMMITTER_DATE="@$((1770000000 + n * 60)) +0000"
  export GIT_AUTHOR_DATE GIT_COMMITTER_DATE
  command git "$@"
  n_status=$?; echo "git \${1-}: $n_status"; return $n_status
}
quietly() { SPEC_KITTY_HOOKS=0 command git "$@" >/dev/null 2>&1; }
write() {
  mkdir -p $tasks
  {
    printf -- '---\\nwork_package_id: %s\\nlane: %s\\n---\\n\\n# %s\\n\\n## Activity Log\\n\\n' $1 $2 $1
    sed -n '/^- /p' $tasks/$1.md
    printf -- '- 2026-02-01T%02d:00:%02dZ - agent - lane=%s - Moved\\n' $((n / 60)) $((n % 60)) $2
  } >new 2>/dev/null
  mv new $tasks/$1.md
  quietly add --all
}
move() { write $1 $2; git commit -q -m "$1 is $2"; }
`;

/** main has all planned; topic moves three of them, other one; clash and main both move WP06. */
const HISTORY = `
echo 1 >README.md; for id in 01 02 03 04 05 06; do write WP$id planned; done; git commit -qm Plan
git switch -qc topic; for id in 02 03 04; do move WP$id doing; done
git switch -qc other main; move WP05 doing
git switch -qc clash main; move WP06 doing
git switch -q main; move WP06 for_review; echo 2 >README.md; git commit -qam "No work package"
`;

const PERSON = {
  GIT_AUTHOR_NAME: "Test User",
  GIT_AUTHOR_EMAIL: "test@example.invalid",
  GIT_COMMITTER_NAME: "Test User",
  GIT_COMMITTER_EMAIL: "test@example.invalid",
};

/** What git did, with the test's own folder taken out. */
export interface Done {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A repository in which hooks are installed, or its twin without ours. */
export interface Hooked extends TestRepository {
  /** Runs a script in it; `minute` is where its commits' dates begin. */
  perform(script: string, options?: PerformOptions): Promise<Done>;
}

interface PerformOptions {
  readonly minute?: number;
  readonly env?: Record<string, string>;
  /** A command, with its arguments, that runs the shell. */
  readonly within?: readonly string[];
}

async function perform(
  path: string,
  script: string,
  { minute = 100, env = {}, within = [] }: PerformOptions = {},
): Promise<Done> {
  const [command = "sh", ...args] = [...within, "sh", "-c", VOCABULARY + script, "sh", String(minute)];
  const child = spawn(command, args, { cwd: path, env: { ...process.env, ...PERSON, ...env } });
  const collect = async (stream: AsyncIterable<Buffer>): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString().replaceAll(dirname(path), "<folder>");
  };
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [stdout, stderr, status] = await Promise.all([collect(child.stdout), collect(child.stderr), ended]);
  return { status, stdout, stderr };
}

ensureBuilt();
const plain = makeRepository({ onFinish: afterAll });
await perform(plain.path, HISTORY, { minute: 0 });
for (const hook of HOOKS) {
  const file = join(plain.path, ".git/hooks", hook);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, WITNESS);
  chmodSync(file, 0o755);
}
const installed = makeRepository({ onFinish: afterAll, copyOf: plain.path });
installHooks(installed.path, "--backfill");

/** Runs the built `hooks install` in a directory. */
export function installHooks(path: string, ...words: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, "hooks", "install", ...words], {
    cwd: path,
    encoding: "utf8",
  });
  if (status !== 0 || !stdout.includes("All hooks fire.")) throw new Error(stdout + stderr);
}

interface HookedOptions {
  readonly twin?: boolean;
  /** Registers the removal, as that of any repository. */
  readonly onFinish?: (remove: () => void) => void;
}

const base = installed.git("rev-parse", "HEAD");

/** Creates a repository with a history, its hooks installed and that history told; the twin has no hooks of ours. */
export function makeHooked({ twin = false, ...options }: HookedOptions = {}): Hooked {
  const repository = makeRepository({ ...options, copyOf: twin ? plain.path : installed.path });
  const installation = `moment\nworktree ${repository.path}\nHEAD ${base}\n`;
  writeFileSync(join(repository.path, ".git/witnessed"), installation);
  return { ...repository, perform: (script, options) => perform(repository.path, script, options) };
}

/** What a repository's queue holds beside what follows from nothing but what was to be seen whenever a hook or command ran. */
export interface Comparison {
  readonly queued: readonly string[];
  readonly implied: readonly string[];
  /** What a command complained about, and hooks wrote to their log. */
  readonly said: string;
}

/** Runs one more command in a repository, or a worktree of it, and compares. */
export async function compare(path: string, { gitDir = join(path, ".git") } = {}): Promise<Comparison> {
  const { stderr } = await runCommand(path, { gitDir });
  const folder = join(gitDir, "spec-kitty");
  const log = readFile(join(folder, "hook.log"));
  return {
    queued: queuedIds({ folder }),
    implied: await impliedIds(path, ...lookedAt(path, readFile(join(gitDir, "witnessed")))),
    said: stderr.replace(NOTE, "") + log,
  };
}

/** Runs a command that catches up, and notes what there was to see. */
export async function runCommand(path: string, { gitDir = join(path, ".git") } = {}) {
  const moment = spawnSync("git", ["worktree", "list", "--porcelain"], { cwd: path, encoding: "utf8" }).stdout;
  appendFileSync(join(gitDir, "witnessed"), `moment\n${moment}`);
  return await runIn(path, "events", "list");
}

/**
 * The heads of all moments at which somebody had to look. A command always does; a hook does not where the commit or
 * checkout left the specs tree as it was at the last look, and is no merge: history that only such a moment could see,
 * and that is gone at the next one, is the one thing a hook may miss.
 */
function lookedAt(path: string, witnessed: string): Set<string> {
  const moments = witnessed
    .split(/^moment ?/m)
    .slice(1)
    .map((text) => {
      const [where = ""] = text.split("\n", 1);
      const heads = [...text.matchAll(/^worktree (.*)\nHEAD (\w*[1-9a-f]\w*)$/gm)];
      return { where, heads: new Map(heads.map(([, worktree = "", oid = ""]) => [worktree, oid])) };
    });
  const oids = [...new Set(moments.flatMap(({ heads }) => [...heads.values()]))];
  const input = oids.map((oid) => `${oid}:kitty-specs\n${oid}^2\n`).join("");
  const { stdout } = spawnSync("git", ["cat-file", "--batch-check=%(objectname)"], {
    cwd: path,
    input,
    encoding: "utf8",
  });
  const answers = stdout.split("\n");
  const treeOf = (oid: string): string => answers[2 * oids.indexOf(oid)] ?? "";
  const isMerge = (oid: string): boolean => !answers[2 * oids.indexOf(oid) + 1]?.endsWith(" missing");
  const trees = new Map<string, string>();
  const looked = new Set<string>();
  for (const { where, heads } of moments) {
    const head = heads.get(where);
    if (head !== undefined && trees.get(where) === treeOf(head) && !isMerge(head)) continue;
    for (const [worktree, oid] of heads) {
      trees.set(worktree, treeOf(oid));
      looked.add(oid);
    }
  }
  return looked;
}

/** What commands of ours say when they queue something. */
const NOTE = /^spec-kitty: \d+ events? queued .*\n/;

function readFile(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
