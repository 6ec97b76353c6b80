import { hash } from "node:crypto";
import { nodeId } from "../config/node-id.ts";
import type { Envelope, EventType } from "../events/envelope.ts";
import type { EventDraft } from "../events/event-draft.ts";
import { createIdentity, type Stamp, stampDraft } from "../events/stamp-draft.ts";
import { ALL_HISTORY, collectCommits, listCommits, resolveRevisions } from "../git/list-commits.ts";
import { openObjects } from "../git/object-reader.ts";
import type { Project } from "../git/read-project.ts";
import { createSnapshotReader } from "../git/read-snapshots.ts";
import type { Repository } from "../git/repository.ts";
import type { State } from "../infer/state.ts";
import { maskText } from "../model/mask-text.ts";
import { inferHistory } from "./infer-history.ts";
import type { OpenProject } from "./open-project.ts";

/** Which events of a history are wanted. */
export interface EventQuery {
  /** Revisions and ranges as git reads them; none means HEAD. What lies before a range is inferred but not told. */
  readonly revisions: readonly string[];
  /** Every branch, tag and remote branch instead. */
  readonly all: boolean;
  readonly wanted?: (event: { feature: string; type: EventType }) => boolean;
}

/** How far a walk is: the commits looked at so far, and all there are. */
interface Done {
  readonly done: number;
  readonly total: number;
  /** Work packages known at this commit. */
  readonly workPackages: boolean;
}

/** What one commit told. */
export interface Told extends Done {
  readonly events: readonly Envelope[];
}

/**
 * Infers the events of a history, commit by commit, each id once: a change that several branches brought is told where
 * it is met first. Writes nothing.
 */
export async function* readEvents(open: OpenProject, query: EventQuery): AsyncGenerator<Told> {
  const stamp = stampOf(open.project);
  let clock = 1;
  for await (const { drafts, ...done } of readDrafts(open, query, stamp.idOf)) {
    yield { ...done, events: drafts.map((draft) => stampDraft(draft, clock++, stamp)) };
  }
}

/** The same before the events are stamped; `idOf` gives the id of a draft. */
export async function* readDrafts(
  { repository, project }: OpenProject,
  query: EventQuery,
  idOf: Stamp["idOf"],
): AsyncGenerator<Done & { readonly drafts: readonly EventDraft[] }> {
  const objects = openObjects(repository);
  const reader = createSnapshotReader(objects, project);
  const ids = new Set<string>();
  let done = 0;
  try {
    const { commits, told } = await selectCommits(repository, project, query);
    for await (const { commit, state, drafts } of inferHistory({ commits, reader, shallow: repository.shallow })) {
      const news = drafts.filter((draft) => isNew(ids, idOf(draft)) && told(commit.oid));
      const chosen = news.filter(({ feature, fact }) => query.wanted?.({ feature, type: fact.event_type }) ?? true);
      done += 1;
      yield { done, total: commits.length, drafts: chosen, workPackages: hasWorkPackages(state) };
    }
  } finally {
    objects.close();
  }
}

/** The commits to walk, and which of them tell: a walk starts at the roots, since a state follows from all before it. */
async function selectCommits(repository: Repository, project: Project, { revisions, all }: EventQuery) {
  const everything = (): boolean => true;
  if (project.head === undefined && !all && revisions.length === 0) return { commits: [], told: everything };
  const selection = all ? ALL_HISTORY : await resolveRevisions(repository, revisions.length > 0 ? revisions : ["HEAD"]);
  const tips = selection.filter((revision) => !revision.startsWith("^"));
  const commits = await collectCommits(listCommits(repository, tips));
  if (tips.length === selection.length) return { commits, told: everything };
  const range = new Set((await collectCommits(listCommits(repository, selection))).map(({ oid }) => oid));
  return { commits, told: (oid: string) => range.has(oid) };
}

/** What the events of a clone are stamped with. */
export function stampOf(project: Project): Stamp {
  const { seed } = project;
  const digest = (text: string): Uint8Array => {
    if (seed === "") throw new Error("the project was read before its first commit, so it has no id");
    return hash("sha256", text, "buffer");
  };
  return {
    project: seed,
    node: nodeId(),
    facts: {
      project_uuid: project.uuid ?? seed,
      project_slug: project.slug,
      git_branch: project.branch === undefined ? null : maskText(project.branch),
      head_commit_sha: project.head ?? null,
      repo_slug: project.repoSlug ?? null,
    },
    idOf: createIdentity(seed, digest),
  };
}

function hasWorkPackages({ features }: State): boolean {
  for (const [, { workPackages }] of features) if (workPackages.size > 0) return true;
  return false;
}

function isNew(ids: Set<string>, id: string): boolean {
  if (ids.has(id)) return false;
  ids.add(id);
  return true;
}
