import { join } from "node:path";
import { readText, replaceFile } from "./durable-file.ts";
import { takeLock } from "./lock.ts";
import { parseObject } from "./parse-object.ts";

/** The user's clock, `clock.json` as `{value, node_id, updated_at}`; other programs use it, too. */
export interface LamportClock {
  /** Reserves n values above everything seen (the home's clock and `atLeast`, the repository's own mark), gives the first. */
  tick(n: number, atLeast: number): Promise<number>;
  /** Makes the next value higher than one that was seen elsewhere. */
  receive(remote: number): Promise<void>;
  read(): number;
}

export interface ClockOptions {
  /** The folder of `clock.json`. */
  readonly home: string;
  readonly node: string;
  readonly now: () => number;
  readonly pid?: number;
}

const LIMIT = 2 ** 48;
/** As long as one holder may take; it writes one small file. */
const WAIT = 2000;

/** Opens the clock of a home; one that can't be read counts as 0, one that can't be written leaves `atLeast` to count on. */
export function openClock({ home, node, now, pid }: ClockOptions): LamportClock {
  const path = join(home, "clock.json");
  let last = 0;

  function read(): number {
    return Math.max(last, valid(parseObject(readText(path) ?? "")?.["value"]));
  }

  async function set(next: (seen: number) => number): Promise<number> {
    const lock = await takeLock(`${path}.lock`, { wait: WAIT, pid }).catch(() => undefined);
    try {
      last = next(read());
      const text = `${JSON.stringify({ value: last, node_id: node, updated_at: new Date(now()).toISOString() })}\n`;
      if (!lock?.become(path, text)) replaceFile(path, text);
    } catch {
      // a home that can't be written: the repository's mark keeps the order
    } finally {
      lock?.release();
    }
    return last;
  }

  return {
    read,
    tick: async (n, atLeast) => (await set((seen) => Math.max(seen, valid(atLeast)) + n)) - n + 1,
    async receive(remote) {
      if (valid(remote) > read()) await set((seen) => Math.max(seen, remote));
    },
  };
}

/** Values from a broken clock must not use up the numbers. */
function valid(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < LIMIT ? value : 0;
}
