import { appendFileSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readLaneNames } from "../capture/lane-names.ts";
import { Failure } from "../errors.ts";
import { createGit } from "../git/git.ts";
import { listWorktrees } from "../git/list-worktrees.ts";
import { openObjects } from "../git/object-reader.ts";
import { type Head, readProject } from "../git/read-project.ts";
import { openGitDir, type Repository } from "../git/repository.ts";
import { parseLaneNames } from "../model/lane.ts";
import { captureFolder, openCapture } from "./capture.ts";
import { catchUp } from "./catch-up.ts";
import type { Context } from "./command.ts";
import { renderQueued } from "./render-queued.ts";

const LONGEST_LOG = 256 * 1024;

/** A hook that fired, and the process that answers it. */
export interface FiredHook extends Pick<Context, "env" | "pid"> {
  /** Of the worktree it fired in, absolute. */
  readonly gitDir: string;
  readonly hook: string;
  readonly specsRoot: string;
  /** How long to wait for another process that looks, in ms. */
  readonly wait: number;
  /** The descriptor that leads to whoever runs git, where it is open. */
  readonly terminal: number;
}

/**
 * Looks at the repository in which a hook fired and queues what happened. It throws nothing, and prints nothing but the
 * line that `git config spec-kitty.notify true` asks for; what goes wrong is in `hook.log`.
 */
export async function answerHook({ gitDir, hook, specsRoot, wait, terminal, ...context }: FiredHook): Promise<void> {
  let folder = join(gitDir, "spec-kitty");
  const warn = (text: string): void => log(join(folder, "hook.log"), `${hook} ${text}`);
  try {
    const env = { ...context.env, GIT_DIR: gitDir };
    const repository = await openGitDir(createGit(gitDir, { env, explicit: false }), gitDir);
    folder = captureFolder(repository);
    const objects = openObjects(repository);
    try {
      const at = headOf(repository);
      const laneNames = parseLaneNames(readLaneNames(folder));
      const project = { ...(await readProject(repository, { at, objects })), specsRoot, laneNames };
      const capture = openCapture({ repository, project }, { env, pid: context.pid, now: Date.now, warn }, objects);
      if (project.settings.get("mode") === "off") return; // since the script was last told
      const { queued } = await catchUp(capture, { wait });
      if (queued > 0 && project.settings.get("notify") === "true") notify(terminal, renderQueued(capture, queued));
    } finally {
      objects.close();
    }
  } catch (error) {
    const bug = error instanceof Error ? error.stack : error;
    warn(error instanceof Failure ? `${error.message} ${error.nextStep}` : String(bug));
  }
}

/** Where the worktree of the hook is; asked for beside all else. */
async function headOf(repository: Repository): Promise<Head> {
  const here = (await listWorktrees(repository)).find(({ gitDir }) => gitDir === repository.gitDir);
  return { oid: here?.head, branch: here?.branch ?? "HEAD" };
}

function notify(terminal: number, text: string): void {
  try {
    writeSync(terminal, text);
  } catch {
    // detached: there is nobody
  }
}

/** Adds a line to the log; where there is none to write, nobody is told. */
function log(file: string, text: string): void {
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LONGEST_LOG) renameSync(file, `${file}.old`);
    appendFileSync(file, `${new Date().toISOString()} ${text}\n`, { mode: 0o600 });
  } catch {
    // a hook says nothing
  }
}
