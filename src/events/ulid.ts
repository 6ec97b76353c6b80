import { encodeTime } from "ulid";
import { patterns } from "./patterns.ts";

const MAX_TIME = 2 ** 48 - 1;
const ULID = new RegExp(patterns.ulid.source);

/**
 * Makes the ULID of a time in ms and the first 80 bits of a digest; the same two always give the same id.
 *
 * `ulid()` of the package takes time 0 for "now", so only its `encodeTime` is used, which does not.
 */
export function ulidFrom(ms: number, digest: Uint8Array): string {
  if (!Number.isInteger(ms) || ms < 0 || ms > MAX_TIME) {
    throw new RangeError(`a ULID's time is an integer from 0 to ${MAX_TIME}, not ${ms}`);
  }
  if (digest.length < 10) throw new RangeError(`a ULID needs 10 bytes of digest, not ${digest.length}`);
  return encodeTime(ms, 10) + encodeTime(fiveBytes(digest, 0), 8) + encodeTime(fiveBytes(digest, 5), 8);
}

/** True for an upper-case ULID that does not overflow 128 bits; stricter than the package's `isValid`. */
export function isUlid(text: string): boolean {
  return ULID.test(text);
}

/** 40 bits are eight whole characters and fit a number. */
function fiveBytes(bytes: Uint8Array, from: number): number {
  let value = 0;
  for (let at = from; at < from + 5; at += 1) value = value * 256 + (bytes[at] ?? 0);
  return value;
}
