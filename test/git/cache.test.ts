import { expect, test } from "vitest";
import { createCache } from "../../src/git/cache.ts";

test("a value is created once and found again", () => {
  const cache = createCache<string>(4);
  let created = 0;
  const create = () => `value ${++created}`;
  expect(cache.peek("a")).toBeUndefined();
  expect([cache.get("a", create), cache.get("a", create), cache.peek("a")]).toEqual(["value 1", "value 1", "value 1"]);
});

test("a value that was set is the one that is found", () => {
  const cache = createCache<number>(4);
  cache.set("a", 1);
  cache.set("a", 2);
  expect(cache.get("a", () => 3)).toBe(2);
});

test("no more than the limit is kept, and what is used stays", () => {
  const cache = createCache<number>(10);
  const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
  cache.set("used", -1);
  for (const [index, key] of keys.entries()) {
    cache.set(key, index);
    expect(cache.peek("used")).toBe(-1);
  }
  const kept = keys.filter((key) => cache.peek(key) !== undefined);
  expect(kept.length).toBeLessThanOrEqual(10);
  expect(cache.peek("key 99")).toBe(99);
  expect(cache.peek("key 0")).toBeUndefined();
});
