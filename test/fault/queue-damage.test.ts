import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readLines } from "../../src/queue/read-lines.ts";
import { recordsOf, renderRecord } from "../../src/queue/record.ts";
import { eventOf, idOf, makeFolder, makeQueue } from "../queue/make-queue.ts";
import { STORM } from "./queue-processes.ts";

const RUNS = STORM ? 20_000 : 400;

test("a last line torn at any byte harms neither the events before it nor the next one", async () => {
  const whole = makeQueue();
  await whole.add(1, 2);
  const bytes = readFileSync(join(whole.folder, "queue.jsonl"));
  const last = bytes.lastIndexOf("\n{");
  const memory = existsSync("/dev/shm") ? "/dev/shm" : undefined; // hundreds of syncs
  const { folder, add, pending } = makeQueue(makeFolder(memory));
  const path = join(folder, "queue.jsonl");
  mkdirSync(dirname(path), { recursive: true });
  for (let length = last; length <= bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length));
    await add(3);
    const isWhole = length >= bytes.length - 1;
    expect(pending()).toEqual(isWhole ? ["1", "2", "3"] : ["1", "3"]);
  }
});

const lines = Array.from({ length: 6 }, (_, index) => {
  const event = eventOf(index + 1, { clock: index + 1, text: index === 3 ? "y".repeat(40_000) : "began" });
  return renderRecord(event, JSON.stringify(event), 0);
});
const segment = Buffer.from(lines.join(""));

/** What may happen to a file: bytes change, go, come, or come twice. */
const change = fc.record({
  kind: fc.constantFrom("flip", "cut", "insert", "repeat", "truncate"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof(fc.nat(40), fc.nat(5000)),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom<string>(
      "\n",
      "\r\n",
      "\0".repeat(5000),
      '{"v":1,"id":"',
      ',"crc":"00000000"}',
      "\ufeff",
      lines[0] ?? "",
      lines[1]?.trim() ?? "",
    ),
  ),
});

test(`${RUNS} files damaged at random are read to their end, and no event with a right checksum is lost`, () => {
  const path = join(makeFolder(), "segment.jsonl");
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      const damaged = changes.reduce((file, { kind, at, length, bytes }) => {
        const start = Math.floor(at * file.length);
        const end = Math.min(file.length, start + length);
        const [before, middle, after] = [file.subarray(0, start), file.subarray(start, end), file.subarray(end)];
        if (kind === "flip") return Buffer.concat([before, middle.map((byte) => byte ^ (1 << (length % 8))), after]);
        if (kind === "cut") return Buffer.concat([before, after]);
        if (kind === "repeat") return Buffer.concat([before, middle, middle, after]);
        if (kind === "truncate") return start > file.length / 2 ? before : file;
        return Buffer.concat([before, Buffer.from(bytes), middle, after]);
      }, segment);
      writeFileSync(path, damaged);
      const found = new Set([...recordsOf(readLines(path))].map(({ id }) => id));
      const there = lines.flatMap((line, index) => (damaged.includes(line.trim()) ? [idOf(index + 1)] : []));
      expect(there.filter((id) => !found.has(id))).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});
