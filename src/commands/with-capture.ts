import { writeLaneNames } from "../capture/lane-names.ts";
import { readSeen } from "../capture/seen.ts";
import { Failure } from "../errors.ts";
import { type Capture, openCapture } from "./capture.ts";
import { catchUp } from "./catch-up.ts";
import type { Context } from "./command.ts";
import { refreshHooks } from "./open-here.ts";
import type { OpenProject } from "./open-project.ts";
import { renderQueued } from "./render-queued.ts";

/** How long a command waits for a hook that is looking at the repository, in ms. */
const WAIT = 10_000;

/** Runs an action with a repository's capture open; what goes wrong with single events is said on stderr. */
export async function withCapture<Result>(
  open: OpenProject,
  { env, pid, stderr }: Pick<Context, "env" | "pid" | "stderr">,
  action: (capture: Capture) => Promise<Result>,
): Promise<Result> {
  const warnings: string[] = [];
  const capture = openCapture(open, { env, pid, now: Date.now, warn: (text) => void warnings.push(text) });
  try {
    return await action(capture);
  } finally {
    capture.close();
    for (const warning of warnings) await stderr.write(`${warning}\n`);
  }
}

/** Queues what happened since the last look, as every command does first, and says so; nothing where capturing never began. */
export async function catchUpFirst(capture: Capture, context: Pick<Context, "stderr" | "execPath">): Promise<void> {
  const { stderr } = context;
  try {
    if (readSeen(capture.folder) === undefined) return;
    await refreshHooks(capture, context);
    writeLaneNames(capture.folder, capture.project.laneNames);
    const { queued, complete } = await catchUp(capture, { wait: WAIT });
    if (queued > 0) await stderr.write(renderQueued(capture, queued));
    if (!complete) await stderr.write(`spec-kitty: another process is still looking here; its events come later\n`);
  } catch (error) {
    const said = describe(error);
    if (said === undefined) throw error;
    await stderr.write(`spec-kitty: what happened since the last look is not queued yet: ${said}\n`);
  }
}

/** What is wrong with the files of a repository must not keep back what is queued already; undefined for a bug. */
function describe(error: unknown): string | undefined {
  if (error instanceof Failure) return `${error.message} ${error.nextStep}`;
  const isSystem = error instanceof Error && "syscall" in error && "path" in error;
  return isSystem ? `${error.message} Make it writable for you, then run any spec-kitty command.` : undefined;
}
