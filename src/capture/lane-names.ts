import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = "lanes.json";

/** Reads what the team calls lanes, as a command last found it in the working tree, where no hook looks. */
export function readLaneNames(folder: string): ReadonlyMap<string, string> {
  try {
    const { v, names } = JSON.parse(readFileSync(join(folder, FILE), "utf8"));
    const entries: [string, unknown][] = v === 1 ? Object.entries(names) : [];
    return new Map(entries.map(([name, lane]) => [name, String(lane)]));
  } catch {
    return new Map();
  }
}

/** Hands the names on to hooks; nothing is written while they are the same. */
export function writeLaneNames(folder: string, names: ReadonlyMap<string, string>): void {
  const known = readLaneNames(folder);
  if (known.size === names.size && [...names].every(([name, lane]) => known.get(name) === lane)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `${FILE}.new`);
  writeFileSync(draft, `${JSON.stringify({ v: 1, names: Object.fromEntries(names) })}\n`, { mode: 0o600 });
  renameSync(draft, join(folder, FILE));
}
