import fc from "fast-check";
import { expect, test } from "vitest";
import { isUlid, ulidFrom } from "../../src/events/ulid.ts";

const bytes = (...values: number[]) => Uint8Array.from({ length: 32 }, (_, index) => values[index] ?? 0);
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

test.each([
  [0, bytes(), "00000000000000000000000000"],
  [2 ** 48 - 1, new Uint8Array(10).fill(255), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"],
  [1, bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 1), "00000000010000000000000001"],
  [0, bytes(128), "0000000000G000000000000000"],
  // The example of https://github.com/ulid/spec
  [1469918176385, bytes(), "01ARYZ6S410000000000000000"],
])("%d with a digest is a fixed id", (ms, digest, id) => {
  expect(ulidFrom(ms, digest)).toBe(id);
});

test("an id holds its 48 bits of time and the digest's first 80 bits, and no more", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 48 - 1 }),
      fc.uint8Array({ minLength: 10, maxLength: 32 }),
      (ms, digest) => {
        const id = ulidFrom(ms, digest);
        const value = [...id].reduce((sum, letter) => sum * 32n + BigInt(CROCKFORD.indexOf(letter)), 0n);
        const random = digest.slice(0, 10).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
        expect(value).toBe((BigInt(ms) << 80n) | random);
        expect(isUlid(id)).toBe(true);
      },
    ),
  );
});

test.each([-1, 2 ** 48, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("%d is no time of a ULID", (ms) => {
  expect(() => ulidFrom(ms, bytes())).toThrow(RangeError);
});

test("a digest of less than 80 bits is refused", () => {
  expect(() => ulidFrom(0, new Uint8Array(9))).toThrow(RangeError);
});

test.each([
  ["01ARYZ6S410000000000000000", true],
  ["7ZZZZZZZZZZZZZZZZZZZZZZZZZ", true],
  ["8ZZZZZZZZZZZZZZZZZZZZZZZZZ", false],
  ["01aryz6s410000000000000000", false],
  ["01ARYZ6S41000000000000000I", false],
  ["01ARYZ6S41000000000000000", false],
  ["01ARYZ6S410000000000000000\n", false],
  ["", false],
])("%j as an id: %s", (text, valid) => {
  expect(isUlid(text)).toBe(valid);
});
