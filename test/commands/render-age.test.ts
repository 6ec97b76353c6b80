import { expect, test } from "vitest";
import { renderAge, renderCount } from "../../src/commands/render-age.ts";

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000] as const;

test.each([
  [0, "0 s"],
  [999, "0 s"],
  [-5 * MINUTE, "0 s"], // a clock that was set back
  [SECOND, "1 s"],
  [MINUTE - 1, "59 s"],
  [MINUTE, "1 min"],
  [HOUR - 1, "59 min"],
  [HOUR, "1 h"],
  [DAY - 1, "23 h"],
  [DAY, "1 d"],
  [400 * DAY, "400 d"],
])("%d ms are %j", (ms, text) => {
  expect(renderAge(ms)).toBe(text);
});

test.each([
  [0, "0 events"],
  [1, "1 event"],
  [2, "2 events"],
  [100_000, "100,000 events"],
])("a count of %d is %j", (count, text) => {
  expect(renderCount(count, "event")).toBe(text);
});
