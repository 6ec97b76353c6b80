import type { Envelope } from "./envelope.ts";
import type { EventDraft } from "./event-draft.ts";
import { ulidFrom } from "./ulid.ts";

/** What every event of one run is stamped with. */
export interface Stamp {
  /** The project seed. */
  readonly project: string;
  readonly node: string;
  readonly facts: ProjectFacts;
  readonly idOf: (draft: EventDraft) => string;
}

/** Facts of the clone an event is seen in, as the envelope carries them. */
export interface ProjectFacts {
  readonly project_uuid: string | null;
  readonly project_slug: string | null;
  readonly git_branch: string | null;
  readonly head_commit_sha: string | null;
  readonly repo_slug: string | null;
}

/**
 * Creates the function that gives an inferred event its id: the ULID of its time and the hash of project seed, type,
 * feature, work package and discriminator, so that whoever sees the same change makes the same id. A row's own ULID is
 * used as it is. Each draft is hashed once.
 */
export function createIdentity(project: string, sha256: (text: string) => Uint8Array): (draft: EventDraft) => string {
  const known = new WeakMap<EventDraft, string>();
  return (draft) => {
    const { fact, feature, workPackage = "", discriminator, idTime, recordedId } = draft;
    if (recordedId !== undefined) return recordedId;
    let id = known.get(draft);
    if (id === undefined) {
      const name = JSON.stringify([project, fact.event_type, feature, workPackage, ...discriminator]);
      id = ulidFrom(idTime, sha256(name));
      known.set(draft, id);
    }
    return id;
  };
}

/** Completes a draft to an event. */
export function stampDraft(draft: EventDraft, clock: number, { project, node, facts, idOf }: Stamp): Envelope {
  const { fact, feature, workPackage, cause, time, commit, layout, kind } = draft;
  const event_id = idOf(draft);
  return {
    event_id,
    ...fact,
    aggregate_id: workPackage ?? fact.payload.feature_slug ?? feature,
    aggregate_type: workPackage === undefined ? "Feature" : "WorkPackage",
    node_id: node,
    lamport_clock: clock,
    causation_id: cause === "self" ? event_id : cause ? idOf(cause) : null,
    timestamp: new Date(time).toISOString(),
    ...facts,
    source: { project, commit, layout, kind },
  };
}
