import type { EnvelopeOf, EventType, Payloads } from "../events/envelope.ts";

/** Envelope fields that the contract lets a producer leave out. */
type Optional =
  | "causation_id"
  | "project_uuid"
  | "project_slug"
  | "git_branch"
  | "head_commit_sha"
  | "repo_slug"
  | "source";

type Contract<T extends EventType> = Omit<EnvelopeOf<T>, Optional | "payload"> &
  Partial<Pick<EnvelopeOf<T>, Optional>> & { readonly payload: Partial<Payloads[T]> };

/** An event of one of the eight kinds as any producer of the contract sends it; our own additions may be missing. */
export type ReceivedEvent = { [T in EventType]: Contract<T> }[EventType];

/** An event that has passed the contract's rules; its type may be one we do not know. */
export type AnyEvent = Omit<ReceivedEvent, "event_type" | "payload"> & {
  readonly event_type: string;
  readonly payload: object;
};

/** An event and when it came in. */
export interface Arrival<E extends AnyEvent = AnyEvent> {
  readonly event: E;
  /** Ms since the epoch, by the collector's clock. */
  readonly receivedAt: number;
}
