import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Refusal } from "./refusal.ts";

const gunzipAsync = promisify(gunzip);
/** Fewer and larger pieces than zlib makes by itself. */
const PIECE = 256 * 1024;

/** Reads a request's JSON, gzipped or plain; neither form may be longer than `limit` bytes. */
export async function readBody(request: Request, limit: number): Promise<unknown> {
  const bytes = await readBytes(request, limit);
  const text = new TextDecoder("utf-8", { fatal: true });
  try {
    return JSON.parse(text.decode(await decompress(bytes, request.headers.get("content-encoding"), limit)));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, "the body is not JSON in UTF-8");
  }
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const tooLong = new Refusal(413, `the body is longer than ${limit} bytes`);
  // Most clients say the length, so a body that is too long need not be read.
  if (Number(request.headers.get("content-length")) > limit) throw tooLong;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > limit) throw tooLong;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function decompress(bytes: Uint8Array, encoding: string | null, limit: number): Promise<Uint8Array> {
  if (encoding === null || encoding === "identity") return bytes;
  if (encoding !== "gzip") throw new Refusal(415, `content-encoding ${encoding} is not gzip`);
  try {
    return await gunzipAsync(bytes, { maxOutputLength: limit, chunkSize: PIECE });
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(413, `the body is longer than ${limit} bytes when unpacked`);
    throw new Refusal(400, "the body is not gzip, or it is cut off");
  }
}
