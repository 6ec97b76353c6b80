import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A claim that waits for a commit to confirm it, and the worktree that made it. */
export interface HeldClaim {
  /** Key of the worktree. */
  readonly worktree: string;
  readonly feature: string;
  readonly workPackage: string;
  /** When the worktree was added, in ms since the epoch. */
  readonly at: number;
  /** Oid of the worktree's HEAD when it was first seen. */
  readonly commit: string;
}

const FILE = "claims.json";

/** Reads the claims held in `<commonDir>/spec-kitty`. */
export function readClaims(folder: string): readonly HeldClaim[] {
  try {
    const { v, claims } = JSON.parse(readFileSync(join(folder, FILE), "utf8"));
    return v === 1 && Array.isArray(claims) ? claims.filter(isClaim) : [];
  } catch {
    return [];
  }
}

/** Writes the claims that are held from now on. */
export function writeClaims(folder: string, claims: readonly HeldClaim[]): void {
  const draft = join(folder, `${FILE}.new`);
  writeFileSync(draft, `${JSON.stringify({ v: 1, claims })}\n`, { mode: 0o600 });
  renameSync(draft, join(folder, FILE));
}

function isClaim(value: unknown): value is HeldClaim {
  if (typeof value !== "object" || value === null) return false;
  const texts = ["worktree", "feature", "workPackage", "commit"].map((name) => Reflect.get(value, name));
  return texts.every((text) => typeof text === "string") && Number.isSafeInteger(Reflect.get(value, "at"));
}
