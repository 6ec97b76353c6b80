import { relative, resolve } from "node:path";
import { packageRoot } from "../config/package-root.ts";
import { renderBlock } from "../git/hooks/block.ts";
import { lineToAdd } from "../git/hooks/explain-silence.ts";
import { readHookMode } from "../git/hooks/hook-settings.ts";
import { type Installation, type InstalledHook, installHooks } from "../git/hooks/install-hooks.ts";
import { readHookStatus } from "../git/hooks/read-hook-status.ts";
import { catchUp } from "./catch-up.ts";
import { type Context, defineCommand } from "./command.ts";
import { openHere } from "./open-here.ts";
import type { OpenProject } from "./open-project.ts";
import { renderCount } from "./render-age.ts";
import { startCapture } from "./start-capture.ts";
import { withCapture } from "./with-capture.ts";

export const command = defineCommand({
  usage: "install [--backfill] [--into <dir>] [--quiet]",
  summary: "Let git itself tell when work packages move",
  options: {
    backfill: { flag: "--backfill", description: "queue the events of the history that is already there, too" },
    into: { flag: "--into <dir>", description: "write to the hooks your team tracks, such as .husky" },
    quiet: { flag: "--quiet", description: "for a prepare script: prints nothing, never fails, does nothing in CI" },
  },
  async run({ backfill, into, quiet }, context) {
    if (!quiet) return await context.stdout.write(await install({ backfill, into }, context));
    if (context.env["CI"] && context.env["CI"] !== "false") return;
    await install({ backfill, into }, context).catch(() => undefined); // nobody's `npm install` fails for us
  },
});

/** Installs hooks, begins to capture, and tells what was done. */
async function install(
  { backfill, into }: { backfill: boolean; into: string | undefined },
  context: Context,
): Promise<string> {
  const { cwd, env, execPath } = context;
  const open = await openHere(context);
  const { repository, project } = open;
  const installation = await installHooks(repository, {
    packageRoot: packageRoot(),
    settings: { node: execPath, specsRoot: project.specsRoot, mode: await readHookMode(repository.git) },
    into: into === undefined ? undefined : resolve(cwd, into),
  });
  const queued = await withCapture(open, context, async (capture) => {
    await startCapture(capture, { backfill });
    return (await catchUp(capture, { wait: 0 })).queued;
  });
  const lines = [
    ...installation.hooks.map((hook) => renderHook(hook, { cwd, commonDir: repository.commonDir })),
    ...(installation.hooks.length === 0 ? [renderPlace(installation, cwd)] : []),
    await renderReach(open, env),
    ...(queued > 0 ? [`${renderCount(queued, "event")} queued.`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function renderHook(
  { hook, path, outcome, problem }: InstalledHook,
  { cwd, commonDir }: { cwd: string; commonDir: string },
): string {
  const line = `${hook.padEnd(14)} ${outcome.padEnd(9)} ${relative(cwd, path)}`;
  if (outcome !== "refused") return line;
  return `${line}: ${problem}.\n  Mend that, or start this from it: ${lineToAdd(commonDir, hook)}`;
}

/** Where nothing was written: why, and what to do. */
function renderPlace({ place: { kind, directory, setting } }: Installation, cwd: string): string {
  const source = `core.hooksPath (${setting?.scope})`;
  if (kind === "nowhere") return `${source} is empty, so git runs no hook; nothing was written.`;
  const shown = relative(cwd, directory);
  const [why, offer] =
    kind === "tracked"
      ? [
          `${shown}, whose files your team tracks`,
          `Run \`spec-kitty hooks install --into ${shown}\` and commit, or add`,
        ]
      : [`${directory}, outside this repository`, "You may add"];
  return [
    `${source} leads to ${why}; nothing was written there.`,
    `${offer} these lines to post-commit, at the top but below a #! line,`,
    "and to post-merge, post-checkout and post-rewrite, each with its own name. Without spec-kitty they do nothing.",
    "",
    renderBlock("post-commit"),
  ].join("\n");
}

/** Whether hooks reach us in every worktree: proved, not read. */
async function renderReach({ repository }: OpenProject, env: Context["env"]): Promise<string> {
  const worktrees = await readHookStatus(repository, env);
  if (worktrees.length === 0) {
    return "This repository has no worktree: hooks fire once one is added (git worktree add). Pushes to it fire none.";
  }
  const silent = worktrees.flatMap(({ worktree, hooks }) => {
    const problems = new Set(hooks.flatMap(({ problem }) => problem ?? []));
    return [...problems].map((problem) => {
      const names = hooks.filter((hook) => hook.problem === problem).map(({ hook }) => hook);
      return `Silent in ${worktree}: ${names.join(", ")}: ${problem}.`;
    });
  });
  if (silent.length === 0) return "All hooks fire.";
  return [...silent, "Until then every spec-kitty command catches up. See `spec-kitty hooks status`."].join("\n");
}
