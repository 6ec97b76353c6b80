import { createGit } from "../git/git.ts";
import { isExecutable } from "../git/hooks/files.ts";
import { readHookSettings } from "../git/hooks/hook-settings.ts";
import { type HookStatus, readHookStatus, type WorktreeHooks } from "../git/hooks/read-hook-status.ts";
import { hasHookFiles, hooksFolder } from "../git/hooks/refresh-hook-files.ts";
import { openRepository } from "../git/repository.ts";
import { type Context, defineCommand } from "./command.ts";
import { lastHookError } from "./last-hook-error.ts";
import { openHere } from "./open-here.ts";
import { catchUpFirst, withCapture } from "./with-capture.ts";

/** How hooks stand in a repository, as `--json` prints it. */
interface HooksReport {
  /** Hooks fire in every worktree, and are not switched off. */
  readonly captured: boolean;
  readonly installed: boolean;
  readonly mode: string;
  readonly node: { readonly path: string; readonly exists: boolean };
  readonly lastError?: string;
  readonly worktrees: readonly WorktreeHooks[];
}

export const command = defineCommand({
  usage: "status [--json]",
  summary: "Prove in every worktree that hooks fire, and say what mends those that don't",
  options: { json: { flag: "--json", description: "one JSON object" } },
  async run({ json }, context) {
    const open = await openHere(context);
    await withCapture(open, context, (capture) => catchUpFirst(capture, context));
    const report = await readReport(context);
    await context.stdout.write(json ? `${JSON.stringify(report)}\n` : renderReport(report));
    return report.captured ? 0 : 1;
  },
});

async function readReport({ cwd, env }: Pick<Context, "cwd" | "env">): Promise<HooksReport> {
  const repository = await openRepository(createGit(cwd, { env, explicit: false }));
  const { commonDir } = repository;
  const worktrees = await readHookStatus(repository, env);
  const { node, mode } = readHookSettings(hooksFolder(commonDir));
  const installed = hasHookFiles(commonDir);
  const fires = worktrees.every(({ hooks }) => hooks.every((hook) => hook.fires));
  const lastError = lastHookError(hooksFolder(commonDir));
  return {
    captured: installed && fires && mode !== "off",
    installed,
    mode,
    node: { path: node, exists: isExecutable(node) },
    ...(lastError && { lastError }),
    worktrees,
  };
}

function renderReport({ installed, mode, node, lastError, worktrees }: HooksReport): string {
  const lines = worktrees.flatMap(({ worktree, hooks }) => [worktree, ...hooks.map(renderHook)]);
  if (worktrees.length === 0) lines.push("This repository has no worktree, so no hook fires.");
  if (installed) {
    lines.push(
      mode === "off" ? "mode: off, nothing is captured (git config --unset spec-kitty.mode)" : `mode: ${mode}`,
    );
    lines.push(`node: ${node.path}${node.exists ? "" : ", which is gone (spec-kitty hooks install)"}`);
  }
  if (lastError) lines.push(`last error: ${lastError}`);
  return `${lines.join("\n")}\n`;
}

function renderHook({ hook, installed, version, fires, problem, mend }: HookStatus): string {
  const state = version === undefined ? "" : ` (v${version}${installed === "current" ? "" : `, ${installed}`})`;
  if (fires) return `  ${hook.padEnd(14)} fires${state}`;
  return `  ${hook.padEnd(14)} silent${state}: ${problem}\n${" ".repeat(17)}${mend}`;
}
