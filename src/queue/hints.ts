import { join } from "node:path";
import { readText, replaceFile, toFailure } from "./durable-file.ts";
import { parseObject } from "./parse-object.ts";

/** What is good to know and harmless to lose: anything that JSON can hold, by name. */
export type Hints = Readonly<Record<string, unknown>>;

/** Reads `state.json`; one that is lost or broken says nothing. */
export function readHints(folder: string): Hints {
  return parseObject(readText(join(folder, "state.json")) ?? "") ?? {};
}

/** Changes some hints; of two writers at once one may be forgotten. */
export function writeHints(folder: string, patch: Hints): void {
  const path = join(folder, "state.json");
  try {
    replaceFile(path, `${JSON.stringify({ ...readHints(folder), ...patch })}\n`);
  } catch (error) {
    throw toFailure(path, error);
  }
}
