import { existsSync } from "node:fs";
import { relative } from "node:path";
import type { HookPlace } from "./locate-hooks.ts";
import type { HookFile } from "./read-hook-file.ts";
import { hasHookFiles } from "./refresh-hook-files.ts";

/** What is known about a hook that did not reach us. */
export interface SilentHook {
  readonly file: HookFile;
  readonly installed: boolean;
  readonly place: HookPlace;
  readonly worktree: string;
  readonly commonDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What is wrong, and the command or step that mends it. */
export interface Explanation {
  readonly problem: string;
  readonly mend: string;
}

/** Says why a hook does not reach us. */
export function explainSilence(hook: SilentHook): Explanation {
  const { file, installed, place, worktree, commonDir, env } = hook;
  if (!hasHookFiles(commonDir)) return { problem: "not installed", mend: "spec-kitty hooks install" };
  if (place.kind === "nowhere") {
    const scope = place.setting?.scope ?? "local";
    const mend = `git config --${scope} --unset core.hooksPath`;
    return { problem: `core.hooksPath (${scope}) is empty, so git runs no hook`, mend };
  }
  if (installed && env["SPEC_KITTY_HOOKS"] === "0") {
    return { problem: "SPEC_KITTY_HOOKS=0 is set here", mend: "unset SPEC_KITTY_HOOKS" };
  }
  if (installed && !existsSync(place.searched)) {
    const mend = "install the project's own hooks in this worktree (husky does it with `npm install`)";
    return { problem: `git looks for hooks in ${place.searched}, which does not exist`, mend };
  }
  if (file.problem !== undefined) return { problem: file.problem, mend: mendFile(file, commonDir) };
  if (installed && /^#!.*\r\n/.test(file.text ?? "")) {
    return {
      problem: "the CR at the end of its first line keeps it from starting",
      mend: `sed -i 's/\\r$//' ${quote(file.target)}`,
    };
  }
  if (installed) return { problem: "git ran it, and it ended before our lines", mend: `look at ${file.target}` };
  return explainAbsence(place, worktree);
}

function explainAbsence({ kind, directory, setting }: HookPlace, worktree: string): Explanation {
  if (kind === "own") return { problem: "not installed", mend: "spec-kitty hooks install" };
  const source = `core.hooksPath (${setting?.scope}) leads to ${directory}`;
  if (kind === "foreign") {
    return {
      problem: `${source}, outside the repository`,
      mend: "add the lines that `spec-kitty hooks install` prints",
    };
  }
  const into = relative(worktree, directory);
  return { problem: `${source}, whose files are tracked`, mend: `spec-kitty hooks install --into ${into}, and commit` };
}

function mendFile({ target, problem }: HookFile, commonDir: string): string {
  if (problem?.includes("not executable")) return `chmod +x ${quote(target)}`;
  return `start this from it: ${lineToAdd(commonDir)}`;
}

/** The command that a hook in another language starts by itself, with the arguments git gave it. */
export function lineToAdd(commonDir: string, hook = "<hook>"): string {
  return `_sk_hook=${hook} sh ${quote(`${commonDir}/spec-kitty/hook`)} "$@"`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
