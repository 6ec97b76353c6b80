import { statSync } from "node:fs";
import { join } from "node:path";
import { readText } from "../git/hooks/files.ts";

/** The last line of the hooks' log, unless a look has succeeded since: then whatever it was is mended. */
export function lastHookError(folder: string): string | undefined {
  const line = readText(join(folder, "hook.log")).trimEnd().split("\n").at(-1);
  if (!line) return undefined;
  const looked = statSync(join(folder, "seen.json"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.parse(line.split(" ", 1)[0] ?? "") < looked ? undefined : line;
}
