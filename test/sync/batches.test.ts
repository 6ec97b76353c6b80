import { expect, test } from "vitest";
import { type Batches, LIMITS, type Limits, openBatches, textOf } from "../../src/sync/batches.ts";
import type { PendingEvent } from "../../src/sync/source.ts";
import { render } from "../helpers/drain-world.ts";
import { eventNumber, idOf, manyEvents } from "../helpers/memory-source.ts";

function* pendingOf(events: Iterable<PendingEvent["event"]>): Generator<PendingEvent> {
  for (const event of events) yield { event, attempts: 0, firstFailedAt: undefined };
}
const idsOf = (batches: Batches, limits: Limits): string[] => batches.next(limits).entries.map(({ id }) => id);
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => idOf(from + index));

test("a batch is cut by bytes first, to the byte", () => {
  const one = Buffer.byteLength(textOf(openBatches(pendingOf(manyEvents(1)), render).next(LIMITS).entries));
  const three = openBatches(pendingOf(manyEvents(3)), render).next(LIMITS).entries;
  const bytes = Buffer.byteLength(textOf(three));
  expect(idsOf(openBatches(pendingOf(manyEvents(9)), render), { bytes, events: 1000 })).toEqual(numbers(1, 3));
  expect(idsOf(openBatches(pendingOf(manyEvents(9)), render), { bytes: bytes - 1, events: 1000 })).toEqual(
    numbers(1, 2),
  );
  expect(idsOf(openBatches(pendingOf(manyEvents(9)), render), { bytes: one - 1, events: 1000 })).toEqual([idOf(1)]);
});

test("a batch holds 1000 events at most, and the contract's bytes", () => {
  const tiny = () => ({ body: {} });
  expect(idsOf(openBatches(pendingOf(manyEvents(2500)), tiny), LIMITS)).toEqual(numbers(1, 1000));
  const { entries } = openBatches(pendingOf(manyEvents(2500)), render).next(LIMITS);
  expect(Buffer.byteLength(textOf(entries))).toBeLessThanOrEqual(235_929);
});

test("an id comes once in a batch, and what was put back comes first", () => {
  const events = [1, 2, 1, 3, 4].map(eventNumber);
  const batches = openBatches(pendingOf(events), render);
  const { entries } = batches.next({ bytes: 1e6, events: 3 });
  expect(entries.map(({ id }) => id)).toEqual(numbers(1, 3));
  batches.putBack(entries.slice(1));
  expect(idsOf(batches, LIMITS)).toEqual(numbers(2, 4));
  expect(idsOf(batches, LIMITS)).toEqual([]);
});

test("of 100,000 pending events one batch is in memory", () => {
  let read = 0;
  function* counted(): Generator<PendingEvent> {
    for (const pending of pendingOf(manyEvents(100_000))) {
      read += 1;
      yield pending;
    }
  }
  const batches = openBatches(counted(), render);
  let sent = 0;
  for (let { entries } = batches.next(LIMITS); entries.length > 0; { entries } = batches.next(LIMITS)) {
    sent += entries.length;
    expect(read - sent).toBeLessThanOrEqual(1);
  }
  expect(sent).toBe(100_000);
});

test("what a target cannot show comes apart from the batch, and never piles up", () => {
  const batches = openBatches(pendingOf(manyEvents(2500)), ({ lamport_clock }) => {
    if (lamport_clock === 2500) return { body: { last: true } };
    return lamport_clock % 2 === 0 ? { skipped: "even" } : { parked: "odd" };
  });
  const first = batches.next(LIMITS);
  expect(first.entries).toEqual([]);
  expect(first.unsendable).toHaveLength(1000);
  expect(first.unsendable.slice(0, 2)).toEqual([
    { id: idOf(1), fate: "dead", reason: "odd" },
    { id: idOf(2), fate: "skipped", reason: "even" },
  ]);
  batches.next(LIMITS);
  expect(textOf(batches.next(LIMITS).entries)).toBe('{"events":[{"last":true}]}');
});

test("closing the stream closes what it reads from", () => {
  let closed = false;
  function* events(): Generator<PendingEvent> {
    try {
      yield* pendingOf(manyEvents(5));
    } finally {
      closed = true;
    }
  }
  const batches = openBatches(events(), render);
  batches.next({ bytes: 1e6, events: 2 });
  batches.close();
  expect(closed).toBe(true);
});
