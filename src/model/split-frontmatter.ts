/** Length of the longest frontmatter that is read as YAML (64 KiB): deep nesting costs time that grows faster than the text. */
export const LONGEST_BLOCK = 65_536;

/** A file cut in two: the lines between its `---` lines, and the rest. */
export interface SplitFile {
  readonly block: string;
  readonly body: string;
  /** False when no second `---` line was found; the block then ends before the first heading. */
  readonly terminated: boolean;
}

const OPENING = /^---[ \t]*\n/;
const CLOSING = /\n---[ \t]*(?:\n|$)/g;

/** Cuts a file (LF, no BOM) at its first `---` block; undefined where it does not begin with one, as `---js` does not. */
export function splitFrontmatter(text: string): SplitFile | undefined {
  const opening = OPENING.exec(text);
  if (!opening) return undefined;
  const start = opening[0].length;
  CLOSING.lastIndex = start - 1; // an empty block's closing line follows the opening line's break
  const closing = CLOSING.exec(text);
  if (closing) {
    const end = Math.max(start, closing.index);
    return { block: text.slice(start, end), body: text.slice(closing.index + closing[0].length), terminated: true };
  }
  const heading = text.indexOf("\n#", start - 1);
  const end = heading < 0 ? text.length : Math.max(start, heading);
  return { block: text.slice(start, end), body: text.slice(end), terminated: false };
}
