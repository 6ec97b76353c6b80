/** A piece of a text, from its first character to before its last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

interface Fence {
  readonly start: number;
  readonly end: number;
  readonly mark: "`" | "~";
  readonly length: number;
  readonly opens: boolean;
  readonly closes: boolean;
}

/**
 * Finds the fenced code of a Markdown text, in order.
 *
 * A fence that is never closed hides nothing: Markdown written by agents nests equal fences, and a log below must stay a log.
 */
export function fencedRanges(text: string): Range[] {
  const fences = [...findFences(text, "`"), ...findFences(text, "~")].sort((a, b) => a.start - b.start);
  const longest = longestCloserFrom(fences);
  const ranges: Range[] = [];
  for (let at = 0; at < fences.length; at += 1) {
    const open = fences[at];
    if (!open?.opens || (longest[at + 1]?.[open.mark] ?? 0) < open.length) continue;
    let close = fences[++at];
    while (close && !(close.closes && close.mark === open.mark && close.length >= open.length)) close = fences[++at];
    if (close) ranges.push({ start: open.start, end: close.end });
  }
  return ranges;
}

/** For each fence the longest run that could still close one, so that an opener without a closer costs no search. */
function longestCloserFrom(fences: Fence[]): Record<Fence["mark"], number>[] {
  const longest: Record<Fence["mark"], number>[] = [];
  let best = { "`": 0, "~": 0 };
  for (let at = fences.length - 1; at >= 0; at -= 1) {
    const fence = fences[at];
    if (fence?.closes && fence.length > best[fence.mark]) best = { ...best, [fence.mark]: fence.length };
    longest[at] = best;
  }
  return longest;
}

const BEFORE_CLOSER = /^[ \t>]*$/;
const BEFORE_OPENER = /^[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?$/;
const LONGEST_PREFIX = 32;

function findFences(text: string, mark: Fence["mark"]): Fence[] {
  const fences: Fence[] = [];
  const run = mark.repeat(3);
  for (let at = text.indexOf(run); at >= 0; at = text.indexOf(run, at)) {
    const mostBefore = text.slice(Math.max(0, at - LONGEST_PREFIX), at);
    const lineStart = mostBefore.lastIndexOf("\n") + 1;
    const isCut = lineStart === 0 && at > LONGEST_PREFIX;
    const before = mostBefore.slice(lineStart);
    const start = at;
    while (text[at] === mark) at += 1;
    if (isCut || !BEFORE_OPENER.test(before)) continue;
    const lineEnd = text.indexOf("\n", at);
    const end = lineEnd < 0 ? text.length : lineEnd;
    const after = text.slice(at, end);
    const opens = mark === "~" || !after.includes("`");
    const closes = after.trim() === "" && BEFORE_CLOSER.test(before);
    if (opens) fences.push({ start: start - before.length, end, mark, length: at - start, opens, closes });
    at = end;
  }
  return fences;
}
