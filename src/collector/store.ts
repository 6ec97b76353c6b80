import type { Entry } from "../board/entry.ts";
import type { Arrival } from "../board/received-event.ts";

/** Whose events they are; teams know nothing of each other. */
export interface Team {
  readonly id: number;
  readonly slug: string;
}

/** What a bearer may do: a token everything, a session of a browser only read. */
export type CredentialKind = "token" | "session";

/** A secret as it is kept: only its hash. */
export interface Credential {
  readonly hash: string;
  readonly team: Team;
  readonly kind: CredentialKind;
  /** Ms since the epoch; null for one that stays valid. */
  readonly expiresAt: number | null;
}

/** A valid event, and the JSON it is kept as. */
export interface Sent extends Arrival {
  readonly body: string;
}

/** Valid events of one request. */
export interface Submission {
  readonly team: Team;
  readonly events: readonly Sent[];
}

/** What became of one event; `conflict` names the fact in which it differs from the stored one. */
export type Outcome = "success" | "duplicate" | { readonly conflict: string };

/** What became of a submission, in its order, and the team's highest Lamport clock after it. */
export interface Recorded {
  readonly outcomes: readonly Outcome[];
  readonly clock: number;
}

/** An event as it is kept; `seq` counts the events of its team without a gap. */
export interface StoredEvent {
  readonly seq: number;
  readonly receivedAt: number;
  /** JSON. */
  readonly body: string;
}

/** How far a team has come. */
export interface Head {
  readonly seq: number;
  readonly clock: number;
}

/** A team's board at one moment, or what changed on it after an earlier one. */
export interface BoardState {
  readonly seq: number;
  readonly entries: readonly Entry[];
  /** The latest events, newest first. */
  readonly latest: readonly StoredEvent[];
}

/** Keeps events, each once per team and id, and the boards folded from them. */
export interface Store {
  /** Finds a team by its slug, or creates it. */
  ensureTeam(slug: string): Promise<{ readonly team: Team; readonly created: boolean }>;
  addCredential(credential: Credential): Promise<void>;
  findCredential(hash: string): Promise<Credential | undefined>;
  removeCredential(hash: string): Promise<void>;
  /** Keeps what is new in one transaction, with its numbers and its boards; durable when it resolves. */
  record(submissions: readonly Submission[]): Promise<readonly Recorded[]>;
  readHead(team: Team): Promise<Head>;
  /** Events after a number, oldest first; at least one if there is one, at most `limit` and about `bytes`. */
  readEvents(
    team: Team,
    range: { readonly after: number; readonly limit: number; readonly bytes: number },
  ): Promise<readonly StoredEvent[]>;
  readBoard(team: Team, range: { readonly after: number; readonly latest: number }): Promise<BoardState>;
  close(): Promise<void>;
}
