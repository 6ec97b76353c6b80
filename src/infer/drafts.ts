import type { Layout } from "../events/envelope.ts";
import type { EventDraft, Fact } from "../events/event-draft.ts";
import { type Lane, statusOf } from "../model/lane.ts";
import type { LogEntry } from "../model/log-entry.ts";
import { maskText } from "../model/mask-text.ts";
import type { Commit, FeatureMeta, WorkPackageFile } from "../model/snapshot.ts";
import type { Hop } from "./hops.ts";
import type { LastMove, Phase } from "./state.ts";

/** What the drafts of one feature and commit have in common. */
export interface FeatureContext {
  readonly feature: string;
  readonly commit: Commit;
  readonly layout: Layout;
}

/** What the drafts of one work package and commit have in common. */
export interface DraftContext extends FeatureContext {
  readonly workPackage: string;
}

/** Recorded times are often made by hand: none is told as later than this many ms after its commit. */
const LATEST_AFTER_COMMIT = 10 * 60 * 1000;
/** The latest time, in ms since the epoch, that a record in this commit can have been made at. */
export function latestFor({ authorTime }: Commit): number {
  return authorTime + LATEST_AFTER_COMMIT;
}

/** An event has to fit into 64 KiB. */
const LONGEST_TEXT = 8000;
const LONGEST_NAME = 500;

/** Drafts FeatureCreated: its identity is the feature alone, whenever and wherever it was seen first. */
export function draftFeatureCreated(
  context: FeatureContext,
  { meta, count }: { meta: FeatureMeta; count: number },
): EventDraft {
  const payload = {
    feature_slug: maskText(context.feature),
    feature_number: meta.number ?? null,
    target_branch: maskText(meta.targetBranch ?? "main"),
    wp_count: count,
    ...(meta.createdAt !== undefined && { created_at: new Date(meta.createdAt).toISOString() }),
  };
  const time = tell(meta.createdAt, context.commit);
  return { ...draft(context, { event_type: "FeatureCreated", payload }), workPackage: undefined, time, cause: "self" };
}

/** Drafts WPCreated: its identity is the feature and the work package alone; `lane` is where it is without a move. */
export function draftCreated(
  context: DraftContext,
  file: WorkPackageFile,
  { cause, lane }: { cause: EventDraft | undefined; lane: Lane | undefined },
): EventDraft {
  const { title, dependencies, createdAt } = file.facts;
  const payload = {
    ...subject(context),
    title: cleanName(title, context.workPackage),
    dependencies: [...dependencies],
    ...(lane && { lane }),
  };
  return { ...draft(context, { event_type: "WPCreated", payload }), time: tell(createdAt, context.commit), cause };
}

/**
 * Drafts WPStatusChanged; `earlier` counts the moves to the same lane at the same time before it. A move nothing records
 * is told as no earlier than the move before it (`notBefore`), whose hand-made time may lie ahead.
 */
export function draftMoved(
  context: DraftContext,
  hop: Hop,
  { idTime, earlier, notBefore }: { idTime: number; earlier: number; notBefore: number },
): EventDraft {
  const payload = {
    ...subject(context),
    previous_status: statusOf(hop.from),
    new_status: statusOf(hop.to),
    from_lane: hop.from,
    to_lane: hop.to,
    changed_by: cleanName(hop.actor, "user"),
  };
  return {
    ...draft(context, { event_type: "WPStatusChanged", payload }),
    discriminator: [hop.to, String(idTime), ...(earlier > 0 ? [String(earlier)] : [])],
    idTime,
    time: hop.time === undefined ? Math.max(context.commit.authorTime, notBefore) : tell(hop.time, context.commit),
    recordedId: hop.eventId,
  };
}

/** Drafts WPAssigned for the agent that `move` lets start a phase; `retries` counts the agents before it. */
export function draftAssigned(
  context: DraftContext,
  { agent, phase, retries, move }: { agent: string; phase: Phase; retries: number; move: EventDraft },
): EventDraft {
  const payload = { ...subject(context), agent_id: cleanName(agent, "unknown"), phase, retry_count: retries };
  return {
    ...draft(context, { event_type: "WPAssigned", payload }),
    discriminator: [phase, agent, String(move.idTime)],
    idTime: move.idTime,
    time: move.time,
    cause: move,
  };
}

/** Drafts HistoryAdded; an entry without a time is as old as its commit. */
export function draftHistory(context: DraftContext, entry: LogEntry, cause: EventDraft | undefined): EventDraft {
  const idTime = entry.time ?? context.commit.authorTime;
  const payload = {
    ...subject(context),
    entry_type: "note" as const,
    entry_content: clean(entry.text, clean(entry.key, "(empty)")),
    author: cleanName(entry.agent, "user"),
  };
  return {
    ...draft(context, { event_type: "HistoryAdded", payload }),
    discriminator: [String(idTime), entry.key],
    idTime,
    time: tell(entry.time, context.commit),
    cause,
  };
}

/** Drafts ErrorLogged for a task file that cannot be read; its identity is the file's bytes. */
export function draftUnreadable(context: DraftContext, file: WorkPackageFile): EventDraft {
  const message = `${file.path}: the frontmatter cannot be read (${file.facts.problem})`;
  const payload = { ...subject(context), error_type: "validation" as const, error_message: clean(message, file.path) };
  return { ...draft(context, { event_type: "ErrorLogged", payload }), discriminator: [file.blob] };
}

/** Drafts DependencyResolved for one edge; `move` took the dependency to done. */
export function draftResolved(context: DraftContext, dependency: string, { idTime, time }: LastMove): EventDraft {
  const payload = { ...subject(context), dependency_wp_id: dependency, resolution_type: "completed" as const };
  const fact = { event_type: "DependencyResolved" as const, payload };
  return { ...draft(context, fact), discriminator: [dependency, String(idTime)], idTime, time };
}

/** Drafts FeatureCompleted; `move` took the last work package to done or canceled. */
export function draftCompleted(context: FeatureContext, total: number, { idTime, time }: LastMove): EventDraft {
  const payload = {
    feature_slug: maskText(context.feature),
    total_wps: total,
    completed_at: new Date(time).toISOString(),
  };
  const fact = { event_type: "FeatureCompleted" as const, payload };
  return { ...draft(context, fact), discriminator: [String(idTime)], idTime, time };
}

function draft(context: FeatureContext & { workPackage?: string }, fact: Fact): EventDraft {
  const { feature, workPackage, commit, layout } = context;
  const base = { discriminator: [], idTime: 0, time: commit.authorTime, cause: undefined, recordedId: undefined };
  return { fact, feature, workPackage, ...base, commit: commit.oid, layout, kind: "commit" };
}

function subject({ feature, workPackage }: DraftContext) {
  return { wp_id: workPackage, feature_slug: maskText(feature) };
}

function tell(recorded: number | undefined, commit: Commit): number {
  return Math.min(recorded ?? commit.authorTime, latestFor(commit));
}

/** Control characters but line breaks and tabs: they would take six bytes each. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Cuts and masks free text; empty text becomes `otherwise`. */
function clean(text: string | undefined, otherwise: string, longest = LONGEST_TEXT): string {
  const cut = (text ?? "").slice(0, longest).toWellFormed().replace(CONTROL, " ");
  const masked = maskText(cut).trim();
  if (masked === "") return otherwise.slice(0, longest);
  return (text ?? "").length > longest ? `${masked}…` : masked;
}

function cleanName(name: string | undefined, otherwise: string): string {
  return clean(name, otherwise, LONGEST_NAME);
}
