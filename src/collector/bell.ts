/** Wakes whoever waits for news of a team; a ring that nobody hears is no loss, since listeners look for themselves. */
export interface Bell {
  ring(team: number): void;
  /** Resolves at the next ring, or when the signal aborts. */
  wait(team: number, signal: AbortSignal): Promise<void>;
}

/** Creates a bell that is heard in this process. */
export function createBell(): Bell {
  const waiting = new Map<number, Set<() => void>>();
  return {
    ring(team) {
      for (const wake of waiting.get(team) ?? []) wake();
    },
    wait: (team, signal) =>
      new Promise((resolve) => {
        const listeners = waiting.get(team) ?? new Set();
        waiting.set(team, listeners);
        const wake = () => {
          listeners.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        listeners.add(wake);
        signal.addEventListener("abort", wake);
        if (signal.aborted) wake();
      }),
  };
}
