import { readClaims } from "../capture/claims.ts";
import { readSeen } from "../capture/seen.ts";
import { hasHookFiles } from "../git/hooks/refresh-hook-files.ts";
import { connectionState } from "../sync/connection-state.ts";
import { parseHints } from "../sync/hints.ts";
import type { Capture } from "./capture.ts";
import { defineCommand } from "./command.ts";
import { countedTargets } from "./counted-targets.ts";
import { type FoundTarget, findOtherBinding, findTarget } from "./find-target.ts";
import { openHere } from "./open-here.ts";
import { renderAge, renderCount } from "./render-age.ts";
import { catchUpFirst, withCapture } from "./with-capture.ts";

export const command = defineCommand({
  usage: "status [--json]",
  summary: "Show what waits, what was delivered, and where to",
  options: {
    json: { flag: "--json", description: "print one JSON object" },
  },
  async run({ json }, context) {
    const { stdout } = context;
    const open = await openHere(context);
    await withCapture(open, context, async (capture) => {
      await catchUpFirst(capture, context);
      const status = readStatus(capture, await findTarget(open, context));
      await stdout.write(json ? `${JSON.stringify(status)}\n` : renderStatus(status, capture.now()));
    });
  },
});

/** How a repository's delivery stands; times are ISO 8601, `null` is "never" or "none". */
interface Status {
  readonly connection: string;
  readonly server: string | null;
  readonly team: string | null;
  /** Where the token came from; never the token. */
  readonly login: string | null;
  readonly missing: string | null;
  readonly mode: string;
  /** Whether hooks are installed; `hooks status` proves that they fire. */
  readonly hooks: "installed" | "none";
  /** Whether this repository is captured: hooks, or every command, look at it. */
  readonly capturing: boolean;
  readonly pending: number;
  readonly oldest_pending: string | null;
  readonly held: number;
  readonly delivered: number;
  readonly skipped: number;
  readonly dead: number;
  readonly quarantined: number;
  /** Events of a later release, which this one keeps and does not send. */
  readonly newer: number;
  readonly bytes: number;
  readonly last_sync: string | null;
  readonly trouble: string | null;
}

function readStatus(
  { queue, folder, project, repository }: Capture,
  { target, missing, ...settings }: FoundTarget,
): Status {
  const { oldestPendingAt, ...counts } = queue.counts(countedTargets(queue));
  const hints = parseHints(queue.readHints());
  return {
    connection: connectionState(hints, { target: target !== undefined }),
    server: settings.server?.value ?? null,
    team: settings.team?.value ?? null,
    login: settings.token?.from ?? null,
    missing: missing ?? (target && findOtherBinding(queue, target)) ?? null,
    mode: project.settings.get("mode") ?? "sync",
    hooks: hasHookFiles(repository.commonDir) ? "installed" : "none",
    capturing: readSeen(folder) !== undefined,
    ...counts,
    oldest_pending: isoTime(oldestPendingAt),
    held: readClaims(folder).length,
    last_sync: isoTime(hints.lastSync),
    trouble: hints.trouble ?? null,
  };
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function renderStatus(status: Status, now: number): string {
  const age = (time: string | null): string => (time === null ? "never" : `${renderAge(now - Date.parse(time))} ago`);
  const oldest = status.oldest_pending === null ? "" : `, the oldest ${age(status.oldest_pending)}`;
  const rows: [string, string][] = [
    ["queue", `${renderCount(status.pending, "event")} pending${oldest}`],
    ["", `${status.delivered} delivered, ${status.skipped} skipped, ${status.dead} dead, ${status.held} held`],
    ["connection", `${status.connection}${status.trouble === null ? "" : `: ${status.trouble}`}`],
    ["last sync", age(status.last_sync)],
    ["server", status.server ?? "none"],
    ["team", status.team ?? "none"],
    ["login", status.login === null ? "none" : `token from ${status.login}`],
    ["mode", status.mode],
    ["hooks", status.hooks],
    ["capturing", status.capturing ? "yes" : "no: spec-kitty hooks install"],
  ];
  if (status.quarantined > 0) rows.push(["damaged", `${renderCount(status.quarantined, "piece")} in quarantine`]);
  if (status.newer > 0)
    rows.push(["newer", `${renderCount(status.newer, "event")} that only a later release can send`]);
  const lines = rows.map(([name, value]) => `${name.padEnd(12)}${value}\n`);
  return `${lines.join("")}${status.missing === null ? "" : `${status.missing}\n`}`;
}
