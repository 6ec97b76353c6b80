import type { Envelope } from "./envelope.ts";

/** An event as a collector of feature 028 receives it. */
export type Rendered028 = Envelope & { team_slug: string };

/** Adds the team to a queued event; its statuses are already the contract's four, and everything else goes as it is. */
export function render028(envelope: Envelope, { team }: { team: string }): Rendered028 {
  return { ...envelope, team_slug: team };
}

/** Renders an event for delivery; a move between lanes of one status is none to a collector that knows four of them. */
export function renderFor028(
  envelope: Envelope,
  { team }: { team: string },
): { readonly body: Rendered028 } | { readonly skipped: string } {
  if (envelope.event_type === "WPStatusChanged") {
    const { previous_status, new_status } = envelope.payload;
    if (previous_status === new_status) return { skipped: `both lanes are ${new_status}` };
  }
  return { body: render028(envelope, { team }) };
}
