import { setTimeout } from "node:timers/promises";

/** Waits so many ms by a clock that nobody sets; ends early when the signal is aborted. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => undefined); // nothing but the signal ends it
}
