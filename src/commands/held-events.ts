import { readClaims } from "../capture/claims.ts";
import type { Envelope } from "../events/envelope.ts";
import { stampDraft } from "../events/stamp-draft.ts";
import { tellClaim } from "../infer/infer-claim.ts";
import type { Capture } from "./capture.ts";
import { restoreStates } from "./infer-news.ts";
import { stampOf } from "./read-events.ts";

/** The events of claims that still wait for a commit, as they would be queued; they have no clock yet, so 0 stands there. */
export async function heldEvents(capture: Capture): Promise<Envelope[]> {
  const claims = readClaims(capture.folder);
  const states = await restoreStates(capture, [...new Set(claims.map(({ commit }) => commit))]);
  const stamp = stampOf(capture.project);
  return claims.flatMap((claim) => {
    const state = states.get(claim.commit);
    return state ? tellClaim(claim, state).map((draft) => stampDraft(draft, 0, stamp)) : [];
  });
}
