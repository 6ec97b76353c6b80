import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readSeen } from "../capture/seen.ts";
import { findHome } from "../config/home.ts";
import { nodeId } from "../config/node-id.ts";
import { Failure } from "../errors.ts";
import { createGit } from "../git/git.ts";
import { isExecutable, readText } from "../git/hooks/files.ts";
import { readHookSettings } from "../git/hooks/hook-settings.ts";
import { readHookStatus } from "../git/hooks/read-hook-status.ts";
import { hasHookFiles } from "../git/hooks/refresh-hook-files.ts";
import { openClock } from "../queue/lamport-clock.ts";
import { openQueue } from "../queue/open-queue.ts";
import { createNodeFetch } from "../sync/node-fetch.ts";
import { createTransport } from "../sync/transport.ts";
import { captureFolder } from "./capture.ts";
import type { Context } from "./command.ts";
import { countedTargets } from "./counted-targets.ts";
import { findTarget } from "./find-target.ts";
import { nextOnPath } from "./next-on-path.ts";
import { openHere } from "./open-here.ts";
import type { OpenProject } from "./open-project.ts";
import { renderAge, renderCount } from "./render-age.ts";

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
    yield broken("project", error);
    return;
  }
  const { seed, specsRoot } = open.project;
  yield { name: "project", state: "ok", text: `${seed || "no commit yet"}, work packages in ${specsRoot}/` };
  yield await checkHooks(open, context);
  yield checkCapture(open);
  yield checkClock(context);
  yield checkQueue(open, context);
  yield* checkTarget(open, context);
  const other = await nextOnPath(context);
  yield {
    name: "commands",
    state: "ok",
    text: other === undefined ? "no other spec-kitty on PATH" : `what we do not know goes to ${other}`,
  };
}

function broken(name: string, error: unknown): Finding {
  if (!(error instanceof Failure)) throw error;
  return { name, state: "broken", text: error.message, mend: error.nextStep };
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
  const { mode, node } = readHookSettings(captureFolder(repository));
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
  const error = readText(join(captureFolder(repository), "hook.log"))
    .trimEnd()
    .split("\n")
    .at(-1);
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
  try {
    const seen = readSeen(captureFolder(repository));
    const mend = "spec-kitty hooks install";
    if (!seen) return { name: "capture", state: "broken", text: "this repository is not captured", mend };
    return { name: "capture", state: "ok", text: `seen up to ${renderCount(seen.tips.length, "tip")}` };
  } catch (error) {
    return broken("capture", error);
  }
}

function checkClock({ env }: Context): Finding {
  try {
    const home = findHome(env);
    const value = openClock({ home, node: nodeId(), now: Date.now }).read();
    const writable = isWritable(existsSync(home) ? home : dirname(home));
    const text = `${value} in ${home}`;
    if (writable) return { name: "clock", state: "ok", text };
    return {
      name: "clock",
      state: "warning",
      text: `${text}, which cannot be written; each repository counts for itself`,
      mend: `Make ${home} writable.`,
    };
  } catch (error) {
    return broken("clock", error);
  }
}

const DAY = 86_400_000;

function checkQueue({ repository }: OpenProject, { env }: Context): Finding {
  const folder = captureFolder(repository);
  const queue = openQueue({
    folder,
    clock: openClock({ home: findHome(env), node: nodeId(), now: Date.now }),
    now: Date.now,
  });
  if (existsSync(folder) && !isWritable(folder)) {
    return { name: "queue", state: "broken", text: `${folder} cannot be written`, mend: "Make it writable for you." };
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
async function* checkTarget(open: OpenProject, context: Context): AsyncGenerator<Finding> {
  const { target, missing, token } = await findTarget(open, context);
  if (target === undefined) {
    yield { name: "server", state: "warning", text: `nothing is sent: ${missing}` };
    return;
  }
  yield { name: "login", state: "ok", text: `team ${target.team}, token from ${token?.from}` };
  const transport = createTransport({
    fetch: createNodeFetch(),
    server: target.server,
    token: () => target.token,
    userAgent: `spec-kitty/${context.version}`,
    deadline: 5000,
  });
  const answer = await transport.send('{"events":[]}', context.signal);
  if (answer.kind === "answer" && answer.status === 200) {
    yield { name: "server", state: "ok", text: `${target.server} takes events` };
    return;
  }
  const why = answer.kind === "answer" ? `it answers ${answer.status}` : answer.reason;
  yield { name: "server", state: "warning", text: `${target.server}: ${why}`, mend: "spec-kitty sync status" };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
