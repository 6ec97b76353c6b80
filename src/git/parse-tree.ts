/** One entry of a tree object. */
export interface TreeEntry {
  readonly name: string;
  readonly kind: "tree" | "blob" | "other";
  readonly oid: string;
  /** How many bytes of the object it takes. */
  readonly size: number;
}

/** A tree object and what it says. */
export interface Tree {
  readonly bytes: Buffer;
  readonly entries: readonly TreeEntry[];
}

/** A tree without entries. */
export const EMPTY_TREE: Tree = { bytes: Buffer.alloc(0), entries: [] };

/**
 * Reads a tree object: entries `<mode> SP <name> NUL <oid bytes>`. Links and submodules are `other`: their content is no file.
 * Versions of one tree differ in few entries: those at its beginning and end that `base` has, too, are taken over.
 * @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_tree_objects
 */
export function parseTree(bytes: Buffer, oidLength: number, base: Tree = EMPTY_TREE): Tree {
  const head = takeEntries(base.entries, commonStart(base.bytes, bytes));
  const tail = takeEntries(base.entries.slice(head.count).reverse(), commonEnd(base.bytes, bytes, head.size));
  const between = parseEntries(bytes.subarray(head.size, bytes.length - tail.size), oidLength);
  if (!between) return base === EMPTY_TREE ? { bytes, entries: [] } : parseTree(bytes, oidLength);
  const { entries } = base;
  return { bytes, entries: entries.slice(0, head.count).concat(between, entries.slice(entries.length - tail.count)) };
}

/** Whole entries that fit into so many bytes. */
function takeEntries(entries: readonly TreeEntry[], bytes: number): { count: number; size: number } {
  let size = 0;
  let count = 0;
  for (const entry of entries) {
    if (size + entry.size > bytes) break;
    size += entry.size;
    count += 1;
  }
  return { count, size };
}

/** How many bytes two buffers begin with in common: many, so they are halved. */
function commonStart(a: Buffer, b: Buffer): number {
  let low = 0;
  let high = Math.min(a.length, b.length);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (a.compare(b, low, middle, low, middle) === 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How many bytes two buffers end with in common, behind their first `taken`: few, as what is newest stands last. */
function commonEnd(a: Buffer, b: Buffer, taken: number): number {
  const most = Math.min(a.length, b.length) - taken;
  let size = 0;
  while (size < most && a[a.length - size - 1] === b[b.length - size - 1]) size += 1;
  return size;
}

/** Reads entries; undefined if the bytes do not end where an entry ends. */
function parseEntries(bytes: Buffer, oidLength: number): TreeEntry[] | undefined {
  const text = bytes.toString("latin1");
  const entries: TreeEntry[] = [];
  for (let at = 0; at < text.length; ) {
    const space = text.indexOf(" ", at);
    const nul = text.indexOf("\0", space);
    const next = nul + 1 + oidLength;
    if (nul === -1 || next > text.length) return undefined;
    const kind = kindOf(text.slice(at, space));
    const name = decodeName(text.slice(space + 1, nul));
    entries.push({ name, kind, oid: bytes.toString("hex", nul + 1, next), size: next - at });
    at = next;
  }
  return entries;
}

/** Modes are octal: 40000 a tree (old tools wrote 040000), 100644 and 100755 files, 120000 a link, 160000 a submodule. */
function kindOf(mode: string): TreeEntry["kind"] {
  if (mode === "40000" || mode === "040000") return "tree";
  return mode.startsWith("100") ? "blob" : "other";
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes a name given a byte a character. The bytes of one that is no UTF-8 are written `\xNN`, and a backslash that
 * stands before such a text in any other name is written `\x5c`, so that two names never become one.
 */
function decodeName(latin1: string): string {
  if (!/[\x80-\xff\\]/.test(latin1)) return latin1;
  try {
    return utf8.decode(Buffer.from(latin1, "latin1")).replace(/\\(?=x[0-9a-f]{2})/g, "\\x5c");
  } catch {
    return latin1.replace(/[\x80-\xff\\]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  }
}
