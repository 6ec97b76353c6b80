import { createHash } from "node:crypto";

/** The hooks that ring: history moves in these four, and no other is touched. */
export const HOOKS = ["post-commit", "post-merge", "post-checkout", "post-rewrite"] as const;
export type Hook = (typeof HOOKS)[number];

/** Our lines in somebody's hook, as they are found there. */
export interface Block {
  readonly start: number;
  readonly end: number;
  readonly version: number;
  /** The file was created for the block: without it nothing of it stays. */
  readonly ownFile: boolean;
  /** Nobody changed the lines since they were written. */
  readonly intact: boolean;
}

const VERSION = 1;
const BEGIN = "# >>> spec-kitty hooks v";
const OWN_FILE = " (own file)";
const BLOCK = /^# >>> spec-kitty hooks v(\d+) ([0-9a-f]{8})([^\n]*)\n([\s\S]*?)^# <<< spec-kitty[^\n]*(?:\n|$)/m;
const SHEBANG = "#!/bin/sh\n";

/**
 * Every line ends with a comment, which swallows the CR of a file with such line ends. It finds the folder from git's own
 * variables, so it may stand in any hook of any repository, tracked or not; without the folder it starts nothing.
 */
const BODY = `_sk_hook=HOOK _sk=\${GIT_DIR:-.git} # rings when work packages may have moved
if [ -f "$_sk" ]; then IFS= read -r _sk <"$_sk" || :; _sk=\${_sk#gitdir: }; fi # a linked worktree or a submodule
if [ -f "$_sk/commondir" ]; then _sk=$_sk/../..; fi # what all worktrees share
if [ -r "$_sk/spec-kitty/hook" ]; then . "$_sk/spec-kitty/hook"; fi # without it nothing happens
`;

/** Finds our block in a hook. */
export function findBlock(text: string): Block | undefined {
  const match = BLOCK.exec(text);
  if (!match) return undefined;
  const [whole, version, sum, rest = "", body = ""] = match;
  return {
    start: match.index,
    end: match.index + whole.length,
    version: Number(version),
    ownFile: rest.startsWith(OWN_FILE),
    intact: checksum(body.replaceAll("\r\n", "\n")) === sum,
  };
}

/** True where a block begins and never ends. */
export function isTorn(text: string): boolean {
  return text.includes(BEGIN) && !BLOCK.test(text);
}

/** True if the block in a hook is the one this version writes. */
export function isCurrent(text: string, hook: Hook): boolean {
  return addBlock(text, hook) === text;
}

/**
 * Gives a hook with our block in it: in the place of an older one, else directly after the shebang, since anything below
 * may end the script. No text means a file of our own.
 */
export function addBlock(text: string | undefined, hook: Hook): string {
  if (text === undefined) return SHEBANG + renderBlock(hook, { ownFile: true, lineEnd: "\n" });
  const lineEnd = /^.*\r\n/.test(text) ? "\r\n" : "\n";
  const found = findBlock(text);
  const top = text.startsWith("#!") ? text.indexOf("\n") + 1 : 0;
  const { start, end, ownFile } = found ?? { start: top, end: top, ownFile: false };
  return text.slice(0, start) + renderBlock(hook, { ownFile, lineEnd }) + text.slice(end);
}

/** Gives a hook without our block; undefined if nothing of anybody else is left. */
export function removeBlock(text: string): string | undefined {
  const found = findBlock(text);
  if (!found) return text;
  const rest = text.slice(0, found.start) + text.slice(found.end);
  return found.ownFile && rest.replace("\r", "") === SHEBANG ? undefined : rest;
}

/** Renders the block by itself, for people to copy. */
export function renderBlock(
  hook: Hook,
  { ownFile, lineEnd }: { ownFile: boolean; lineEnd: string } = { ownFile: false, lineEnd: "\n" },
): string {
  const body = BODY.replace("HOOK", hook);
  const lines = `${BEGIN}${VERSION} ${checksum(body)}${ownFile ? OWN_FILE : ""}\n${body}# <<< spec-kitty\n`;
  return lines.replaceAll("\n", lineEnd);
}

function checksum(body: string): string {
  return createHash("sha256").update(body).digest("hex").slice(0, 8);
}
