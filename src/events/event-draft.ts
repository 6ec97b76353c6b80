import type { EventType, Layout, Payloads, Source } from "./envelope.ts";

/** A type of event and its payload. */
export type Fact = { [T in EventType]: { readonly event_type: T; readonly payload: Payloads[T] } }[EventType];

/** An inferred event with no id, clock or project yet. */
export interface EventDraft {
  readonly fact: Fact;
  readonly feature: string;
  /** Undefined for events about the feature. */
  readonly workPackage: string | undefined;
  /** What tells this event from others of its type, feature and work package. */
  readonly discriminator: readonly string[];
  /** Time bits of the id, in ms since the epoch: the recorded time where there is one. */
  readonly idTime: number;
  /** When it happened, in ms since the epoch. */
  readonly time: number;
  /** The event this one follows from; `self` for one that is its own cause. */
  readonly cause: EventDraft | "self" | undefined;
  /** A valid upper-case ULID the repository already gave this event. */
  readonly recordedId: string | undefined;
  /** Oid of the commit that shows it. */
  readonly commit: string;
  readonly layout: Layout;
  /** What showed it: a commit, a HEAD that left one behind, a new worktree. */
  readonly kind: Source["kind"];
}
