import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";

/** The bundled drain as the text of a function of `require`; the build puts it here. */
declare const DRAIN: string;

/**
 * Starts the drain with the code that an earlier run compiled, which takes a quarter off what a commit waits for. It lies
 * beside this file, under a checksum of itself and of the text it was made from, as V8 trusts what it is given: it may be
 * torn, or another drain's. Where none fits this node and this text, the run compiles as it goes and leaves its own.
 */
const text = DRAIN;
const cache = join(__dirname, "drain.cache");
const CHECKSUM_LENGTH = 4;

const cachedData = readCode();
const script = new Script(text, { filename: __filename, cachedData });
script.runInThisContext()(require);
if (cachedData === undefined || script.cachedDataRejected) process.once("exit", writeCode);

function readCode(): Buffer | undefined {
  try {
    const bytes = readFileSync(cache);
    const code = bytes.subarray(CHECKSUM_LENGTH);
    return bytes.readUInt32LE() === checksumOf(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

function writeCode(): void {
  const code = script.createCachedData();
  const checksum = Buffer.alloc(CHECKSUM_LENGTH);
  checksum.writeUInt32LE(checksumOf(code));
  try {
    writeFileSync(cache, Buffer.concat([checksum, code]), { mode: 0o600 });
  } catch {
    // the next run compiles, too
  }
}

function checksumOf(code: Buffer): number {
  return crc32(code, crc32(text));
}
