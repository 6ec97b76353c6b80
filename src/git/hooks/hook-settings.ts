import { join } from "node:path";
import { Failure } from "../../errors.ts";
import type { Git } from "../git.ts";
import { readText } from "./files.ts";

const MODES = ["sync", "detached", "off"] as const;

/** When a hook does its work: before git returns, after it, or never. */
export type HookMode = (typeof MODES)[number];

/** What the hook script has to know; it cannot ask. */
export interface HookSettings {
  /** Path of the node that runs the drain. */
  readonly node: string;
  readonly specsRoot: string;
  readonly mode: HookMode;
}

/** Reads the recorded settings as the hook script does; what is missing is what it falls back to. */
export function readHookSettings(folder: string): HookSettings {
  const lines = readText(join(folder, "env")).split("\n");
  const setting = (name: string) => lines.findLast((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  return {
    node: setting("SK_NODE") ?? "",
    specsRoot: setting("SK_ROOT") ?? "kitty-specs",
    mode: MODES.find((mode) => mode === setting("SK_MODE")) ?? "sync",
  };
}

/** Renders one setting a line; no value can hold a line break. A path of Windows gets slashes that sh understands. */
export function renderHookSettings({ node, specsRoot, mode }: HookSettings): string {
  const path = /^[A-Za-z]:/.test(node) ? node.replaceAll("\\", "/") : node;
  return `SK_NODE=${path.includes("\n") ? "" : path}\nSK_ROOT=${specsRoot}\nSK_MODE=${mode}\n`;
}

/** Reads from git's configuration when hooks are to work. */
export async function readHookMode(git: Git): Promise<HookMode> {
  const wanted = (await git.ask(["config", "--get", "spec-kitty.mode"])) ?? "sync";
  const mode = MODES.find((known) => known === wanted);
  if (mode) return mode;
  throw new Failure("failed", {
    message: `git config spec-kitty.mode is "${wanted.slice(0, 60)}", which is no mode.`,
    nextStep: `Set it to one of: ${MODES.join(", ")}.`,
  });
}
