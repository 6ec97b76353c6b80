import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { readSeen } from "../capture/seen.ts";
import { findHome } from "../config/home.ts";
import { nodeId } from "../config/node-id.ts";
import { Failure } from "../errors.ts";
import { createGit } from "../git/git.ts";
import { isExecutable } from "../git/hooks/files.ts";
import { readHookMode, readHookSettings } from "../git/hooks/hook-settings.ts";
import { readHookStatus } from "../git/hooks/read-hook-status.ts";
import { hasHookFiles } from "../git/hooks/refresh-hook-files.ts";
import { openClock } from "../queue/lamport-clock.ts";
import { openQueue, type Queue } from "../queue/open-queue.ts";
import { createNodeFetch } from "../sync/node-fetch.ts";
import { createTransport } from "../sync/transport.ts";
import { captureFolder } from "./capture.ts";
import type { Context } from "./command.ts";
import { countedTargets } from "./counted-targets.ts";
import { findOtherBinding, findTarget } from "./find-target.ts";
import { lastHookError } from "./last-hook-error.ts";
import { nextOnPath } from "./next-on-path.ts";
import { openHere } from "./open-here.ts";
import type { OpenProject } from "./open-project.ts";
import { renderAge, renderCount } from "./render-age.ts";
import { catchUpFirst, withCapture } from "./with-capture.ts";

/** What a check found: `broken` means that no event is captured, a `warning` that something else does not work. */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "warning" | "broken";
  readonly text: string;
  /** The command that mends it. */
  readonly mend?: string;
}

/** Looks at everything an event passes on its way, in that order; a check that cannot go on says why. */
export async function* findings(context: Context): AsyncGenerator<Finding> {
  yield await checkGit(context);
  let open: OpenProject;
  try {
    open = await openHere(context);
  } catch (error) {
    yield findingOf(error, { name: "project", state: "broken" });
    return;
  }
  const { seed, specsRoot } = open.project;
  yield { name: "project", state: "ok", text: `${seed || "no commit yet"}, work packages in ${specsRoot}/` };
  await lookFirst(open, context);
  yield* attempt({ name: "hooks", state: "warning" }, () => checkHooks(open, context));
  yield* attempt({ name: "capture", state: "broken" }, () => checkCapture(open));
  yield* attempt({ name: "clock", state: "broken" }, () => checkClock(context));
  yield* attempt({ name: "queue", state: "warning" }, () => checkQueue(open, context));
  yield* attempt({ name: "server", state: "warning" }, () => checkTarget(open, context));
  const other = await nextOnPath(context);
  yield {
    name: "commands",
    state: "ok",
    text: other === undefined ? "no other spec-kitty on PATH" : `what we do not know goes to ${other}`,
  };
}

/** As every command does; what keeps a look from being made is what the checks are for. */
async function lookFirst(open: OpenProject, context: Context): Promise<void> {
  try {
    await withCapture(open, context, (capture) => catchUpFirst(capture, context));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

/** Gives what a check finds; where the check cannot go on, that is the finding. */
async function* attempt(
  subject: Pick<Finding, "name" | "state">,
  check: () => Finding | Promise<Finding | readonly Finding[]>,
): AsyncGenerator<Finding> {
  try {
    yield* [await check()].flat();
  } catch (error) {
    yield findingOf(error, subject);
  }
}

function findingOf(error: unknown, subject: Pick<Finding, "name" | "state">): Finding {
  if (!(error instanceof Failure)) throw error;
  return { ...subject, text: error.message, mend: error.nextStep };
}

/** The oldest git that has all we ask it for. */
const OLDEST_GIT = [2, 31];

async function checkGit({ cwd, env }: Context): Promise<Finding> {
  const version = await createGit(cwd, { env, explicit: false })
    .ask(["version"])
    .catch(() => undefined);
  if (version === undefined)
    return { name: "git", state: "broken", text: "git cannot be started", mend: "Install git 2.31 or newer." };
  const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  const old = major < (OLDEST_GIT[0] ?? 0) || (major === OLDEST_GIT[0] && minor < (OLDEST_GIT[1] ?? 0));
  return old
    ? { name: "git", state: "warning", text: `${version} is old`, mend: "Install git 2.31 or newer." }
    : { name: "git", state: "ok", text: version };
}

async function checkHooks({ repository }: OpenProject, { env }: Context): Promise<Finding> {
  const { node } = readHookSettings(captureFolder(repository));
  const mode = await readHookMode(repository.git);
  const mend = "spec-kitty hooks install";
  if (!hasHookFiles(repository.commonDir)) {
    return { name: "hooks", state: "warning", text: "not installed; every spec-kitty command catches up", mend };
  }
  if (mode === "off") {
    return {
      name: "hooks",
      state: "warning",
      text: "switched off; every spec-kitty command catches up",
      mend: "git config --unset spec-kitty.mode",
    };
  }
  const worktrees = await readHookStatus(repository, env);
  const silent = worktrees.find(({ hooks }) => hooks.some(({ fires }) => !fires));
  const hook = silent?.hooks.find(({ fires }) => !fires);
  if (silent && hook) {
    const text = `${hook.hook} does not fire in ${silent.worktree}: ${hook.problem}; every spec-kitty command catches up`;
    return { name: "hooks", state: "warning", text, mend: hook.mend ?? mend };
  }
  if (!isExecutable(node)) return { name: "hooks", state: "warning", text: `node is gone from ${node}`, mend };
  const error = lastHookError(captureFolder(repository));
  const text = `fire in ${renderCount(worktrees.length, "worktree")}, mode ${mode}`;
  if (error)
    return {
      name: "hooks",
      state: "warning",
      text: `${text}; the last error: ${error}`,
      mend: "spec-kitty events list",
    };
  return { name: "hooks", state: "ok", text };
}

function checkCapture({ repository }: OpenProject): Finding {
  const seen = readSeen(captureFolder(repository));
  const mend = "spec-kitty hooks install";
  if (!seen) return { name: "capture", state: "broken", text: "this repository is not captured", mend };
  return { name: "capture", state: "ok", text: `seen up to ${renderCount(seen.tips.length, "tip")}` };
}

function checkClock({ env }: Context): Finding {
  const home = findHome(env);
  const text = `${openClock({ home, node: nodeId(), now: Date.now }).read()} in ${home}`;
  if (isWritable(home)) return { name: "clock", state: "ok", text };
  return {
    name: "clock",
    state: "warning",
    text: `${text}, which cannot be written; each repository counts for itself`,
    mend: `Make ${home} a folder that you may write to, or set SPEC_KITTY_HOME to one.`,
  };
}

const DAY = 86_400_000;

function openQueueOf({ repository }: Pick<OpenProject, "repository">, { env }: Pick<Context, "env">): Queue {
  const clock = openClock({ home: findHome(env), node: nodeId(), now: Date.now });
  return openQueue({ folder: captureFolder(repository), clock, now: Date.now });
}

function checkQueue({ repository }: OpenProject, { env }: Context): Finding {
  const folder = captureFolder(repository);
  const queue = openQueueOf({ repository }, { env });
  if (!isWritable(folder)) {
    const mend = "Make it a folder that you may write to.";
    return { name: "queue", state: "broken", text: `${folder} cannot be written`, mend };
  }
  const { pending, oldestPendingAt, dead, quarantined, delivered } = queue.counts(countedTargets(queue));
  const text = `${pending} pending, ${delivered} delivered, ${dead} dead, ${quarantined} damaged`;
  if (dead > 0) return { name: "queue", state: "warning", text, mend: "spec-kitty sync retry" };
  if (oldestPendingAt !== undefined && Date.now() - oldestPendingAt > DAY) {
    return {
      name: "queue",
      state: "warning",
      text: `${text}; the oldest waits for ${renderAge(Date.now() - oldestPendingAt)}`,
      mend: "spec-kitty sync now",
    };
  }
  return { name: "queue", state: "ok", text };
}

/** Whether the server takes our token: an empty batch changes nothing there. */
async function checkTarget(open: OpenProject, context: Context): Promise<readonly Finding[]> {
  const { target, missing, token } = await findTarget(open, context);
  const mend = "spec-kitty sync status";
  if (target === undefined) return [{ name: "server", state: "warning", text: `nothing is sent: ${missing}`, mend }];
  const elsewhere = findOtherBinding(openQueueOf(open, context), target);
  if (elsewhere !== undefined)
    return [{ name: "server", state: "warning", text: elsewhere, mend: "spec-kitty sync now --rebind" }];
  const login: Finding = { name: "login", state: "ok", text: `team ${target.team}, token from ${token?.from}` };
  const transport = createTransport({
    fetch: createNodeFetch(),
    server: target.server,
    token: () => target.token,
    userAgent: `spec-kitty/${context.version}`,
    deadline: 5000,
  });
  const answer = await transport.send('{"events":[]}', context.signal);
  if (answer.kind === "answer" && answer.status === 200) {
    return [login, { name: "server", state: "ok", text: `${target.server} takes events` }];
  }
  const why = answer.kind === "answer" ? `it answers ${answer.status}` : answer.reason;
  return [login, { name: "server", state: "warning", text: `${target.server}: ${why}`, mend }];
}

/** Whether something can be written into a folder, or the folder be made. */
function isWritable(folder: string): boolean {
  if (!existsSync(folder)) return isWritable(dirname(folder));
  try {
    accessSync(`${folder}/`, constants.W_OK | constants.X_OK); // with the slash, a file is refused
    return true;
  } catch {
    return false;
  }
}
