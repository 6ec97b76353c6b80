import { existsSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../errors.ts";
import { readText, replaceFile, toFailure } from "./durable-file.ts";
import { parseObject } from "./parse-object.ts";

/** The one target that a repository's events go to. */
export interface Binding {
  readonly server: string;
  readonly team: string;
  /** Target keys whose acks count as settled here, this target's own last. */
  readonly counts: readonly string[];
}

/** What a repository is bound to; a file that can't be read is a Failure, or its events would go to whoever asks next. */
export function readBinding(folder: string): Binding | undefined {
  const path = join(folder, "target.json");
  if (!existsSync(path)) return undefined;
  const { server, team, counts } = parseObject(readText(path) ?? "") ?? {};
  if (typeof server !== "string" || typeof team !== "string" || !isTexts(counts)) {
    throw new Failure("failed", {
      message: "target.json of the queue cannot be read: where this repository's events belong is not known.",
      nextStep: "Bind it again with `spec-kitty sync now --rebind`.",
    });
  }
  return { server, team, counts };
}

/** Binds a repository; it survives a power cut. */
export function writeBinding(folder: string, { server, team, counts }: Binding): void {
  const path = join(folder, "target.json");
  try {
    replaceFile(path, `${JSON.stringify({ server, team, counts })}\n`, { durable: true });
  } catch (error) {
    throw toFailure(path, error);
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
