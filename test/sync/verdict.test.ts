import { expect, test } from "vitest";
import type { Answer } from "../../src/sync/transport.ts";
import { judgeAnswer, judgeResult, type Move, VERDICTS } from "../../src/sync/verdict.ts";

const HOUR = 60 * 60_000;
const answerOf = (status: number, text = "{}"): Answer => ({
  requestId: "r",
  kind: "answer",
  status,
  retryAfter: undefined,
  text,
});

test.each<{ statuses: number[]; move: Move }>([
  { statuses: [200], move: "settle" },
  { statuses: [400], move: "bisect" },
  { statuses: [401], move: "refresh" },
  { statuses: [403, 404, 405, 410, 501], move: "pause" },
  { statuses: [408, 425, 429, 502, 503, 504, 599], move: "retry" },
  { statuses: [500], move: "thin" },
  { statuses: [413], move: "shrink" },
  { statuses: [300, 301, 302, 303, 304, 307, 308], move: "pause" },
  { statuses: [402, 406, 407, 409, 411, 412, 414, 415, 422, 426, 451, 499], move: "pause" },
  { statuses: [100, 199, 201, 202, 204, 299], move: "retry" },
])("$statuses: $move", ({ statuses, move }) => {
  expect(statuses.map((status) => judgeAnswer(answerOf(status)).move)).toEqual(statuses.map(() => move));
});

test("every status from 100 to 599 is in one row of the table, and only a 200 may deliver or count an attempt", () => {
  for (let status = 100; status <= 599; status++) {
    const rows = VERDICTS.filter(({ statuses }) => statuses.some(([from, to]) => from <= status && status <= to));
    const [row] = rows;
    expect(row, String(status)).toBeDefined();
    expect(row?.events === "by result", String(status)).toBe(status === 200);
    expect(row?.move, String(status)).toBe(judgeAnswer(answerOf(status)).move);
  }
});

test("without an answer the drain tries again, but a redirect stays one", () => {
  expect(judgeAnswer({ requestId: "r", kind: "trouble", reason: "cut" })).toMatchObject({
    move: "retry",
    reason: "cut",
  });
  expect(judgeAnswer({ requestId: "r", kind: "redirect", reason: "away" })).toMatchObject({ move: "pause" });
});

test("a 400 that is no JSON object condemns nothing: it may come from a proxy", () => {
  for (const text of ["<h1>Bad Request</h1>", "", "[]", "null", '"no"']) {
    expect(judgeAnswer(answerOf(400, text)).move, text).toBe("pause");
  }
});

test("a reason names the status, and the server's words if it has any", () => {
  expect(judgeAnswer(answerOf(403)).reason).toBe("the server answered 403");
  expect(judgeAnswer(answerOf(403, '{"detail":"not your\\n team"}')).reason).toBe(
    "the server answered 403: not your team",
  );
});

const fresh = { attempts: 0, firstFailedAt: undefined };
const result = (status: string, permanent = false) => ({ status, permanent, reason: "" });

test.each([
  { status: "success", fate: "delivered" },
  { status: "accepted", fate: "delivered" },
  { status: "warning", fate: "delivered" },
  { status: "duplicate", fate: "duplicate" },
  { status: "queued", fate: "undecided" },
  { status: "pending", fate: "undecided" },
  { status: "error", fate: "failed" },
  { status: "rejected", fate: "failed" },
  { status: "fine", fate: undefined },
  { status: "SUCCESS", fate: undefined },
  { status: "constructor", fate: undefined },
])("an event with the result $status is $fate", ({ status, fate }) => {
  expect(judgeResult(result(status), fresh, 0)).toBe(fate);
});

test("an error for good is dead at once; another one after 5 attempts over 24 hours, and not before", () => {
  const attempts = (count: number, hours: number) =>
    judgeResult(result("error"), { attempts: count, firstFailedAt: 0 }, hours * HOUR);
  expect(judgeResult(result("error", true), fresh, 0)).toBe("dead");
  expect(attempts(4, 24)).toBe("dead");
  expect(attempts(3, 240)).toBe("failed");
  expect(attempts(400, 23.99)).toBe("failed");
  expect(judgeResult(result("error"), { attempts: 9, firstFailedAt: undefined }, 24 * HOUR)).toBe("failed");
  expect(judgeResult(result("success", true), { attempts: 9, firstFailedAt: 0 }, 48 * HOUR)).toBe("delivered");
});
