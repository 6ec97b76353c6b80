import type { Lane } from "../model/lane.ts";

/** Two records within so many ms of each other, to one lane, are one move: rows are written moments after their log line. */
export const SAME_MOMENT = 5000;

/** Moves to lanes at times, looked up by moment. */
export interface Moments {
  has(lane: Lane, time: number): boolean;
}

/** Creates a look-up of moves; its cost does not grow with their number. */
export function createMoments(moves: Iterable<{ readonly to: string; readonly time: number }>): Moments {
  const times = new Map<string, number[]>();
  for (const { to, time } of moves) {
    const key = `${to}@${Math.floor(time / SAME_MOMENT)}`;
    const known = times.get(key);
    if (known) known.push(time);
    else times.set(key, [time]);
  }
  return {
    has(lane, time) {
      const slot = Math.floor(time / SAME_MOMENT);
      return [slot - 1, slot, slot + 1].some((near) =>
        times.get(`${lane}@${near}`)?.some((other) => Math.abs(other - time) <= SAME_MOMENT),
      );
    },
  };
}
