import type { AnyEvent, Arrival } from "./received-event.ts";

/** How far a producer's clock may run ahead of ours. */
const CLOCK_SKEW = 10 * 60_000;

/** Where an event stands among those of its project: time in ms, Lamport clock, id. */
export type Moment = readonly [time: number, clock: number, id: string];

/** A value, and the moment it was said. */
export interface Said<T> {
  readonly value: T;
  readonly at: Moment;
}

/** When an event counts as having happened; one from the future, or at a leap second, happened when it was received. */
export function momentOf({ event, receivedAt }: Arrival<AnyEvent>): Moment {
  const time = Date.parse(event.timestamp);
  return [time <= receivedAt + CLOCK_SKEW ? time : receivedAt, event.lamport_clock, event.event_id];
}

/** Orders moments: negative when `a` is before `b`. */
export function compareMoments(a: Moment, b: Moment): number {
  return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : Number(a[2] > b[2]));
}

/** What was said last, whichever of the two is heard first. */
export function later<T>(known: Said<T> | undefined, said: Said<T>): Said<T> {
  return known !== undefined && compareMoments(known.at, said.at) >= 0 ? known : said;
}
