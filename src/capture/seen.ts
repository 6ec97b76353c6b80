import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../errors.ts";

/** How far a repository has been looked at. */
export interface Seen {
  /** Commits whose whole history has been inferred, none of them an ancestor of another. */
  readonly tips: readonly string[];
  /** HEAD of each worktree when it was last looked at, by the worktree's key. */
  readonly heads: Readonly<Record<string, string>>;
  /** HEADs that a worktree left and something else still held, by the worktree's key. */
  readonly lefts: Readonly<Record<string, readonly string[]>>;
  /** What was taken back, as boards see it. */
  readonly rewinds: readonly SeenRewind[];
}

/** A work package that was moved back because a worktree's HEAD left a history. */
export interface SeenRewind {
  /** Key of the worktree, and the branch it was on; empty when detached. */
  readonly worktree: string;
  readonly branch: string;
  readonly feature: string;
  readonly workPackage: string;
  readonly lane: string;
  /** Ms since the epoch. */
  readonly time: number;
  readonly undone: string;
  readonly turn: number;
}

/** A repository that was never looked at. */
export const NOTHING_SEEN: Seen = { tips: [], heads: {}, lefts: {}, rewinds: [] };

const FILE = "seen.json";

/** Reads what was seen; undefined where capturing never began. A file that is there and can't be read is a Failure. */
export function readSeen(folder: string): Seen | undefined {
  const path = join(folder, FILE);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
      return undefined;
    throw new Failure("failed", {
      message: `${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      nextStep: "Make it a file that you own and may read, as whoever ran git last may not have been you.",
      cause,
    });
  }
  const seen = parseSeen(text);
  if (seen) return seen;
  throw new Failure("failed", {
    message: `${path} is damaged, so it is not known which commits have been told.`,
    nextStep: "Remove it, then run `spec-kitty hooks install --backfill`: what is queued already is not queued again.",
  });
}

function parseSeen(text: string): Seen | undefined {
  try {
    const { v, tips, heads, lefts = {}, rewinds = [] } = JSON.parse(text);
    const isWhole =
      v === 1 &&
      isOids(tips) &&
      isOids(Object.values(heads)) &&
      Object.values(lefts).every(isOids) &&
      Array.isArray(rewinds) &&
      rewinds.every(isRewind);
    return isWhole ? { tips, heads, lefts, rewinds } : undefined;
  } catch {
    return undefined;
  }
}

/** Writes what was seen; durable when it returns, so that what is told is not told again after a crash. */
export function writeSeen(folder: string, { tips, heads, lefts, rewinds }: Seen): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `${FILE}.new`);
  writeFileSync(draft, `${JSON.stringify({ v: 1, tips, heads, lefts, rewinds })}\n`, { mode: 0o600, flush: true });
  renameSync(draft, join(folder, FILE));
}

function isOids(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((oid) => typeof oid === "string" && /^[0-9a-f]{40,64}$/.test(oid));
}

function isRewind(value: unknown): value is SeenRewind {
  if (typeof value !== "object" || value === null) return false;
  const fieldsAre = (type: string, names: readonly string[]) =>
    names.every((name) => typeof Reflect.get(value, name) === type);
  const texts = ["worktree", "branch", "feature", "workPackage", "lane", "undone"];
  return fieldsAre("string", texts) && fieldsAre("number", ["time", "turn"]);
}
