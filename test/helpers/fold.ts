import type { EventDraft } from "../../src/events/event-draft.ts";
import { inferEvents } from "../../src/infer/infer-events.ts";
import { EMPTY_STATE, type State } from "../../src/infer/state.ts";
import { parseWorkPackage } from "../../src/model/parse-work-package.ts";
import type { FeatureSnapshot } from "../../src/model/snapshot.ts";
import { digest } from "./memory-store.ts";

/** All there is at a commit: by feature, the texts of its work packages by id. */
export type Files = Readonly<Record<string, Readonly<Record<string, string>>>>;

const NO_META = { missionId: undefined, number: undefined, targetBranch: undefined, createdAt: undefined };

/** What a commit with these files says after its parent, without a repository; `at` is its author date. */
export function fold(files: Files, { parent, at = 0 }: { parent?: State; at?: number } = {}) {
  const features = Object.entries(files).map(([name, texts]) => ({ name, oid: digest(JSON.stringify(texts)), texts }));
  const changed = features.filter(({ name, oid }) => parent?.features.get(name)?.tree !== oid);
  const known = [...(parent?.features ?? [])].map(([name]) => name);
  const oid = digest(JSON.stringify([files, at]));
  const { state, drafts } = inferEvents(
    parent ? [parent] : [],
    {
      tree: digest(JSON.stringify(files)),
      features,
      changed: new Map(changed.map(({ name, oid, texts }) => [name, readFeature(oid, texts)])),
      gone: known.filter((name) => !Object.hasOwn(files, name)),
    },
    { oid, parents: parent ? ["parent"] : [], authorTime: at, committerTime: at },
  );
  return { state, drafts };
}

/** The state after commits with these files, one after another, a minute apart. */
export function stateAfter(...commits: readonly Files[]): State {
  return commits.reduce((parent, files, index) => fold(files, { parent, at: index * 60_000 }).state, EMPTY_STATE);
}

/** A draft in one line: `WP01 planned>doing`, or its type. */
export function describeDraft({ fact }: EventDraft): string {
  if (fact.event_type !== "WPStatusChanged") return fact.event_type;
  return `${fact.payload.wp_id} ${fact.payload.from_lane}>${fact.payload.to_lane}`;
}

function readFeature(tree: string, texts: Files[string]): FeatureSnapshot {
  const workPackages = Object.entries(texts ?? {}).map(([id, text]) => {
    const facts = parseWorkPackage(text);
    if (!facts) throw new Error(`${id} needs a YAML parser`);
    return { id, path: `tasks/${id}.md`, blob: digest(text), directory: undefined, facts };
  });
  return { tree, workPackages, rows: undefined, meta: NO_META };
}
