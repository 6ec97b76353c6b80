import { type ActivityView, renderActivity } from "../board/render-activity.ts";
import { type CardView, type FeatureView, renderEntry } from "../board/render-entry.ts";
import { parseEvent } from "./board-table.ts";
import type { Store, Team } from "./store.ts";

const MOST_NEWS = 40;

/** A team's board, or what has changed on it. */
export interface BoardView {
  readonly team: string;
  /** How far it goes: `?after=` of this number gives what comes later. */
  readonly seq: number;
  readonly features: readonly FeatureView[];
  readonly cards: readonly CardView[];
  /** The latest events, newest first. */
  readonly news: readonly (ActivityView & { readonly seq: number })[];
}

/** Reads and renders what changed on a team's board after an event number; after 0, all of it. */
export async function renderBoard(store: Store, team: Team, after: number): Promise<BoardView> {
  const { seq, entries, latest } = await store.readBoard(team, { after, latest: MOST_NEWS });
  const views = entries.map(renderEntry);
  return {
    team: team.slug,
    seq,
    features: views.filter((view) => view.kind === "feature"),
    cards: views.filter((view) => view.kind === "work_package"),
    news: latest.map((stored) => ({ seq: stored.seq, ...renderActivity(parseEvent(stored.body)) })),
  };
}
