import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { replaceFile, toFailure } from "./durable-file.ts";
import { listFolder } from "./segments.ts";

const SUFFIX = ".damaged";

/** Keeps a copy of bytes that are no record, under a name made of them: however often they are met, there is one copy. */
export function quarantine(folder: string, bytes: Buffer, now: number): void {
  const path = join(folder, "quarantine", createHash("sha256").update(bytes).digest("hex").slice(0, 16) + SUFFIX);
  if (existsSync(path)) return;
  const reason = "no record with a right checksum is in these bytes";
  const head = JSON.stringify({ reason, bytes: bytes.length, at: new Date(now).toISOString() });
  try {
    replaceFile(path, Buffer.concat([Buffer.from(`${head}\n`), bytes]));
  } catch (error) {
    throw toFailure(path, error);
  }
}

/** How many pieces could not be read. */
export function countQuarantined(folder: string): number {
  return listFolder(join(folder, "quarantine")).filter((name) => name.endsWith(SUFFIX)).length;
}
