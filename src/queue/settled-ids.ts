import { createHash } from "node:crypto";
import { join } from "node:path";
import type { EventState } from "./ack.ts";
import { appendLines, readText } from "./durable-file.ts";
import { listFolder } from "./segments.ts";

const ENTRY = /^([0-9A-Z]{26}) (delivered|skipped)$/gm;
const SUFFIX = ".ids";

/** The states an event is remembered in for ever. */
export type SettledState = Extract<EventState, "delivered" | "skipped">;

/** Remembers what became of events at a target whose segments are about to be deleted; only ids remain of them. */
export function rememberSettled(folder: string, target: string, settled: ReadonlyMap<string, SettledState>): void {
  appendLines(
    pathOf(folder, target),
    [...settled].map(([id, state]) => `\n${id} ${state}\n`),
  );
}

/** What is remembered of events that are no longer there, for targets of which any counts. */
export function readSettled(folder: string, targets: readonly string[]): Map<string, SettledState> {
  return new Map(targets.flatMap((target) => [...readEntries(pathOf(folder, target))]));
}

/** The ids of all events that are no longer there, whatever their target. */
export function* readSettledIds(folder: string): Generator<string> {
  const files = listFolder(join(folder, "archive")).filter((name) => name.endsWith(SUFFIX));
  for (const file of files) for (const [id] of readEntries(join(folder, "archive", file))) yield id;
}

function* readEntries(path: string): Generator<[string, SettledState]> {
  for (const [, id = "", state] of (readText(path) ?? "").matchAll(ENTRY)) {
    yield [id, state === "skipped" ? state : "delivered"];
  }
}

/** One file a target; its key may hold what no file name can. */
function pathOf(folder: string, target: string): string {
  return join(folder, "archive", createHash("sha256").update(target).digest("hex").slice(0, 16) + SUFFIX);
}
