import type { Lane } from "../model/lane.ts";
import type { Entry, FeatureEntry, WorkPackageEntry } from "./entry.ts";
import { compareMoments, type Moment } from "./moment.ts";

const LONGEST_TEXT = 400;

interface ViewOf<Kind extends Entry["kind"]> {
  readonly kind: Kind;
  readonly project: string;
  readonly project_name: string | null;
  readonly feature_slug: string;
  readonly errors: number;
  readonly last_error: Quote | null;
}

/** Somebody's words, cut to what a board has room for; `at` is ISO 8601. */
interface Quote {
  readonly at: string;
  readonly by: string;
  readonly text: string;
}

/** A feature as boards show it. */
export interface FeatureView extends ViewOf<"feature"> {
  readonly feature_number: string | null;
  readonly target_branch: string | null;
  readonly created_at: string | null;
  readonly completed_at: string | null;
}

/** A card of the board. */
export interface CardView extends ViewOf<"work_package"> {
  readonly wp_id: string;
  readonly title: string | null;
  readonly lane: Lane;
  /** When it came into its lane, and by whom; null where no move led there. */
  readonly since: string | null;
  readonly moved_by: string | null;
  readonly moves: number;
  readonly implementer: string | null;
  readonly reviewer: string | null;
  /** Which of the two was assigned last. */
  readonly phase: "implementation" | "review" | null;
  readonly dependencies: readonly { readonly wp_id: string; readonly resolved: boolean }[];
  readonly notes: number;
  readonly last_note: Quote | null;
}

/** Gives an entry the form in which boards get it. */
export function renderEntry(entry: Entry): FeatureView | CardView {
  return entry.kind === "feature" ? renderFeature(entry) : renderCard(entry);
}

function renderFeature(entry: FeatureEntry): FeatureView {
  const { created, completed } = entry;
  return {
    kind: "feature",
    ...about(entry),
    feature_number: created?.value.number ?? null,
    target_branch: created?.value.branch ?? null,
    created_at: created ? timeOf(created.at) : null,
    completed_at: completed ? timeOf(completed.at) : null,
  };
}

function renderCard(entry: WorkPackageEntry): CardView {
  const { created, notes, implementation, review } = entry;
  return {
    kind: "work_package",
    ...about(entry),
    wp_id: entry.workPackage,
    title: created?.value.title ?? null,
    ...traceMoves(entry),
    implementer: implementation?.value ?? null,
    reviewer: review?.value ?? null,
    phase: phaseOf(entry),
    dependencies: (created?.value.dependencies ?? []).map((wp_id) => ({
      wp_id,
      resolved: entry.resolved.includes(wp_id),
    })),
    notes: notes.count,
    last_note: notes.last ? quote(notes.last.at, notes.last.value.author, notes.last.value.text) : null,
  };
}

function phaseOf({ implementation, review }: WorkPackageEntry): CardView["phase"] {
  if (review && (!implementation || compareMoments(review.at, implementation.at) > 0)) return "review";
  return implementation ? "implementation" : null;
}

function about({ project, projectName, feature, errors: { count, last } }: Entry) {
  return {
    project,
    project_name: projectName?.value ?? null,
    feature_slug: feature,
    errors: count,
    last_error: last ? quote(last.at, last.value.type, last.value.text) : null,
  };
}

/** A status event to the lane the work package already has is no move. */
function traceMoves({ created, statuses }: WorkPackageEntry) {
  let lane: Lane = created?.value.lane ?? "planned";
  let since: string | null = null;
  let moved_by: string | null = null;
  let moves = 0;
  for (const { value, at } of statuses) {
    if (value.lane === lane) continue;
    lane = value.lane;
    since = timeOf(at);
    moved_by = value.by;
    moves += 1;
  }
  return { lane, since, moved_by, moves };
}

function quote(at: Moment, by: string, text: string): Quote {
  return { at: timeOf(at), by, text: cut(text) };
}

function timeOf([time]: Moment): string {
  return new Date(time).toISOString();
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
