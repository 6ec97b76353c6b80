import { readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * The bells that hooks rang: a hook appends a line to `spool` before it starts anything, and whoever answers takes the
 * file away first and removes it when all is done. So a bell is either still there or has been answered.
 */
export interface Bells {
  /** Takes what was rung, what an answer that died left behind included; gives the commits that it names. */
  take(): string[];
  /** Forgets what was taken. */
  answered(): void;
  /** True when somebody rang and nobody answers. */
  ringing(): boolean;
}

/** A bell: `1 <hook> <oid of HEAD> <git dir>`. */
const BELL = /^1 \S+ ([0-9a-f]{40,64}) /;

/** Opens the bells in `<commonDir>/spec-kitty`; only one process at a time may take them. */
export function openBells(folder: string): Bells {
  const spool = join(folder, "spool");
  const taken = join(folder, "spool.taken");
  return {
    take() {
      const left = readText(taken);
      try {
        renameSync(spool, taken);
      } catch {
        return commitsOf(left);
      }
      return commitsOf(left + readText(taken));
    },
    answered() {
      rmSync(taken, { recursive: true, force: true });
    },
    ringing: () => statSync(spool, { throwIfNoEntry: false }) !== undefined,
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function commitsOf(text: string): string[] {
  return [...new Set(text.split("\n").flatMap((line) => BELL.exec(line)?.[1] ?? []))];
}
