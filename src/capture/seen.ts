import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../errors.ts";

/** How far a repository has been looked at. */
export interface Seen {
  /** Commits whose whole history has been inferred, none of them an ancestor of another. */
  readonly tips: readonly string[];
  /** HEAD of each worktree when it was last looked at, by the worktree's key. */
  readonly heads: Readonly<Record<string, string>>;
}

const FILE = "seen.json";

/** Reads what was seen; undefined where capturing never began. */
export function readSeen(folder: string): Seen | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, FILE), "utf8");
  } catch {
    return undefined;
  }
  try {
    const { v, tips, heads } = JSON.parse(text);
    const isOid = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{40,64}$/.test(value);
    if (v === 1 && Array.isArray(tips) && tips.every(isOid) && Object.values(heads).every(isOid))
      return { tips, heads };
  } catch {
    // told below
  }
  throw new Failure("failed", {
    message: `${join(folder, FILE)} cannot be read, so it is not known which commits have been told.`,
    nextStep:
      "Remove it, then run `spec-kitty hooks install` to begin from here, or `spec-kitty events backfill --all`.",
  });
}

/** Writes what was seen; durable when it returns, so that what is told is not told again after a crash. */
export function writeSeen(folder: string, { tips, heads }: Seen): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `${FILE}.new`);
  const file = openSync(draft, "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify({ v: 1, tips, heads })}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, join(folder, FILE));
}
