import type { Envelope } from "../../src/events/envelope.ts";
import { ulidFrom } from "../../src/events/ulid.ts";
import type { Settlement, Source } from "../../src/sync/source.ts";
import { exampleEvent } from "../events/example-events.ts";

/** A queue in memory, and all that a drain did to it. */
export interface MemorySource extends Source {
  readonly settlements: Settlement[];
  readonly hints: Record<string, unknown>;
  readonly clocks: number[];
  pendingIds(): string[];
  /** The last verdict by event id. */
  verdicts(): Map<string, Settlement["verdict"]>;
}

/** Makes a source of these events. */
export function createMemorySource(events: Iterable<Envelope>): MemorySource {
  const settlements: Settlement[] = [];
  const hints: Record<string, unknown> = {};
  const clocks: number[] = [];
  const failed = new Map<string, { attempts: number; firstFailedAt: number }>();
  const settled = new Set<string>();
  function* pending(): Generator<{ event: Envelope; attempts: number; firstFailedAt: number | undefined }> {
    for (const event of events) {
      if (settled.has(event.event_id)) continue;
      const { attempts = 0, firstFailedAt } = failed.get(event.event_id) ?? {};
      yield { event, attempts, firstFailedAt };
    }
  }
  return {
    settlements,
    hints,
    clocks,
    pending,
    settle(list) {
      settlements.push(...list);
      for (const { id, verdict, at } of list) {
        if (verdict !== "failed") settled.add(id);
        else
          failed.set(id, {
            attempts: (failed.get(id)?.attempts ?? 0) + 1,
            firstFailedAt: failed.get(id)?.firstFailedAt ?? at,
          });
      }
    },
    readHints: () => hints,
    writeHints: (patch) => void Object.assign(hints, patch),
    receiveClock: async (remote) => void clocks.push(remote),
    pendingIds: () => [...pending()].map(({ event }) => event.event_id),
    verdicts: () => new Map(settlements.map(({ id, verdict }) => [id, verdict])),
  };
}

/** The event with this number; its id and its clock are in order. */
export function eventNumber(number: number): Envelope {
  return { ...exampleEvent, event_id: idOf(number), lamport_clock: number };
}

export function idOf(number: number): string {
  return ulidFrom(number, new Uint8Array(10));
}

/** Events 1 to n, made one by one as they are asked for. */
export function manyEvents(count: number): Iterable<Envelope> {
  return {
    *[Symbol.iterator]() {
      for (let number = 1; number <= count; number++) yield eventNumber(number);
    },
  };
}
