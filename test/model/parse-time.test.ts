import { expect, test } from "vitest";
import { parseTime } from "../../src/model/parse-time.ts";

const NOON = 1_735_732_800_000; // 2025-01-01T12:00:00Z

test.each([
  ["2025-01-01T12:00:00Z", NOON, true],
  ["2025-01-01t12:00:00z", NOON, true],
  ["2025-01-01T14:00:00+02:00", NOON, true],
  ["2025-01-01T06:30:00-0530", NOON, true],
  ["2025-01-01T12:00:00.250Z", NOON + 250, true],
  ["2025-01-01T12:00:00.123456+00:00", NOON + 123, true],
  ["2025-01-01T12:00:00", NOON, true],
  ["2025-01-01T12:00Z", NOON, true],
  ["2025-01-01 12:00", NOON, true],
  ["2025-01-01 12:00:00 UTC", NOON, true],
  ["2025-01-01", NOON - 43_200_000, false],
  ["2024-02-29", 1_709_164_800_000, false],
  ["1970-01-01", 0, false],
])("%s is a time", (text, time, exact) => {
  expect(parseTime(text)).toEqual({ time, exact });
});

test.each([
  "2025-13-45",
  "2025-02-30",
  "2025-02-29",
  "2025-00-10",
  "2025-01-01T24:00:00Z",
  "2025-01-01T12:60:00Z",
  "2025-01-01T12:00:60Z",
  "2025-01-01T12:00:00+24:00",
  "1969-12-31",
  "0000-01-01",
  "1970-01-01T00:00:00+01:00",
  "{{TIMESTAMP}}",
  "2025-01",
  " 2025-01-01",
  "",
])("%j is no time", (text) => {
  expect(parseTime(text)).toBeUndefined();
});
