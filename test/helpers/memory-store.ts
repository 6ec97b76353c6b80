import { createHash } from "node:crypto";
import type { TextStore } from "../../src/infer/encode-state.ts";

/** A store of states in memory, whose texts a test may drop or damage. */
export function createMemoryStore(): TextStore & { texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    read: (name) => texts.get(name),
    write: (name, text) => void texts.set(name, text),
  };
}

/** Names a text by its content. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
