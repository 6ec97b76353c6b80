import { join } from "node:path";
import { readText, replaceFile } from "./durable-file.ts";
import { acquireLock } from "./lock.ts";
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
const WAIT = 5000;

/** Opens the clock of a home; one that can't be read counts as 0, one that can't be written leaves `atLeast` to count on. */
export function openClock({ home, node, now, pid }: ClockOptions): LamportClock {
  const path = join(home, "clock.json");
  let last = 0;

  function read(): number {
    return Math.max(last, valid(parseObject(readText(path) ?? "")?.["value"]));
  }

  function write(value: number): void {
    last = value;
    try {
      replaceFile(path, `${JSON.stringify({ value, node_id: node, updated_at: new Date(now()).toISOString() })}\n`);
    } catch {} // a home of others: the repository's mark keeps the order
  }

  async function locked<Result>(action: () => Result): Promise<Result> {
    const release = await acquireLock(join(home, "clock.lock"), { wait: WAIT, pid }).catch(() => undefined);
    try {
      return action();
    } finally {
      release?.();
    }
  }

  return {
    read,
    tick: (n, atLeast) =>
      locked(() => {
        const seen = Math.max(read(), valid(atLeast));
        write(seen + n);
        return seen + 1;
      }),
    async receive(remote) {
      if (valid(remote) <= read()) return;
      await locked(() => write(Math.max(read(), remote)));
    },
  };
}

/** Values from a broken clock must not use up the numbers. */
function valid(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < LIMIT ? value : 0;
}
