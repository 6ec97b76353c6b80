import { Failure } from "../errors.ts";
import { type Git, notStarted } from "./git.ts";

/** Reads objects through one long-lived git process; requests may overlap and are answered in order. */
export interface ObjectReader {
  /** The bytes of objects by oid, in the order asked for; a Failure if one is missing or damaged. */
  read(oids: readonly string[]): Promise<Buffer[]>;
  /** Ends the process; requests under way fail. */
  close(): void;
}

interface Request {
  readonly oids: readonly string[];
  readonly objects: Buffer[];
  resolve(objects: Buffer[]): void;
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

  function answer(object: Buffer): void {
    const [request] = requests;
    if (!request) return;
    request.objects.push(object);
    if (request.objects.length < request.oids.length) return;
    requests.shift();
    request.resolve(request.objects);
  }

  const nextOid = (): string => requests[0]?.oids[requests[0].objects.length] ?? "";
  const feed = createBatchParser(answer, () => fail(unreadable(nextOid(), "it is missing")));
  child.stdout.on("data", feed);
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdin.on("error", () => {}); // git ended: "close" tells
  child.on("error", (cause) => fail(notStarted(cause, git.cwd)));
  child.on("close", () => fail(unreadable(nextOid(), said)));

  return {
    read(oids) {
      if (failure) return Promise.reject(failure);
      if (oids.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        requests.push({ oids, objects: [], resolve, reject });
        child.stdin.write(`${oids.join("\n")}\n`);
      });
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
