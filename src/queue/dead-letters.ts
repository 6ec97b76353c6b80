import { join } from "node:path";
import type { Ack } from "./ack.ts";
import { appendLines } from "./durable-file.ts";
import { renderLine } from "./line.ts";
import { recordsOf } from "./record.ts";
import { readSegments } from "./segments.ts";

/** Copies events that were refused for good to `dead.jsonl`, with the reason, for people to read. */
export function buryDead(folder: string, acks: readonly Ack[]): void {
  const dead = new Map(acks.filter(({ verdict }) => verdict === "dead").map((ack) => [ack.id, ack]));
  if (dead.size === 0) return;
  const lines: string[] = [];
  for (const record of recordsOf(readSegments(folder))) {
    const ack = dead.get(record.id);
    if (!ack) continue;
    dead.delete(record.id);
    const { id, target, code, reason, batch } = ack;
    const at = new Date(ack.at).toISOString();
    lines.push(renderLine(id, JSON.stringify({ at, target, code, reason, batch, e: record.readEvent() }).slice(1, -1)));
    if (dead.size === 0) break;
  }
  appendLines(join(folder, "dead.jsonl"), lines);
}
