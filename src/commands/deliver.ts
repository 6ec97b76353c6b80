import { join } from "node:path";
import { acquireLock } from "../queue/lock.ts";
import type { Binding, Counts, Queue } from "../queue/open-queue.ts";
import { type Drained, drain } from "../sync/drain.ts";
import { NO_HINTS } from "../sync/hints.ts";
import type { Totals } from "../sync/ledger.ts";
import { createNodeFetch } from "../sync/node-fetch.ts";
import { sleep } from "../sync/sleep.ts";
import { bindTarget } from "../sync/target.ts";
import { createTransport } from "../sync/transport.ts";
import type { Capture } from "./capture.ts";
import type { Context, Output } from "./command.ts";
import type { Target } from "./find-target.ts";
import { renderCount } from "./render-age.ts";
import { renderFor, sourceOf } from "./sync-source.ts";

/** How long a live drain of another process is waited for, in ms; then two run, which is harmless. */
const WAIT = 60_000;

/** What a drain did, and how the queue stands then. */
export interface Delivered {
  readonly drained: Drained;
  readonly counts: Counts;
}

/** What a delivery is for: at most `limit` events, where there is one. */
export interface Delivery {
  readonly target: Target;
  readonly binding: Binding;
  readonly limit?: number | undefined;
}

/** Delivers the pending events of a repository to the target it is bound to. */
export async function deliver(
  capture: Capture,
  context: Pick<Context, "stderr" | "signal" | "version">,
  { target, binding: { counts: targets }, limit }: Delivery,
): Promise<Delivered> {
  const { queue, folder, now, pid } = capture;
  const { stderr, signal, version } = context;
  const release = await acquireLock(join(folder, "flush.lock"), { wait: WAIT, pid });
  try {
    queue.maintain({ targets });
    const transport = createTransport({
      fetch: createNodeFetch(),
      server: target.server,
      token: () => target.token,
      userAgent: `spec-kitty/${version}`,
    });
    const drained = await drain(sourceOf(capture, { counts: targets, limit }), {
      transport,
      render: renderFor(target.team),
      mode: "foreground",
      now,
      sleep,
      random: Math.random,
      signal,
      onProgress: (totals) => showProgress(stderr, renderProgress(totals)),
    });
    showProgress(stderr, "");
    queue.maintain({ targets });
    return { drained, counts: queue.counts(targets) };
  } finally {
    release?.();
  }
}

/** How a user wants a repository bound. */
export interface Rebinding {
  readonly rebind: boolean;
  readonly resend: boolean;
}

/** Binds a repository to a target; a new one knows nothing of the pauses and limits of the one before. */
export function bind(queue: Queue, target: Target, { now, ...how }: Rebinding & { readonly now: number }): Binding {
  const before = readBinding(queue, how);
  const binding = bindTarget(before, target, { ...how, now });
  if (JSON.stringify(before) === JSON.stringify(binding)) return binding;
  queue.writeBinding(binding);
  queue.writeHints(NO_HINTS);
  return binding;
}

/** One that cannot be read is what `--rebind` is for, too. */
function readBinding(queue: Queue, { rebind }: Rebinding): Binding | undefined {
  try {
    return queue.readBinding();
  } catch (error) {
    if (rebind) return undefined;
    throw error;
  }
}

function renderProgress({ delivered, duplicate, skipped, dead }: Totals): string {
  return `${renderCount(delivered + duplicate + skipped + dead, "event")} dealt with`;
}

/** The last line of a terminal; elsewhere nothing. */
function showProgress(stderr: Output, text: string): void {
  if (stderr.isTTY) void stderr.write(`\r\x1b[K${text}`).catch(() => {});
}
