import type { AnyEvent } from "../board/received-event.ts";
import { validateEvent } from "../events/validate-event.ts";
import type { Sent } from "./store.ts";

/** A valid event of the team, or what is wrong with what was sent. */
export type Verdict = { readonly sent: Sent } | { readonly error: string; readonly otherTeam: boolean };

/** Judges one item of a batch before it may be stored. */
export function judgeEvent(value: unknown, { team, receivedAt }: { team: string; receivedAt: number }): Verdict {
  const errors = validateEvent(value, { profile: "028" });
  if (errors.length > 0 || !isEvent(value)) return { error: `invalid: ${errors.join("; ")}`, otherTeam: false };
  if (value.team_slug !== team) {
    const error = `team: the event is of ${JSON.stringify(value.team_slug)}, the token of ${JSON.stringify(team)}`;
    return { error, otherTeam: true };
  }
  try {
    return { sent: { event: value, receivedAt, body: JSON.stringify(value) } };
  } catch {
    // JSON.parse reads any depth, JSON.stringify does not.
    return { error: "invalid: event: is nested too deeply", otherTeam: false };
  }
}

/** The schema has judged everything else already. */
function isEvent(value: unknown): value is AnyEvent & { readonly team_slug: string } {
  return typeof value === "object" && value !== null;
}
