import { expect, test } from "vitest";
import { connectionState } from "../../src/sync/connection-state.ts";
import { NO_HINTS, parseHints, renderHints } from "../../src/sync/hints.ts";
import { bindTarget, targetKey } from "../../src/sync/target.ts";

const here = { server: "https://one.example", team: "red" };
const there = { server: "https://two.example", team: "red" };
const plain = { rebind: false, resend: false, now: 5 };

test("a target's key is 12 hex digits, and another server or team has another one", () => {
  expect(targetKey(here)).toMatch(/^[0-9a-f]{12}$/);
  expect(targetKey(here)).toBe(targetKey({ ...here }));
  expect(new Set([here, there, { ...here, team: "blue" }].map(targetKey)).size).toBe(3);
  expect(targetKey({ server: "a", team: "b\nc" })).not.toBe(targetKey({ server: "a\nb", team: "x" }));
});

test("the first target binds, and the same one changes nothing", () => {
  const bound = bindTarget(undefined, here, plain);
  expect(bound).toEqual({ ...here, counts: [targetKey(here)] });
  expect(bindTarget(bound, here, plain)).toBe(bound);
  expect(bindTarget(bound, here, { ...plain, rebind: true })).toBe(bound);
});

test.each([there, { ...here, team: "blue" }])("nothing goes to %j unasked", (target) => {
  const bound = bindTarget(undefined, here, plain);
  expect(() => bindTarget(bound, target, plain)).toThrow(/delivers to https:\/\/one\.example for team red/);
});

test("after a rebind what the old target got stays settled", () => {
  const bound = bindTarget(bindTarget(undefined, here, plain), there, { ...plain, rebind: true });
  expect(bound).toEqual({ ...there, counts: [targetKey(here), targetKey(there)] });
  const back = bindTarget(bound, here, { ...plain, rebind: true });
  expect(back.counts).toEqual([targetKey(there), targetKey(here)]);
});

test("with resend nothing counts, not even at the same target: it may have lost its data", () => {
  const bound = bindTarget(undefined, here, plain);
  const again = bindTarget(bound, here, { rebind: true, resend: true, now: 7 });
  expect(again).toEqual({ ...here, counts: [`${targetKey(here)}@7`] });
  expect(bindTarget(again, here, plain)).toBe(again);
  expect(bindTarget(bound, there, { rebind: true, resend: true, now: 8 }).counts).toEqual([`${targetKey(there)}@8`]);
  expect(() => bindTarget(bound, here, { rebind: false, resend: true, now: 9 })).toThrow(/--rebind/);
});

test("the connection's state follows from the last attempts", () => {
  const state = (hints: object, target = true) => connectionState({ ...parseHints({}), ...hints }, { target });
  expect(state({ lastSync: 1 })).toBe("Connected");
  expect(state({ lastSync: 1 }, false)).toBe("Offline");
  expect(state({})).toBe("Offline");
  expect(state({ lastSync: 1, trouble: "the server answered 403" })).toBe("Offline");
  expect(state({ lastSync: 1, failures: 1 })).toBe("Reconnecting");
  expect(state({ failures: 9 })).toBe("Reconnecting");
  expect(state({ lastSync: 1, failures: 10 })).toBe("OfflineBatchMode");
});

test("hints survive their way through the file, and nonsense is no hint", () => {
  const hints = { nextAttempt: 1, trouble: "x", lastPost: 2, lastSync: 3, failures: 4, byteLimit: 5, eventLimit: 6 };
  expect(parseHints(renderHints(hints))).toEqual(hints);
  const none = parseHints({});
  expect(none.failures).toBe(0);
  expect(parseHints({ ...renderHints(hints), ...NO_HINTS })).toEqual(none);
  expect(
    parseHints({ next_attempt: "soon", trouble: 7, failures: -1, byte_limit: Number.NaN, last_sync: null }),
  ).toEqual(none);
  expect(renderHints({ trouble: undefined })).toEqual({ trouble: null });
});
