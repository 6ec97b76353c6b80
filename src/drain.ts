import { spawn } from "node:child_process";
import { appendFileSync, renameSync, statSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { readLaneNames } from "./capture/lane-names.ts";
import { captureFolder, openCapture } from "./commands/capture.ts";
import { catchUp } from "./commands/catch-up.ts";
import { renderQueued } from "./commands/render-queued.ts";
import { Failure } from "./errors.ts";
import { createGit } from "./git/git.ts";
import { listWorktrees } from "./git/list-worktrees.ts";
import { openObjects } from "./git/object-reader.ts";
import { readProject } from "./git/read-project.ts";
import { openGitDir } from "./git/repository.ts";
import { parseLaneNames } from "./model/lane.ts";

/**
 * What the git hook starts: `drain.cjs <git dir> <hook> <specs root>`. It looks at the repository and queues what happened, in the
 * time a commit may take; longer work goes on in a process of its own. It prints nothing and always ends with 0.
 */
const [gitDir = ".git", hook = "unknown", specsRoot = "kitty-specs"] = process.argv.slice(2);
const DETACHED = "detached";
/** How long git waits for us, in ms; the bell stays, and a detached run answers it. */
const DEADLINE = 1000;
/** How long a detached run may take, in ms. */
const LIFETIME = 10 * 60 * 1000;
/** Where the hook's script leaves its stderr open. */
const TERMINAL = 3;
const LONGEST_LOG = 256 * 1024;

let folder: string | undefined;
if (hook === DETACHED) setTimeout(() => process.exit(0), LIFETIME).unref();
else setTimeout(handOn, DEADLINE).unref();
void look();

async function look(): Promise<void> {
  try {
    const cwd = resolve(gitDir);
    const env = { ...process.env, GIT_DIR: cwd };
    const repository = await openGitDir(createGit(cwd, { env, explicit: false }), cwd);
    folder = captureFolder(repository);
    const objects = openObjects(repository);
    try {
      const worktrees = await listWorktrees(repository);
      const here = worktrees.find((worktree) => worktree.gitDir === cwd);
      const at = { oid: here?.head, branch: here?.branch ?? "HEAD" };
      const laneNames = parseLaneNames(readLaneNames(folder));
      const project = { ...(await readProject(repository, { at, objects })), specsRoot, laneNames };
      const capture = openCapture(
        { repository, project },
        { env, pid: process.pid, now: Date.now, warn: log },
        objects,
      );
      // What was listed may be old once somebody else has been waited for.
      const { queued } = await catchUp(capture, hook === DETACHED ? { wait: LIFETIME } : { wait: 0, worktrees });
      if (queued > 0 && project.settings.get("notify") === "true") notify(renderQueued(capture, queued));
    } finally {
      objects.close();
    }
  } catch (error) {
    const bug = error instanceof Error ? error.stack : error;
    log(error instanceof Failure ? `${error.message} ${error.nextStep}` : String(bug));
  }
}

/** Ends at once: nothing is half done, as every step is durable or is done again. */
function handOn(): void {
  const self = process.argv[1] ?? "";
  const options = { cwd: "/", detached: true, stdio: "ignore", windowsHide: true } as const;
  spawn(process.execPath, [self, resolve(gitDir), DETACHED, specsRoot], options).unref();
  process.exit(0);
}

/** Tells whoever runs git, where the hook's script left a way. */
function notify(text: string): void {
  try {
    writeSync(TERMINAL, text);
  } catch {
    // detached: there is nobody
  }
}

/** Adds a line to the log; where there is none to write, nobody is told. */
function log(text: string): void {
  try {
    const file = join(folder ?? join(gitDir, "spec-kitty"), "hook.log");
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LONGEST_LOG) renameSync(file, `${file}.old`);
    appendFileSync(file, `${new Date().toISOString()} ${hook} ${text}\n`, { mode: 0o600 });
  } catch {
    // a hook says nothing
  }
}
