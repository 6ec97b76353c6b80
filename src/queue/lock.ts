import { closeSync, fstatSync, ftruncateSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf, makeFolder, readText, toFailure } from "./durable-file.ts";
import { describeHolder, fateOf } from "./lock-holder.ts";

const UNKNOWABLE_FOR = 5 * 60_000;
/** A lock has no name for the moment in which it is made or becomes another file, unless its process died just then. */
const UNNAMED_FOR = 5000;
const SHORTEST_SLEEP = 1;
const LONGEST_SLEEP = 20;

export interface LockOptions {
  /** For how many ms to wait for one and the same holder. */
  readonly wait: number;
  /** Of this process; known anyway where there is a `/proc`, elsewhere only locks made with it are freed at once by a crash. */
  readonly pid?: number | undefined;
}

/** A lock file that this process has made. */
export interface Lock {
  /** Ends the lock, once. */
  release(): void;
  /** Ends the lock by making its file, with this content, the one at `path`; false if the lock was lost meanwhile. */
  become(path: string, content: string): boolean;
}

/** Waits up to `wait` ms for a lock file and gives its release, which is idempotent; undefined if a live process holds it. */
export async function acquireLock(path: string, options: LockOptions): Promise<(() => void) | undefined> {
  const lock = await takeLock(path, options);
  return lock && (() => lock.release());
}

/**
 * Waits up to `wait` ms for a lock file. The time begins anew whenever the lock changes hands: what is not waited for is
 * a holder that hangs.
 *
 * A lock only saves work: a stopped process may lose it, so whatever it guards must be right without it.
 */
export async function takeLock(path: string, { wait, pid }: LockOptions): Promise<Lock | undefined> {
  let holder: string | undefined;
  let since = performance.now();
  for (let sleep = SHORTEST_SLEEP; ; sleep = Math.min(sleep * 2, LONGEST_SLEEP)) {
    const lock = createLock(path, pid) ?? stealLock(path, pid);
    if (lock) return lock;
    const now = readText(path);
    if (now !== holder) since = performance.now();
    holder = now;
    if (performance.now() - since >= wait) return undefined;
    await new Promise((resolve) => setTimeout(resolve, sleep * (0.5 + Math.random())));
  }
}

function createLock(path: string, pid: number | undefined): Lock | undefined {
  const file = create(path);
  if (file === undefined) return undefined;
  let isHeld = true;
  /** Runs an action as the last one of the lock, unless it was stolen: then the file at its path is another's. */
  const end = (action: () => void): boolean => {
    if (!isHeld) return false;
    isHeld = false;
    const isOurs = fstatSync(file).nlink > 0;
    closeSync(file);
    if (isOurs) action();
    return isOurs;
  };
  const lock: Lock = {
    release: () => void end(() => remove(path)),
    become(target, content) {
      ftruncateSync(file);
      writeSync(file, content, 0);
      return end(() => {
        try {
          renameSync(path, target);
        } catch (error) {
          remove(path);
          throw error;
        }
      });
    },
  };
  try {
    writeSync(file, describeHolder(pid));
    return lock;
  } catch (error) {
    lock.release();
    throw toFailure(path, error);
  }
}

/** Takes the lock of a dead process. The `.steal` file keeps two thieves apart: the slower one would take the faster one's. */
function stealLock(path: string, pid: number | undefined): Lock | undefined {
  if (!isStale(path, readText(path))) return undefined;
  const steal = `${path}.steal`;
  const thief = create(steal);
  if (thief === undefined) {
    if (ageOf(steal) > UNNAMED_FOR) remove(steal);
    return undefined;
  }
  try {
    if (!isStale(path, readText(path))) return undefined;
    remove(path);
    return createLock(path, pid);
  } finally {
    closeSync(thief);
    remove(steal);
  }
}

function isStale(path: string, holder: string | undefined): boolean {
  if (holder === undefined) return ageOf(path) > UNKNOWABLE_FOR; // gone by now, or none that we can read
  const fate = fateOf(holder);
  if (fate === "unnamed") return ageOf(path) > UNNAMED_FOR;
  return fate === "gone" || (fate === "unknown" && ageOf(path) > UNKNOWABLE_FOR);
}

function create(path: string): number | undefined {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return undefined;
    if (codeOf(error) !== "ENOENT") throw toFailure(path, error);
  }
  try {
    makeFolder(dirname(path));
    return openSync(path, "wx", 0o600);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return undefined;
    throw toFailure(path, error);
  }
}

/** How long ago it was made, in ms; a time in the future counts as well, for the system's clock may have been set back. */
function ageOf(path: string): number {
  try {
    return Math.abs(Date.now() - statSync(path).mtimeMs);
  } catch {
    return 0;
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true });
  } catch {} // someone else did
}
