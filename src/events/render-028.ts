import type { Envelope } from "./envelope.ts";

/** An event as a collector of feature 028 receives it. */
export type Rendered028 = Envelope & { team_slug: string };

/** Adds the team to a queued event; its statuses are already the contract's four, and everything else goes as it is. */
export function render028(envelope: Envelope, { team }: { team: string }): Rendered028 {
  return { ...envelope, team_slug: team };
}
