import type { SeenRewind } from "../capture/seen.ts";
import { ALL_HISTORY, readCommit } from "../git/list-commits.ts";
import { isRebasing, type Worktree } from "../git/list-worktrees.ts";
import type { Repository } from "../git/repository.ts";
import { inferReturn, inferRewinds, isOf, type Rewind, type Rewound } from "../infer/infer-rewinds.ts";
import { parseLane } from "../model/lane.ts";
import type { Capture, Teller } from "./capture.ts";
import type { Look } from "./look.ts";

/** What stays to be judged by later looks. */
export interface Unsettled {
  readonly lefts: Readonly<Record<string, readonly string[]>>;
  readonly rewinds: readonly SeenRewind[];
}

/** How many HEADs a worktree left are judged again and again, and how many rewinds are remembered. */
const MOST_LEFTS = 8;
const MOST_REWINDS = 256;

/**
 * Tells, for each worktree whose HEAD left a history that nothing holds any more, what that took back, and what came
 * again since. A history that some ref still holds is judged again by later looks: a push or a deleted branch may let it go.
 */
export async function tellRewinds({ repository }: Capture, look: Look, teller: Teller): Promise<Unsettled> {
  const lefts: Record<string, readonly string[]> = {};
  const rewinds: SeenRewind[] = [];
  for (const worktree of look.worktrees) {
    const { key, head, branch = "" } = worktree;
    const before = look.seen.rewinds.filter((rewind) => rewind.worktree === key);
    const left = leftBy(worktree, look);
    const here = before.filter((rewind) => rewind.branch === branch).flatMap(parseRewound);
    if (head === undefined || isRebasing(worktree) || (left.length === 0 && here.length === 0)) {
      lefts[key] = left.length > 0 ? left : (look.seen.lefts[key] ?? []);
      rewinds.push(...before);
      continue;
    }
    rewinds.push(...before.filter((rewind) => rewind.branch !== branch));
    const { lost, held } = await judge(repository, left, head);
    lefts[key] = left.length > 0 ? held : (look.seen.lefts[key] ?? []);
    const tip = look.walked.find(({ oid }) => oid === head) ?? (await readCommit(repository, head));
    const to = await look.stateOf(head);
    const found: Rewind[] = [];
    for (const oid of lost) found.push(...inferRewinds({ left: oid, from: await look.stateOf(oid), to, tip }, here));
    const told = latestOfEach(found);
    for (const was of here.filter((one) => !told.some(({ rewound }) => isOf(one)(rewound)))) {
      const { rewind, keep } = inferReturn(was, to, tip);
      if (rewind) told.push(rewind);
      if (keep) rewinds.push({ ...was, worktree: key, branch });
    }
    await teller.tell(told.map(({ draft }) => draft));
    rewinds.push(...told.map(({ rewound }) => ({ ...rewound, worktree: key, branch })));
  }
  return { lefts, rewinds: rewinds.slice(-MOST_REWINDS) };
}

/** The HEADs a worktree was on that are to be judged now, oldest first: none where all that happened is one more commit. */
function leftBy({ key, gitDir, head }: Worktree, { seen, walked, rung }: Look): readonly string[] {
  const parents = walked.find(({ oid }) => oid === head)?.parents ?? [];
  const isNew = (oid: string | undefined): oid is string => oid !== undefined && oid !== head && !parents.includes(oid);
  const bells = rung.filter((bell) => bell.gitDir === gitDir).map(({ oid }) => oid);
  const last = seen.heads[key];
  if (last !== undefined && parents.includes(last) && !bells.some(isNew)) return [];
  return [...new Set([...(seen.lefts[key] ?? []), last, ...bells].filter(isNew))].slice(-MOST_LEFTS);
}

/** Tells commits that nothing leads to any more from those that something beside HEAD holds; git has to have them still. */
async function judge(
  repository: Repository,
  oids: readonly string[],
  head: string,
): Promise<{ lost: readonly string[]; held: readonly string[] }> {
  const apart = await findApart(repository, oids, [head]);
  const lost = await findApart(repository, apart, ALL_HISTORY);
  return { lost, held: apart.filter((oid) => !lost.includes(oid)) };
}

/** Those commits that some revisions do not lead to. */
async function findApart(
  { git }: Repository,
  oids: readonly string[],
  revisions: readonly string[],
): Promise<readonly string[]> {
  if (oids.length === 0) return [];
  const output = await git.run(["rev-list", "--ignore-missing", ...oids, "--not", ...revisions]);
  const apart = new Set(output.toString().split("\n"));
  return oids.filter((oid) => apart.has(oid));
}

/** Of two rewinds of one work package the one that takes back the later move. */
function latestOfEach(rewinds: readonly Rewind[]): Rewind[] {
  const latest: Rewind[] = [];
  for (const rewind of rewinds) {
    const index = latest.findIndex(({ rewound }) => isOf(rewind.rewound)(rewound));
    const other = latest[index];
    if (other === undefined) latest.push(rewind);
    else if (rewind.rewound.time > other.rewound.time) latest[index] = rewind;
  }
  return latest;
}

function parseRewound({ lane, ...rewind }: SeenRewind): Rewound[] {
  const parsed = parseLane(lane);
  return parsed === undefined ? [] : [{ ...rewind, lane: parsed }];
}
