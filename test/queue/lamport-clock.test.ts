import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openClock } from "../../src/queue/lamport-clock.ts";
import { makeFolder } from "./make-queue.ts";

const NOW = Date.parse("2026-02-04T10:00:00.000Z");

function makeClock(home = join(makeFolder(), "home/.spec-kitty")) {
  const path = join(home, "clock.json");
  const open = () => openClock({ home, node: "0123456789ab", now: () => NOW });
  const write = (text: string) => {
    mkdirSync(home, { recursive: true });
    writeFileSync(path, text);
  };
  return { home, path, open, write, clock: open() };
}

test("the file is what other programs expect, and nothing is left beside it", async () => {
  const { home, path, clock } = makeClock();
  expect(await clock.tick(3, 0)).toBe(1);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
    value: 3,
    node_id: "0123456789ab",
    updated_at: "2026-02-04T10:00:00.000Z",
  });
  expect(readdirSync(home)).toEqual(["clock.json"]);
});

test("a batch gets values of its own, above what the repository has seen", async () => {
  const { clock, open } = makeClock();
  expect(await clock.tick(5, 0)).toBe(1);
  expect(await open().tick(2, 0)).toBe(6);
  expect(await clock.tick(1, 100)).toBe(101);
  expect(await open().tick(1, 0)).toBe(102);
});

test("a value received from elsewhere is passed, never gone back to", async () => {
  const { clock, open } = makeClock();
  await clock.receive(41);
  expect([clock.read(), open().read()]).toEqual([41, 41]);
  expect(await clock.tick(1, 0)).toBe(42);
  await clock.receive(7);
  expect(await clock.tick(1, 0)).toBe(43);
});

test.each([
  ["lost", undefined],
  ["empty", ""],
  ["cut", '{"value": 9'],
  ["no object", "[9]"],
  ["a text", '{"value": "900"}'],
  ["negative", '{"value": -9}'],
  ["a fraction", '{"value": 9.5}'],
  ["from the future", `{"value": ${2 ** 48}}`],
])("a clock that is %s leaves the repository's mark to count on", async (_, text) => {
  const { open, write } = makeClock();
  if (text !== undefined) write(text);
  expect(open().read()).toBe(0);
  expect(await open().tick(1, 20)).toBe(21);
  expect(open().read()).toBe(21);
});

test.each([2 ** 48, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  "a mark or a received value of %s is ignored",
  async (value) => {
    const { clock } = makeClock();
    await clock.receive(value);
    expect(await clock.tick(1, value)).toBe(1);
  },
);

test("the values of one process go up even while the file is lost", async () => {
  const { path, clock } = makeClock();
  await clock.tick(10, 0);
  rmSync(path);
  expect(await clock.tick(1, 0)).toBe(11);
});

test("a home in a folder where none can ever be made is no error, and no endless search", async () => {
  const clock = openClock({ home: "/proc/spec-kitty/home", node: "n", now: Date.now });
  expect(await clock.tick(1, 41)).toBe(42);
});

test("a home that can't be written is no error", async () => {
  const parent = makeFolder();
  writeFileSync(join(parent, "file"), "");
  const { clock } = makeClock(join(parent, "file/home"));
  expect(await clock.tick(1, 7)).toBe(8);
  await clock.receive(20);
  expect(await clock.tick(1, 0)).toBe(21);
});

test("a file of Python's making is understood", async () => {
  const { open, write } = makeClock();
  write('{\n  "value": 12,\n  "node_id": "ba9876543210",\n  "updated_at": "2026-02-04T10:00:00.123456+00:00"\n}');
  expect(await open().tick(1, 0)).toBe(13);
});
