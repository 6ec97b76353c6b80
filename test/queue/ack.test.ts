import { expect, test } from "vitest";
import { type Ack, applyAck, parseAck, renderAck, standings } from "../../src/queue/ack.ts";
import { idOf } from "./make-queue.ts";

const ack = (verdict: Ack["verdict"], at = 1): Ack => ({
  id: idOf(1),
  target: "t",
  verdict,
  at,
  reason: `says ${verdict}`,
});
const fold = (...verdicts: Ack["verdict"][]) =>
  verdicts.map((verdict, index) => ack(verdict, index + 1)).reduce(applyAck, standings.pending);

test.each<[Ack["verdict"][], Partial<ReturnType<typeof fold>>]>([
  [[], { state: "pending", attempts: 0, firstFailedAt: undefined }],
  [["delivered"], { state: "delivered", reason: undefined }],
  [["skipped"], { state: "skipped", reason: "says skipped" }],
  [["dead"], { state: "dead", reason: "says dead" }],
  [["failed", "failed"], { state: "pending", attempts: 2, firstFailedAt: 1 }],
  [["failed", "dead", "retry"], { state: "pending", attempts: 0, firstFailedAt: undefined }],
  [["dead", "retry", "dead"], { state: "dead" }],
  [["dead", "failed"], { state: "dead" }],
  [["dead", "delivered"], { state: "delivered" }],
  [["skipped", "delivered", "dead", "retry", "failed", "skipped"], { state: "delivered", attempts: 0 }],
  [["skipped", "retry"], { state: "skipped" }],
  [["retry", "failed"], { state: "pending", attempts: 1, firstFailedAt: 2 }],
])("an event with the acks %j is %j", (verdicts, standing) => {
  expect(fold(...verdicts)).toMatchObject(standing);
});

test("an ack is read as it was written", () => {
  const full: Ack = { ...ack("dead", 1770000000000), code: 400, reason: 'bad "lane"\n', batch: "b1" };
  const plain: Ack = { id: idOf(2), target: "https://x.example t\u00e9am", verdict: "delivered", at: 5 };
  expect([full, plain].map((one) => parseAck(Buffer.from(renderAck(one).trim())))).toEqual([full, plain]);
});

test("of a reason that never ends only the beginning is kept", () => {
  const [text] = [renderAck({ ...ack("dead"), reason: "y".repeat(2_000_000) })];
  expect(text.length).toBeLessThan(1500);
});

test("an ack of a later release is not guessed at", () => {
  const [newer, unknown] = ['"v":2', '"verdict":"held"'];
  const line = renderAck(ack("dead")).trim();
  expect(parseAck(Buffer.from(line.replace('"v":1', newer)))).toBeUndefined();
  expect(parseAck(Buffer.from(line.replace('"verdict":"dead"', unknown)))).toBeUndefined();
  expect(parseAck(Buffer.from(line.replace('"target"', "target")))).toBeUndefined();
});
