import { Failure } from "../errors.ts";
import { type Git, notStarted } from "./git.ts";

/** Reads objects through one long-lived git process; requests may overlap and are answered in order. */
export interface ObjectReader {
  /** The bytes of objects by oid, in the order asked for; a Failure if one is missing or damaged. */
  read(oids: readonly string[]): Promise<Buffer[]>;
  /** Hands over each object as soon as it is there, while git prints the next; otherwise as `read`. */
  readEach(oids: readonly string[], visit: Visit): Promise<void>;
  /** Ends the process; requests under way fail. */
  close(): void;
}

type Visit = (bytes: Buffer, oid: string) => void;

interface Request {
  readonly oids: readonly string[];
  /** How many of them were answered. */
  done: number;
  readonly visit: Visit;
  resolve(): void;
  reject(cause: unknown): void;
}

/**
 * Starts `git cat-file --batch`: one oid a line in; out `<oid> <type> <size>`, the bytes and a line break, or `<oid> missing`.
 * @see https://git-scm.com/docs/git-cat-file#_batch_output
 */
export function openObjects({ git }: { git: Git }): ObjectReader {
  const child = git.spawn(["cat-file", "--batch"]);
  const requests: Request[] = [];
  let failure: unknown;
  let said = "";

  function fail(cause: unknown): void {
    failure ??= cause;
    for (const request of requests.splice(0)) request.reject(failure);
  }

  const nextOid = (): string => requests[0]?.oids[requests[0].done] ?? "";

  function answer(object: Buffer): void {
    const [request] = requests;
    if (!request) return;
    try {
      request.visit(object, nextOid());
    } catch (cause) {
      fail(cause);
    }
    request.done += 1;
    if (request.done < request.oids.length) return;
    requests.shift();
    request.resolve();
  }

  async function readEach(oids: readonly string[], visit: Visit): Promise<void> {
    if (failure) throw failure;
    if (oids.length === 0) return;
    await new Promise<void>((resolve, reject) => {
      requests.push({ oids, done: 0, visit, resolve, reject });
      child.stdin.write(`${oids.join("\n")}\n`);
    });
  }

  const feed = createBatchParser(answer, () => fail(unreadable(nextOid(), "it is missing")));
  child.stdout.on("data", feed);
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdin.on("error", () => {}); // git ended: "close" tells
  child.on("error", (cause) => fail(notStarted(cause, git.cwd)));
  child.on("close", () => fail(unreadable(nextOid(), said)));

  return {
    readEach,
    async read(oids) {
      const objects: Buffer[] = [];
      await readEach(oids, (object) => objects.push(object));
      return objects;
    },
    close() {
      child.stdin.end();
    },
  };
}

const LINE_BREAK = 0x0a;

/** Cuts the output of `cat-file --batch` into objects, whatever the chunks it arrives in. */
function createBatchParser(answer: (object: Buffer) => void, missing: () => void): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  let length = 0;
  let wanted = 0; // bytes that have to be there before it is worth looking again
  return (chunk) => {
    pending.push(chunk);
    length += chunk.length;
    if (length < wanted) return;
    const buffer = pending.length === 1 ? chunk : Buffer.concat(pending, length);
    let at = 0;
    wanted = 0;
    for (;;) {
      const end = buffer.indexOf(LINE_BREAK, at);
      if (end === -1) break;
      const line = buffer.toString("latin1", at, end);
      const size = Number(line.slice(line.lastIndexOf(" ") + 1));
      if (Number.isNaN(size)) return missing();
      const next = end + 1 + size + 1;
      if (next > buffer.length) {
        wanted = next - at;
        break;
      }
      answer(buffer.subarray(end + 1, next - 1));
      at = next;
    }
    pending = at < buffer.length ? [buffer.subarray(at)] : [];
    length = buffer.length - at;
  };
}

function unreadable(oid: string, said: string): Failure {
  const reason = said
    .replace(/^(fatal|error): /gm, "")
    .trim()
    .split("\n")
    .join("; ");
  return new Failure("failed", {
    message: `Object ${oid} cannot be read${reason ? `: ${reason}` : ""}.`,
    nextStep: "Run `git fsck`; in a partial clone fetch what is missing with `git fetch --refetch --no-filter`.",
  });
}
