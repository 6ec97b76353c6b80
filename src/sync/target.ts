import { createHash } from "node:crypto";
import { Failure } from "../errors.ts";

/** Where events go. */
export interface Target {
  /** As `parseServerUrl` writes it. */
  readonly server: string;
  readonly team: string;
}

/** The target a repository delivers to, kept in `target.json`. */
export interface Binding extends Target {
  /** Keys of targets whose acks count as settled here; this target's own is the last. */
  readonly counts: readonly string[];
}

/** Names a target in acks: the first 12 hex digits of a hash of server and team. */
export function targetKey({ server, team }: Target): string {
  return createHash("sha256").update(`${server}\n${team}`).digest("hex").slice(0, 12);
}

/** What the user asks for: to go to another target, and to send there what others have already got. */
interface Rebinding {
  readonly rebind: boolean;
  readonly resend: boolean;
  /** ms since 1970; makes the key of a target that is to get everything again. */
  readonly now: number;
}

/**
 * Decides where a repository's events go: the first target binds it, and nothing goes to another one unasked.
 *
 * What was delivered before stays settled. With `resend` it does not, not even at the same target, since that may have
 * lost its data: its key becomes a new one, which no ack has yet.
 */
export function bindTarget(bound: Binding | undefined, target: Target, { rebind, resend, now }: Rebinding): Binding {
  const { server, team } = target;
  const same = bound?.server === server && bound.team === team;
  const key = targetKey(target);
  if (resend && !rebind) {
    throw new Failure("usage", {
      message: "--resend goes with --rebind.",
      nextStep: "Give both: sync now --rebind --resend",
    });
  }
  if (resend) return { server, team, counts: [`${key}@${now}`] };
  if (bound === undefined) return { server, team, counts: [key] };
  if (same) return bound;
  if (!rebind) {
    throw new Failure("failed", {
      message: `This repository delivers to ${bound.server} for team ${bound.team}, not to ${server} for team ${team}.`,
      nextStep: "To deliver there from now on: sync now --rebind (with --resend also what was delivered before)",
    });
  }
  return { server, team, counts: [...bound.counts.filter((known) => known !== key), key] };
}
