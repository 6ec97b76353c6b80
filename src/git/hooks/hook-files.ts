import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import type { Git } from "../git.ts";
import { replaceFile } from "./hook-file.ts";

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

/** Where the files of a hook come from and go to. */
export interface HookFilesOptions {
  readonly commonDir: string;
  /** The package's folder, with `hooks/` and `dist/` in it. */
  readonly packageRoot: string;
  readonly settings: HookSettings;
}

/** Files of the repository's folder, each with its source in the package. All are read or run by the owner alone. */
const COPIES = { hook: "hooks/spec-kitty.sh", uninstall: "hooks/uninstall.sh", "drain.cjs": "dist/drain.cjs" };
const FOLDER_MODE = 0o700;
const SCRIPT_MODE = 0o700;
const FILE_MODE = 0o600;

/** Names the folder of a repository that belongs to us. */
export function hooksFolder(commonDir: string): string {
  return join(commonDir, "spec-kitty");
}

/** True where hooks were installed and not uninstalled. */
export function hasHookFiles(commonDir: string): boolean {
  return existsSync(join(hooksFolder(commonDir), "hook"));
}

/** Brings the files that hooks run up to date with this version; where hooks are not installed it does nothing. */
export function refreshHookFiles({ settings, ...options }: HookFilesOptions): void {
  if (!hasHookFiles(options.commonDir)) return;
  const { node } = readHookSettings(options.commonDir);
  writeHookFiles({ ...options, settings: { ...settings, node: isExecutable(node) ? node : settings.node } });
}

/** Writes what hooks run into the repository, so that it needs neither the package nor the network; only what differs. */
export function writeHookFiles({ commonDir, packageRoot, settings }: HookFilesOptions): void {
  const folder = hooksFolder(commonDir);
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  chmodSync(folder, FOLDER_MODE);
  for (const [name, source] of Object.entries(COPIES)) {
    writeIfOther(join(folder, name), readFileSync(join(packageRoot, source)), SCRIPT_MODE);
  }
  writeIfOther(join(folder, "env"), Buffer.from(renderSettings(settings)), FILE_MODE);
}

/** Reads the settings as the hook script does; what is missing is what it falls back to. */
export function readHookSettings(commonDir: string): HookSettings {
  const lines = readText(join(hooksFolder(commonDir), "env")).split("\n");
  const setting = (name: string) => lines.findLast((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  return {
    node: setting("SK_NODE") ?? "",
    specsRoot: setting("SK_ROOT") ?? "kitty-specs",
    mode: MODES.find((mode) => mode === setting("SK_MODE")) ?? "sync",
  };
}

/** Reads when hooks are to work from git's configuration. */
export async function readHookMode(git: Git): Promise<HookMode> {
  const wanted = (await git.ask(["config", "--get", "spec-kitty.mode"])) ?? "sync";
  const mode = MODES.find((known) => known === wanted);
  if (mode) return mode;
  throw new Failure("failed", {
    message: `git config spec-kitty.mode is "${wanted.slice(0, 60)}", which is no mode.`,
    nextStep: `Set it to one of: ${MODES.join(", ")}.`,
  });
}

/** True for a file that this user may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Text of a file, empty where there is none. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** One setting a line; no value can hold a line break. A path of Windows gets slashes that sh understands. */
function renderSettings({ node, specsRoot, mode }: HookSettings): string {
  const path = /^[A-Za-z]:/.test(node) ? node.replaceAll("\\", "/") : node;
  return `SK_NODE=${path.includes("\n") ? "" : path}\nSK_ROOT=${specsRoot}\nSK_MODE=${mode}\n`;
}

function writeIfOther(path: string, content: Buffer, mode: number): void {
  if (existsSync(path) && readFileSync(path).equals(content)) return;
  replaceFile(path, content, mode);
}
