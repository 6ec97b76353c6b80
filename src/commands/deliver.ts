import { join } from "node:path";
import { acquireLock } from "../queue/lock.ts";
import type { Binding, Counts } from "../queue/open-queue.ts";
import { type Drained, drain } from "../sync/drain.ts";
import { NO_HINTS } from "../sync/hints.ts";
import type { Totals } from "../sync/ledger.ts";
import { createNodeFetch } from "../sync/node-fetch.ts";
import { sleep } from "../sync/sleep.ts";
import { bindTarget } from "../sync/target.ts";
import { createTransport } from "../sync/transport.ts";
import type { Capture } from "./capture.ts";
import type { Context } from "./command.ts";
import { countedTargets } from "./counted-targets.ts";
import type { FoundTarget } from "./find-target.ts";
import { renderCount } from "./render-age.ts";
import { renderFor, sourceOf } from "./sync-source.ts";

/** How long a live drain of another process is waited for, in ms; then two run, which is harmless. */
const WAIT = 60_000;

/** How a delivery is asked for. */
export interface Delivery {
  readonly found: Pick<FoundTarget, "target" | "missing">;
  readonly rebind: boolean;
  readonly resend: boolean;
  readonly limit: number | undefined;
}

/** What a drain did, and how the queue stands then. */
export interface Delivered {
  readonly drained: Drained;
  readonly counts: Counts;
}

const NOTHING: Totals = { delivered: 0, duplicate: 0, skipped: 0, dead: 0, failed: 0, undecided: 0, posts: 0 };

/** Delivers the pending events of a repository to its target; without one, nothing is sent. */
export async function deliver(
  capture: Capture,
  context: Pick<Context, "stderr" | "signal" | "version">,
  { found, rebind, resend, limit }: Delivery,
): Promise<Delivered> {
  const { queue, folder, now } = capture;
  const { target, missing = "" } = found;
  if (target === undefined) {
    const counts = queue.counts(countedTargets(queue));
    return { drained: { ...NOTHING, stopped: { why: "paused", message: missing } }, counts };
  }
  const binding = bind(capture, bindTarget(queue.readBinding(), target, { rebind, resend, now: now() }));
  const release = await acquireLock(join(folder, "flush.lock"), { wait: WAIT });
  try {
    queue.maintain({ targets: binding.counts });
    const transport = createTransport({
      fetch: createNodeFetch(),
      server: target.server,
      token: () => target.token,
      userAgent: `spec-kitty/${context.version}`,
    });
    const drained = await drain(sourceOf(capture, { counts: binding.counts, limit }), {
      transport,
      render: renderFor(target.team),
      mode: "foreground",
      now,
      sleep,
      random: Math.random,
      signal: context.signal,
      onProgress: showProgress(context),
    });
    queue.maintain({ targets: binding.counts });
    return { drained, counts: queue.counts(binding.counts) };
  } finally {
    release?.();
  }
}

/** A new target knows nothing of the pauses and limits of the one before. */
function bind({ queue }: Capture, binding: Binding): Binding {
  const before = queue.readBinding();
  if (JSON.stringify(before) === JSON.stringify(binding)) return binding;
  queue.writeBinding(binding);
  queue.writeHints(NO_HINTS);
  return binding;
}

function showProgress({ stderr }: Pick<Context, "stderr">): (totals: Totals) => void {
  return ({ delivered, duplicate, skipped, dead }) => {
    if (stderr.isTTY)
      void stderr
        .write(`\r\x1b[K${renderCount(delivered + duplicate + skipped + dead, "event")} dealt with`)
        .catch(() => {});
  };
}
