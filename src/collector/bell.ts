/** Waits for a ring of its team since it was last asked: true at once if there was one, false after `ms` or at the end. */
export type Listener = (ms: number) => Promise<boolean>;

/** Wakes whoever waits for news of a team; a ring that is lost costs time alone, since listeners look for themselves. */
export interface Bell {
  ring(team: number): void;
  /** Listens until the signal aborts. */
  listen(team: number, signal: AbortSignal): Listener;
}

/** Creates a bell that is heard in this process. */
export function createBell(): Bell {
  const ears = new Map<number, Set<() => void>>();
  return {
    ring(team) {
      for (const hear of ears.get(team) ?? []) hear();
    },
    listen(team, signal) {
      let isRung = false;
      let wake: () => void = () => undefined;
      const hear = () => {
        isRung = true;
        wake();
      };
      const ofTeam = ears.get(team) ?? new Set();
      ears.set(team, ofTeam.add(hear));
      const stop = () => {
        ofTeam.delete(hear);
        wake();
      };
      signal.addEventListener("abort", stop, { once: true });
      return async (ms) => {
        if (!isRung && !signal.aborted) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, ms);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
        const wasRung = isRung;
        isRung = false;
        return wasRung;
      };
    },
  };
}
