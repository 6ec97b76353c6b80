import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Failure } from "../errors.ts";

/** Runs git for one repository; the environment is scrubbed, so that no caller's `GIT_*` redirects it. */
export interface Git {
  /** Where git runs. */
  readonly cwd: string;
  /** Stdout of a git command; a Failure with git's own words if it does not end with 0. */
  run(args: readonly string[]): Promise<Buffer>;
  /** Stdout as text without the last line break; undefined if git ends with another status than 0. */
  ask(args: readonly string[]): Promise<string | undefined>;
  /** A long-lived git command that is read and written as it runs. */
  spawn(args: readonly string[]): ChildProcessWithoutNullStreams;
}

/** Variables that say how git is set up on this machine; every other `GIT_*` says where it was called from and is dropped. */
const KEPT = /^GIT_(CONFIG_.*|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|EXEC_PATH)$/;

/**
 * Nothing is fetched, asked or run for a repository that is only read.
 * Object replacements are a local view and would change what a commit says on one machine only.
 */
const READ_ONLY = {
  LC_ALL: "C",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none", // before git 2.45, which does not know the line above
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_GRAFT_FILE: "/dev/null/none", // a file there cannot be: grafts are a local view, too
};

/** How git runs. */
export interface GitOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True where the user chose the directory, so that `GIT_DIR` does not count. */
  readonly explicit: boolean;
  /** Variables for git itself, set after all others. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** Creates a runner for the repository around `cwd`. */
export function createGit(cwd: string, { env, explicit, extra = {} }: GitOptions): Git {
  const scrubbed = Object.entries(env).filter(([name]) => !name.startsWith("GIT_") || KEPT.test(name));
  const gitDir = explicit ? undefined : env["GIT_DIR"];
  const childEnv = { ...Object.fromEntries(scrubbed), ...READ_ONLY, ...(gitDir && { GIT_DIR: gitDir }), ...extra };
  const start = (args: readonly string[]) =>
    spawn("git", ["-c", "core.fsmonitor=false", ...args], { cwd, env: childEnv, windowsHide: true });

  async function collect(args: readonly string[]): Promise<{ status: number | null; stdout: Buffer; stderr: string }> {
    const child = start(args);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on("error", () => {});
    child.stdin.end();
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on("error", (cause) => reject(notStarted(cause, cwd)));
      child.on("close", resolve);
    });
    return { status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
  }

  return {
    cwd,
    spawn: start,
    async run(args) {
      const { status, stdout, stderr } = await collect(args);
      if (status !== 0) throw gitFailure(stderr, args);
      return stdout;
    },
    async ask(args) {
      const { status, stdout } = await collect(args);
      return status === 0 ? stdout.toString().replace(/\n$/, "") : undefined;
    },
  };
}

/** A Failure that repeats what git said. */
export function gitFailure(stderr: string, args: readonly string[]): Failure {
  const said = stderr.replace(/^(fatal|error): /gm, "").trim() || `git ${args[0]} failed without a word`;
  return new Failure("failed", { message: said, nextStep: "Run `git fsck` to see whether the repository is whole." });
}

/** A Failure that says why git did not even start. */
export function notStarted(cause: unknown, cwd: string): Failure {
  return new Failure("failed", {
    message: `git could not be started in ${cwd}.`,
    nextStep: "Check that the directory exists and that `git --version` works.",
    cause,
  });
}
