import type { Envelope } from "../../src/events/envelope.ts";
import { renderFor028 } from "../../src/events/render-028.ts";
import { type Drained, type DrainOptions, drain } from "../../src/sync/drain.ts";
import { createNodeFetch } from "../../src/sync/node-fetch.ts";
import type { Source } from "../../src/sync/source.ts";
import { createTransport, type Transport } from "../../src/sync/transport.ts";

export const TOKEN = "secret-token-of-the-test";
export const START = Date.parse("2026-03-01T00:00:00Z");

/** A clock that only moves when somebody sleeps; the waits are kept. */
export interface FakeTime {
  readonly waits: number[];
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  pass(ms: number): void;
}

export function createFakeTime(start = START): FakeTime {
  const waits: number[] = [];
  let time = start;
  return {
    waits,
    now: () => time,
    async sleep(ms) {
      waits.push(ms);
      time += ms;
    },
    pass(ms) {
      time += ms;
    },
  };
}

export function transportTo(server: string, options: { deadline?: number } = {}): Transport {
  return createTransport({
    fetch: createNodeFetch(),
    server,
    token: () => TOKEN,
    userAgent: "spec-kitty/test",
    ...options,
  });
}

export const render = (event: Envelope) => renderFor028(event, { team: "red" });

/** Drains to a server, in the foreground with a fake clock unless told otherwise. */
export async function drainTo(
  server: string,
  source: Source,
  options: Partial<DrainOptions> & { time?: FakeTime } = {},
): Promise<Drained> {
  const { time = createFakeTime(), ...others } = options;
  return drain(source, {
    transport: transportTo(server),
    render,
    mode: "foreground",
    now: time.now,
    sleep: time.sleep,
    random: () => 1,
    signal: new AbortController().signal,
    ...others,
  });
}
