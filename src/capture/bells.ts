import { readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** A hook that fired: the HEAD it fired at, and the git directory of its worktree. */
export interface Bell {
  readonly oid: string;
  readonly gitDir: string;
}

/**
 * The bells that hooks rang: a hook appends a line to `spool` before it starts anything, and whoever answers takes the
 * file away first and removes it when all is done. So a bell is either still there or has been answered.
 */
export interface Bells {
  /** Takes what was rung, what answers that died left behind included. */
  take(): Bell[];
  /** Forgets what was taken. */
  answered(): void;
  /** True when somebody rang and nobody answers. */
  ringing(): boolean;
}

/** A bell: `1 <hook> <oid of HEAD> <git dir>`. */
const BELL = /^1 \S+ ([0-9a-f]{40,64}) (.*)$/;
const TAKEN = /^spool\.taken(\.\d+)?$/;

/** Opens the bells in `<commonDir>/spec-kitty`; only one process at a time may take them. */
export function openBells(folder: string): Bells {
  const spool = join(folder, "spool");
  const listTaken = (): string[] => namesIn(folder).filter((name) => TAKEN.test(name));
  return {
    take() {
      const taken = listTaken();
      const free = taken.length === 0 ? "spool.taken" : `spool.taken.${Math.max(...taken.map(numberOf)) + 1}`;
      try {
        renameSync(spool, join(folder, free));
        taken.push(free);
      } catch {
        // nobody rang
      }
      return taken.flatMap((name) => parseBells(readText(join(folder, name))));
    },
    answered() {
      for (const name of listTaken()) rmSync(join(folder, name), { recursive: true, force: true });
    },
    ringing: () => statSync(spool, { throwIfNoEntry: false }) !== undefined,
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function numberOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function parseBells(text: string): Bell[] {
  return text.split("\n").flatMap((line) => {
    const [, oid, gitDir] = BELL.exec(line) ?? [];
    return oid === undefined || gitDir === undefined ? [] : [{ oid, gitDir }];
  });
}
