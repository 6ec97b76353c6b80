import type { Output } from "./command.ts";

/** A line on a terminal that says how far a walk is. */
export interface Progress {
  show(state: { done: number; total: number }): Promise<void>;
  clear(): Promise<void>;
}

const QUIET = 1000;
const REFRESH = 100;
const WIDTH = 24;

/** Shows progress on a terminal once the work takes more than a second; elsewhere and until then nothing. */
export function createProgress(output: Output): Progress {
  const start = performance.now();
  let shown = 0;
  return {
    async show({ done, total }) {
      const now = performance.now();
      if (!output.isTTY || now - start < QUIET || now - shown < REFRESH) return;
      shown = now;
      const filled = Math.round((WIDTH * done) / total);
      await output.write(`\r\x1b[K${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${done} of ${total} commits`);
    },
    async clear() {
      if (shown > 0) await output.write("\r\x1b[K");
    },
  };
}
