import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Stored inference states as files; all of them can be rebuilt from history, so losing any harms nobody. */
export interface StateFiles {
  read(name: string): string | undefined;
  write(name: string, text: string): void;
  /** Forgets everything. */
  clear(): void;
  /**
   * Once many have gathered, removes the states of commits that are neither wanted nor among the newest that `mayServe`,
   * and what only they refer to.
   */
  sweep(wanted: ReadonlySet<string>, mayServe: (text: string) => boolean): void;
}

/** How many states may gather before they are swept, and how many of those that may serve are left then. */
const MOST_COMMITS = 256;
const MOST_SERVING = 128;

/** Opens the folder `<commonDir>/spec-kitty/state`, which need not exist: `commits/<oid>` names what it needs of `shards/`. */
export function openStateFiles(folder: string): StateFiles {
  const list = (kind: string): string[] => {
    try {
      return readdirSync(join(folder, kind));
    } catch {
      return [];
    }
  };
  const read = (name: string): string | undefined => {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch {
      return undefined;
    }
  };
  return {
    read,
    write(name, text) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const draft = join(dirname(path), `.${basename(path)}.${uniqueName()}`);
      writeFileSync(draft, text, { mode: 0o600 });
      renameSync(draft, path); // a reader sees all of it or nothing
    },
    clear() {
      rmSync(folder, { recursive: true, force: true });
    },
    sweep(wanted, mayServe) {
      const commits = list("commits");
      if (commits.length <= MOST_COMMITS) return;
      const texts = new Map(commits.map((oid) => [oid, read(`commits/${oid}`) ?? ""]));
      const age = (oid: string): number =>
        statSync(join(folder, "commits", oid), { throwIfNoEntry: false })?.mtimeMs ?? 0;
      const serving = commits.filter((oid) => !wanted.has(oid) && mayServe(texts.get(oid) ?? ""));
      const kept = new Set(serving.sort((a, b) => age(b) - age(a)).slice(0, MOST_SERVING));
      let needed = "";
      for (const [oid, text] of texts) {
        if (wanted.has(oid) || kept.has(oid)) needed += text;
        else rmSync(join(folder, "commits", oid), { force: true });
      }
      for (const shard of list("shards")) {
        if (!needed.includes(shard)) rmSync(join(folder, "shards", shard), { force: true });
      }
    },
  };
}

let drafts = 0;

/** A name no other process and no earlier write has. */
function uniqueName(): string {
  drafts += 1;
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}-${drafts}`;
}
