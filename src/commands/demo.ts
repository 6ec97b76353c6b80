import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serveCollector } from "../collector/serve-collector.ts";
import { packageRoot } from "../config/package-root.ts";
import { Failure } from "../errors.ts";
import { createGit } from "../git/git.ts";
import { installHooks } from "../git/hooks/install-hooks.ts";
import { type Capture, createTeller } from "./capture.ts";
import { catchUp } from "./catch-up.ts";
import { type Context, defineCommand } from "./command.ts";
import { countedTargets } from "./counted-targets.ts";
import { bind, type Delivery, deliver } from "./deliver.ts";
import { tellStory } from "./demo-story.ts";
import { createEventTable, useColours } from "./event-table.ts";
import { openProject } from "./open-project.ts";
import { createProgress } from "./progress.ts";
import { readDrafts } from "./read-events.ts";
import { renderCount } from "./render-age.ts";
import { startCapture } from "./start-capture.ts";
import { withCapture } from "./with-capture.ts";

/** How often the demo looks for new events once the story is over, in ms. */
const PERIOD = 300;
const WAIT = 30_000;
const TEAM = "demo";

export const command = defineCommand({
  usage: "demo [<path>] [--exit]",
  summary: "Show git, hooks, queue, sync and the board at work on a scratch repository",
  arguments: {
    path: { description: "a repository of your own: a clone of it is shown, itself it is not touched", optional: true },
  },
  options: {
    exit: { flag: "--exit", description: "end after the first delivery, instead of serving the board" },
  },
  async run({ path, exit }, context) {
    const scratch = await mkdtemp(join(tmpdir(), "spec-kitty-demo-"));
    try {
      await play({ scratch, path: path === undefined ? undefined : resolve(context.cwd, path), exit }, context);
    } finally {
      await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
    }
  },
});

/** Where the demo plays: everything it writes lies below `scratch`, the user's own clock and settings apart. */
interface Stage {
  readonly scratch: string;
  readonly path: string | undefined;
  readonly exit: boolean;
}

async function play({ scratch, path, exit }: Stage, context: Context): Promise<void> {
  const { stdout, stderr } = context;
  const folder = join(scratch, "project");
  const gitConfig = join(scratch, "gitconfig");
  await writeFile(gitConfig, "[user]\nname = demo\nemail = demo@example.invalid\n[init]\ndefaultBranch = main\n");
  const ownEnv = { SPEC_KITTY_HOME: join(scratch, "home"), GIT_CONFIG_GLOBAL: gitConfig, GIT_CONFIG_NOSYSTEM: "1" };
  const world = { ...context, cwd: folder, env: { ...context.env, ...ownEnv } };
  await mkdir(folder);
  await createProject({ folder, path }, world);
  const collector = await serveCollector({
    port: 0,
    host: "127.0.0.1",
    data: join(scratch, "collector"),
    team: TEAM,
    page: join(packageRoot(), "templates/board"),
    allowHosts: [],
    now: Date.now,
    log: (text) => void stderr.write(`${text}\n`),
  });
  try {
    const { url, token = "" } = collector;
    const target = { server: url, team: TEAM, token };
    await (path === undefined ? playStory(world) : inProject(world, (capture) => backfill(capture, { path, world })));
    await inProject(world, async (capture) => {
      const binding = bind(capture.queue, target, { rebind: false, resend: false, now: capture.now() });
      const delivery = { target, binding };
      await sendAll(capture, { delivery, world });
      await stdout.write(`Board: ${url}/\nIt asks for this token once: ${token}\n`);
      if (exit) return;
      await stdout.write(`\nCommit in ${folder} and watch the board; Ctrl-C ends this and removes everything.\n`);
      await follow(capture, { delivery, world });
    });
  } finally {
    await collector.stop();
  }
}

/** Opens the demo's project as it is now. */
async function inProject<Result>(world: Context, action: (capture: Capture) => Promise<Result>): Promise<Result> {
  const open = await openProject({ cwd: world.cwd, env: world.env, repo: world.cwd });
  return await withCapture(open, world, action);
}

/** An empty repository with hooks, or a clone of another one. */
async function createProject(
  { folder, path }: { folder: string; path: string | undefined },
  { env, execPath }: Context,
): Promise<void> {
  const git = createGit(folder, { env, explicit: true, extra: { GIT_ALLOW_PROTOCOL: "file" } });
  if (path === undefined) await git.run(["-c", "init.templateDir=", "init", "--quiet", "."]);
  else {
    await git.run(["-c", "init.templateDir=", "clone", "--quiet", "--", path, "."]).catch((cause: unknown) => {
      const said = cause instanceof Failure ? cause.message : String(cause);
      throw new Failure("failed", {
        message: `${path} cannot be cloned: ${said}`,
        nextStep: "Name the folder of a git repository, or give none for the sample.",
        cause,
      });
    });
  }
  const { repository, project } = await openProject({ cwd: folder, env, repo: folder });
  const settings = { node: execPath, specsRoot: project.specsRoot, mode: "sync" as const };
  await installHooks(repository, { packageRoot: packageRoot(), settings, into: undefined });
}

/** Lets the team of the story work, and shows after each scene what the hooks queued meanwhile. */
async function playStory(world: Context): Promise<void> {
  const { cwd, env, stdout, signal } = world;
  await inProject(world, (capture) => startCapture(capture, { backfill: false }));
  await stdout.write("A team of one person and two agents builds a feature with plain git; hooks notice what moves.\n");
  const table = createEventTable({
    columns: stdout.isTTY ? stdout.columns : 100,
    colours: stdout.isTTY && useColours(env),
  });
  let position = "0";
  for (const { text, play } of tellStory({ folder: cwd, env, end: Date.now() })) {
    signal.throwIfAborted();
    await play();
    await stdout.write(`\n* ${text}\n`);
    await inProject(world, async (capture) => {
      await catchUp(capture, { wait: WAIT }); // a hook that took too long has handed its work on
      for (const listed of capture.queue.events({ targets: [], after: position })) {
        position = listed.position;
        await stdout.write(`${table.row(listed.event)}\n`);
      }
    });
  }
  await stdout.write(table.summary());
}

/** Queues the whole history of a clone. */
async function backfill(capture: Capture, { path, world }: { path: string; world: Context }): Promise<void> {
  const { stdout, stderr, signal } = world;
  const teller = createTeller(capture, { known: "all" });
  const progress = createProgress(stderr);
  let commits = 0;
  for await (const { done, total, drafts } of readDrafts(capture, { revisions: [], all: true }, teller.idOf)) {
    signal.throwIfAborted();
    commits = done;
    await teller.tell(drafts);
    await progress.show({ done, total });
  }
  await teller.flush();
  await progress.clear();
  await startCapture(capture, { backfill: false });
  await stdout.write(
    `${renderCount(teller.queued, "event")} of ${renderCount(commits, "commit")} in a clone of ${path}\n`,
  );
}

/** What a delivery of the demo needs. */
interface Sending {
  readonly delivery: Delivery;
  readonly world: Context;
}

async function sendAll(capture: Capture, { delivery, world }: Sending): Promise<void> {
  const { drained, counts } = await deliver(capture, world, delivery);
  world.signal.throwIfAborted();
  const { delivered, duplicate, skipped, stopped } = drained;
  const parts = [`${delivered} delivered`, `${duplicate} duplicates`, `${skipped} skipped`];
  await world.stdout.write(`${parts.join(", ")}, ${counts.pending} pending, ${counts.dead} dead\n${stopped.message}`);
  if (counts.pending + counts.dead > 0) {
    const message = `${counts.pending + counts.dead} events of the demo were not delivered.`;
    throw new Failure("failed", { message, nextStep: "Run it again; if it stays so, please report it." });
  }
}

/** Delivers what hooks queue from now on, until somebody ends the demo. */
async function follow(capture: Capture, { delivery, world }: Sending): Promise<void> {
  const quiet = { ...world, stderr: { ...world.stderr, isTTY: false } };
  const targets = countedTargets(capture.queue);
  for (;;) {
    await sleep(PERIOD, undefined, { signal: world.signal });
    if (capture.queue.counts(targets).pending > 0) await deliver(capture, quiet, delivery);
  }
}
