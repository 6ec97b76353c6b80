import { hash } from "node:crypto";
import { nodeId } from "../config/node-id.ts";
import type { Envelope, EventType } from "../events/envelope.ts";
import { createIdentity, type Stamp, stampDraft } from "../events/stamp-draft.ts";
import { ALL_HISTORY, type ListedCommit, listCommits, resolveRevisions } from "../git/list-commits.ts";
import { openObjects } from "../git/object-reader.ts";
import type { Project } from "../git/read-project.ts";
import { createSnapshotReader } from "../git/read-snapshots.ts";
import type { Repository } from "../git/repository.ts";
import type { State } from "../infer/state.ts";
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

/** What one commit told. */
export interface Told {
  /** How many commits were looked at so far, this one included. */
  readonly done: number;
  readonly total: number;
  readonly events: readonly Envelope[];
  /** Work packages known at this commit. */
  readonly workPackages: boolean;
}

/**
 * Infers the events of a history, commit by commit, each id once: a change that several branches brought is told where
 * it is met first. Writes nothing.
 */
export async function* readEvents({ repository, project }: OpenProject, query: EventQuery): AsyncGenerator<Told> {
  const { commits, told } = await selectCommits(repository, project, query);
  const objects = openObjects(repository);
  const reader = createSnapshotReader(objects, { root: project.specsRoot });
  const stamp = stampOf(project);
  const ids = new Set<string>();
  let clock = 1;
  let done = 0;
  try {
    for await (const { commit, state, drafts } of inferHistory({ commits, reader, shallow: repository.shallow })) {
      const news = drafts.filter((draft) => isNew(ids, stamp.idOf(draft)) && told(commit.oid));
      const chosen = news.filter(({ feature, fact }) => query.wanted?.({ feature, type: fact.event_type }) ?? true);
      const events = chosen.map((draft) => stampDraft(draft, clock++, stamp));
      done += 1;
      yield {
        done,
        total: commits.length,
        events,
        workPackages: hasWorkPackages(state),
      };
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
  const commits = await collect(listCommits(repository, tips));
  if (tips.length === selection.length) return { commits, told: everything };
  const range = new Set((await collect(listCommits(repository, selection))).map(({ oid }) => oid));
  return { commits, told: (oid: string) => range.has(oid) };
}

async function collect(commits: AsyncIterable<ListedCommit>): Promise<ListedCommit[]> {
  const list: ListedCommit[] = [];
  for await (const commit of commits) list.push(commit);
  return list;
}

function stampOf(project: Project): Stamp {
  return {
    project: project.seed,
    node: nodeId(),
    facts: {
      project_uuid: project.uuid ?? project.seed,
      project_slug: project.slug,
      git_branch: project.branch ?? null,
      head_commit_sha: project.head ?? null,
      repo_slug: project.repoSlug ?? null,
    },
    idOf: createIdentity(project.seed, (text) => hash("sha256", text, "buffer")),
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
