import type { EventDraft } from "../events/event-draft.ts";
import type { Lane } from "../model/lane.ts";
import type { LogEntry } from "../model/log-entry.ts";
import type { Commit } from "../model/snapshot.ts";
import { type DraftContext, draftAssigned, draftMoved } from "./drafts.ts";
import type { Hop } from "./hops.ts";
import { SAME_MOMENT } from "./moments.ts";
import type { LastMove, Phase, WorkPackageState } from "./state.ts";

/** A hop and the draft that tells it. */
export interface ToldMove {
  readonly hop: Hop;
  readonly draft: EventDraft;
}

/** What hops are told with: `agent` is what the `agent:` key says now, `added` the entries that came with them. */
interface Telling {
  readonly context: DraftContext;
  readonly before: WorkPackageState;
  readonly agent: string | undefined;
  readonly added: readonly LogEntry[];
}

/** Drafts each hop, and the assignment it brings. */
export function tellHops(hops: readonly Hop[], { context, before, agent, added }: Telling) {
  const drafts: EventDraft[] = [];
  const moves: ToldMove[] = [];
  const counts = new Map(before.moves);
  const agents = { ...before.agents };
  const changedAgent = agent !== undefined && agent !== before.agent ? agent : undefined;
  const noted = added.findLast(({ key, lane }) => lane === undefined && LOG_LINE.test(key))?.agent;
  let latest = before.moved?.time ?? 0;
  for (const [index, hop] of hops.entries()) {
    const last = index === hops.length - 1;
    const actor = hop.actor ?? (last ? (noted ?? changedAgent) : undefined);
    const idTime = hop.time ?? context.commit.authorTime;
    const key = `${hop.to}@${idTime}`;
    const earlier = counts.get(key) ?? 0;
    counts.set(key, earlier + 1);
    const draft = draftMoved(context, { ...hop, actor }, { idTime, earlier, notBefore: latest });
    latest = Math.max(latest, draft.time);
    drafts.push(draft);
    moves.push({ hop, draft });
    const phase = phaseOf(hop);
    if (!phase) continue;
    const had = agents[phase];
    const unnamed = had.length === 0 && phase === "implementation" ? agent : undefined;
    const candidate = realAgent(actor) ?? (last ? (changedAgent ?? unnamed) : undefined);
    if (candidate === undefined || candidate === had.at(-1)) continue;
    drafts.push(draftAssigned(context, { agent: candidate, phase, retries: had.length, move: draft }));
    agents[phase] = [...had, candidate];
  }
  return { drafts, moves, counts: hops.length > 0 ? counts : before.moves, agents };
}

/** A line of an Activity Log begins with its time; an item of `history`, which people write, does not. */
const LOG_LINE = /^\d{4}-\d{2}-\d{2}/;

/** The phase of the work that a hop starts; one that sends work back starts nothing yet. */
function phaseOf({ from, to, answersReview }: Hop): Phase | undefined {
  if (to === "in_review") return "review";
  if (to === "claimed") return "implementation";
  if (to !== "doing" || answersReview) return undefined;
  return from === "for_review" ? "review" : "implementation";
}

const NO_AGENT = /^(|user|system|unknown|none|null|~|__AGENT__|\$+|\{\{.*\}\})$/i;

function realAgent(actor: string | undefined): string | undefined {
  return actor === undefined || NO_AGENT.test(actor.trim()) ? undefined : actor;
}

/** The move that brought the lane: the last one told, unless it is a late record of something older; untold, the commit. */
export function lastMove(
  before: WorkPackageState,
  { lane, moves, commit }: { lane: Lane; moves: readonly ToldMove[]; commit: Commit },
): LastMove | undefined {
  const last = moves.at(-1);
  if (lane === before.lane) {
    const { moved } = before;
    const late = !last || last.hop.to !== lane || (moved !== undefined && last.draft.time < moved.time);
    return late ? moved : timesOf(last.draft);
  }
  return last?.hop.to === lane ? timesOf(last.draft) : { idTime: commit.authorTime, time: commit.authorTime };
}

function timesOf({ idTime, time }: EventDraft): LastMove {
  return { idTime, time };
}

/** Finds the move that an entry records. */
export function createCauses(moves: readonly ToldMove[]): (entry: LogEntry) => EventDraft | undefined {
  const byEntry = new Map(moves.map(({ hop, draft }) => [hop.entry, draft]));
  return (entry) => {
    const recorded = byEntry.get(entry);
    const { lane, time } = entry;
    if (recorded || lane === undefined || time === undefined) return recorded;
    return moves.find(({ hop, draft }) => hop.to === lane && Math.abs(draft.idTime - time) <= SAME_MOMENT)?.draft;
  };
}
