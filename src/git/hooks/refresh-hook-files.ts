import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isExecutable, replaceFile } from "./files.ts";
import { type HookSettings, readHookSettings, renderHookSettings } from "./hook-settings.ts";

/** Where the files that hooks run come from, and what they have to know. */
export interface HookFilesOptions {
  readonly commonDir: string;
  /** The package's folder, with `hooks/` and `dist/` in it. */
  readonly packageRoot: string;
  readonly settings: HookSettings;
}

/** Files of our folder, each with its source in the package; all are for their owner alone. */
const COPIES = { hook: "hooks/spec-kitty.sh", uninstall: "hooks/uninstall.sh", "drain.cjs": "dist/drain.cjs" };
const FOLDER_MODE = 0o700;
const SCRIPT_MODE = 0o700;
const FILE_MODE = 0o600;

/** Names our folder in a repository. */
export function hooksFolder(commonDir: string): string {
  return join(commonDir, "spec-kitty");
}

/** True where hooks were installed and not uninstalled. */
export function hasHookFiles(commonDir: string): boolean {
  return existsSync(join(hooksFolder(commonDir), "hook"));
}

/**
 * Brings the files that hooks run up to date with this version: a few reads where nothing changed. The recorded node
 * stays while it is there. Where hooks are not installed it does nothing.
 */
export function refreshHookFiles({ commonDir, packageRoot, settings }: HookFilesOptions): void {
  if (!hasHookFiles(commonDir)) return;
  const recorded = readHookSettings(hooksFolder(commonDir)).node;
  const node = isExecutable(recorded) ? recorded : settings.node;
  writeHookFiles({ commonDir, packageRoot, settings: { ...settings, node } });
}

/** Writes what hooks run into the repository, so that it needs neither the package nor the network. */
export function writeHookFiles({ commonDir, packageRoot, settings }: HookFilesOptions): void {
  const folder = hooksFolder(commonDir);
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  chmodSync(folder, FOLDER_MODE);
  for (const [name, source] of Object.entries(COPIES)) {
    writeIfOther(join(folder, name), readFileSync(join(packageRoot, source)), SCRIPT_MODE);
  }
  writeIfOther(join(folder, "env"), Buffer.from(renderHookSettings(settings)), FILE_MODE);
}

function writeIfOther(path: string, content: Buffer, mode: number): void {
  if (existsSync(path) && readFileSync(path).equals(content)) return;
  replaceFile(path, content, mode);
}
