import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The built command. */
export const CLI = join(root, "dist/cli.js");

/** Builds `dist/` where a part of the tests runs alone; `npm test` has built it. */
export function ensureBuilt(): void {
  if (existsSync(CLI) && existsSync(join(root, "dist/drain.cjs"))) return;
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/build.mjs"), "--no-types"]);
  if (status !== 0) throw new Error(`the build failed: ${stderr}`);
}
