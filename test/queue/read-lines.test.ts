import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Piece } from "../../src/queue/line.ts";
import { readLines } from "../../src/queue/read-lines.ts";
import { parsePiece, renderRecord } from "../../src/queue/record.ts";
import { eventOf, makeFolder, numberOf } from "./make-queue.ts";

const AT = Date.parse("2026-02-04T10:00:00.000Z");
const line = (number: number, text?: string): string => {
  const event = eventOf(number, { clock: number, ...(text && { text }) });
  return renderRecord(event, JSON.stringify(event), AT);
};
const [one, two, three] = [line(1), line(2), line(3)].map((text) => text.trim());

/** Numbers of the records found, and the damage in between as text. */
function read(...parts: (string | Buffer)[]): string[] {
  const path = join(makeFolder(), "segment.jsonl");
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))));
  return readEach(path, (piece) => {
    const found = parsePiece(piece);
    if (found.kind === "record") return numberOf(found.record.id);
    return found.kind === "newer" ? "newer" : `damaged: ${found.bytes.toString("latin1")}`;
  });
}

/** Looks at each piece while its bytes are good. */
function readEach<Result>(path: string, look: (piece: Piece) => Result): Result[] {
  const results: Result[] = [];
  for (const piece of readLines(path)) results.push(look(piece));
  return results;
}

test("a file that is not there has no lines", () => {
  expect([...readLines(join(makeFolder(), "none"))]).toEqual([]);
});

test.each<[string, (string | Buffer)[], string[]]>([
  ["lines as they are written", [line(1), line(2)], ["1", "2"]],
  ["a last line without its line break", [line(1), `\n${two}`], ["1", "2"]],
  [
    "a torn line before a whole one",
    [line(1), `\n${two?.slice(0, 300)}`, line(3)],
    ["1", `damaged: ${two?.slice(0, 300)}`, "3"],
  ],
  ["glued to a torn line", [`${one?.slice(0, 40)}${two}\n`], [`damaged: ${one?.slice(0, 40)}`, "2"]],
  ["glued to each other", [`${one}${two}${three}\n`], ["1", "2", "3"]],
  ["glued with something in between", [`${one}###${two}\n`], ["1", "damaged: ###", "2"]],
  ["CRLF", [`${one}\r\n${two}\r\n\r\n`], ["1", "2"]],
  ["a byte order mark", [`\ufeff${one}\n`], ["1"]],
  ["a block of NUL before a line", [line(1), Buffer.alloc(70_000), `${two}\n`], ["1", "2"]],
  ["blank lines", [`\n\n  \n\t\n${one}\n\n`], ["1"]],
  [
    "bytes that are no UTF-8",
    [Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0x0a]), line(1)],
    ["damaged: \u00ff\u00fe\u00c0\u0080", "1"],
  ],
  ["a changed byte", [line(1).replace("began", "begun"), line(2)], [`damaged: ${one?.replace("began", "begun")}`, "2"]],
  ["a changed checksum", [`${one?.slice(0, -3)}x"}\n`, line(2)], [`damaged: ${one?.slice(0, -3)}x"}`, "2"]],
  [
    "a line of a later release",
    [line(1), `${'{"v":2,"id":"01HZY3JQ4T8M0V5R0000000001","x":[]'},"crc":"c4f24525"}\n`],
    ["1", "newer"],
  ],
])("what is read from %s", (_, parts, found) => {
  expect(read(...parts)).toEqual(found);
});

test("text that looks like a line is only text", () => {
  expect(read(line(1, `${two}\n${three}`))).toEqual(["1"]);
});

test("a right checksum alone makes no record", () => {
  const foreign = renderRecord(eventOf(1), "[]", AT).replace(/"lc":1/, '"lc":x');
  expect(read(foreign)[0]).toMatch(/^damaged/);
});

test("the event inside is undefined if it is not the one the line is about", () => {
  const path = join(makeFolder(), "segment.jsonl");
  writeFileSync(path, renderRecord(eventOf(1), JSON.stringify(eventOf(2)), AT) + renderRecord(eventOf(3), "{", AT));
  const events = readEach(path, (piece) => {
    const found = parsePiece(piece);
    return found.kind === "record" ? found.record.readEvent() : "no record";
  });
  expect(events).toEqual([undefined, undefined]);
});

test("a line of 10 MB is damage, and the records glued into it are found", () => {
  const junk = "x".repeat(3_000_000);
  const found = read(line(1), junk, `${two}`, junk, `${three}`, junk, line(4));
  expect(found.filter((piece) => !piece.startsWith("damaged"))).toEqual(["1", "2", "3", "4"]);
  expect(
    found
      .filter((piece) => piece.startsWith("damaged: x"))
      .join("")
      .replaceAll("damaged: ", ""),
  ).toHaveLength(9_000_000);
});
