import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Ack, renderAck } from "../../src/queue/ack.ts";
import { renderRecord } from "../../src/queue/record.ts";
import { eventOf, idOf, makeQueue, TARGET } from "./make-queue.ts";

// What each release wrote, and all later ones must read: these files are never changed, a new version adds its own.
const golden = (name: string): string => fileURLToPath(new URL(`golden/${name}`, import.meta.url));
const AT = Date.parse("2026-02-04T10:00:00.000Z");
const TEXTS = ["began", 'said "done" \u2014 caf\u00e9 \u{1f408}', "a\nb\tc\\d", '{"v":1,"id":"', '"crc":"00000000"}'];
const events = TEXTS.map((text, index) => eventOf(index + 1, { clock: index + 41, text }));
const acks: Ack[] = [
  { id: idOf(1), target: TARGET, verdict: "delivered", at: AT, batch: "b1" },
  { id: idOf(2), target: TARGET, verdict: "failed", at: AT, code: 503 },
  { id: idOf(3), target: TARGET, verdict: "dead", at: AT, code: 400, reason: "lane: \u201cdong\u201d" },
  { id: idOf(4), target: TARGET, verdict: "skipped", at: AT },
];

test("this release writes what its golden files hold, byte for byte", () => {
  const records = events.map((event, index) => renderRecord(event, JSON.stringify(event), AT + index));
  expect(records.join("")).toBe(readFileSync(golden("v1.jsonl"), "utf8"));
  expect(acks.map(renderAck).join("")).toBe(readFileSync(golden("v1.acks"), "utf8"));
});

test("the golden files of version 1 are read", () => {
  const { folder, queue } = makeQueue();
  mkdirSync(folder, { recursive: true });
  cpSync(golden("v1.jsonl"), join(folder, "queue.jsonl"));
  cpSync(golden("v1.acks"), join(folder, "queue.acks"));
  expect([...queue.events({ targets: [TARGET] })]).toEqual([
    { position: "41", state: "delivered", event: events[0], at: AT },
    { position: "42", state: "pending", event: events[1], at: AT + 1 },
    { position: "43", state: "dead", event: events[2], at: AT + 2, reason: "lane: \u201cdong\u201d" },
    { position: "44", state: "skipped", event: events[3], at: AT + 3 },
    { position: "45", state: "pending", event: events[4], at: AT + 4 },
  ]);
});
