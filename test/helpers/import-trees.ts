import type { TestRepository } from "./repository.ts";

/** A file of a commit; a mode of its own makes it a link (120000) or a submodule (160000, with an oid as content). */
export interface ImportedFile {
  /** A path as text, or as the bytes git stores: no file system has to be able to hold it. */
  readonly path: string | Buffer;
  readonly content: string | Buffer;
  readonly mode?: string;
}

/** Commits whole trees with `git fast-import`, each on top of the one before, a minute apart; the last one becomes the branch. */
export function importTrees(
  repository: TestRepository,
  commits: readonly (readonly ImportedFile[])[],
  branch = "main",
): void {
  const stream = commits.flatMap((files, index) => {
    const date = Date.UTC(2026, 0, 1, 0, index) / 1000;
    const person = `Test User <test@example.invalid> ${date} +0000`;
    const head = `commit refs/heads/${branch}\nauthor ${person}\ncommitter ${person}\ndata 1\nc\ndeleteall\n`;
    return [Buffer.from(head), ...files.flatMap(renderFile)];
  });
  repository.gitWith({ input: Buffer.concat(stream) }, "fast-import", "--quiet", "--force");
}

function renderFile({ path, content, mode = "100644" }: ImportedFile): Buffer[] {
  const name = quote(Buffer.from(path));
  if (mode === "160000") return [Buffer.from(`M ${mode} ${content} ${name}\n`)];
  const bytes = Buffer.from(content);
  return [Buffer.from(`M ${mode} inline ${name}\ndata ${bytes.length}\n`), bytes, Buffer.from("\n")];
}

/** Quotes a path as C does, so that any byte may stand in it. */
function quote(path: Buffer): string {
  const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, "0")}`;
  return `"${[...path].map((byte) => (/[\w./-]/.test(String.fromCharCode(byte)) && byte < 128 ? String.fromCharCode(byte) : octal(byte))).join("")}"`;
}
