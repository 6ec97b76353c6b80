import { expect, test } from "vitest";
import { sleep } from "../../src/sync/sleep.ts";

test("an abort ends the wait, and is no error", async () => {
  const stop = new AbortController();
  const waiting = sleep(600_000, stop.signal);
  stop.abort();
  expect(await waiting).toBeUndefined();
  expect(await sleep(600_000, stop.signal)).toBeUndefined();
  expect(await sleep(1, new AbortController().signal)).toBeUndefined();
});
