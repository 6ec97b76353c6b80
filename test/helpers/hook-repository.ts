import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createGit } from "../../src/git/git.ts";
import type { HookSettings } from "../../src/git/hooks/hook-settings.ts";
import { type Installation, installHooks } from "../../src/git/hooks/install-hooks.ts";
import { openRepository, type Repository } from "../../src/git/repository.ts";
import type { TestRepository } from "./repository.ts";

const hooks = fileURLToPath(new URL("../../hooks", import.meta.url));

/** Stands in for the drain: notes that it was started, and how, and the tree it saw. */
const DRAIN = `
const { appendFileSync, writeFileSync } = require("node:fs");
const { spawnSync } = require("node:child_process");
const [, , gitDir, hook] = process.argv;
const { SPEC_KITTY_IN_HOOK, NODE_OPTIONS, NODE_EXTRA_CA_CERTS } = process.env;
const ring = { hook, gitDir, node: process.execPath, cwd: process.cwd(), SPEC_KITTY_IN_HOOK, NODE_OPTIONS, NODE_EXTRA_CA_CERTS };
appendFileSync(__dirname + "/rings", JSON.stringify(ring) + "\\n");
const root = process.env.TEST_SPECS_ROOT || "kitty-specs";
const { stdout } = spawnSync("git", ["--git-dir", gitDir, "rev-parse", "-q", "--verify", "HEAD:" + root]);
writeFileSync(gitDir + "/spec-kitty.tree", (String(stdout).trim() || "none") + "\\n");
console.log("a drain may print"); console.error("a drain may complain");
`;

/** One start of the drain. */
export interface Ring {
  readonly hook: string;
  readonly gitDir: string;
  readonly node: string;
  readonly cwd: string;
  readonly SPEC_KITTY_IN_HOOK?: string;
  readonly NODE_OPTIONS?: string;
  readonly NODE_EXTRA_CA_CERTS?: string;
}

/** Creates a package with the shipped scripts and a drain that only takes notes, beside the repository. */
export function makePackage(repository: TestRepository): string {
  const root = join(dirname(repository.path), "package");
  mkdirSync(join(root, "dist"), { recursive: true });
  cpSync(hooks, join(root, "hooks"), { recursive: true });
  writeFileSync(join(root, "dist/drain.cjs"), DRAIN);
  return root;
}

/** Opens the repository around a directory. */
export function openAt(path: string): Promise<Repository> {
  return openRepository(createGit(path, { env: process.env, explicit: true }));
}

/** Installs hooks as the command does, from a directory of the repository. */
export async function installAt(
  path: string,
  { packageRoot, into, ...settings }: { packageRoot: string; into?: string | undefined } & Partial<HookSettings>,
): Promise<Installation> {
  return installHooks(await openAt(path), {
    packageRoot,
    into,
    settings: { node: process.execPath, specsRoot: "kitty-specs", mode: "sync", ...settings },
  });
}

/** Reads the starts of the drain so far. */
export function ringsOf(commonDir: string): Ring[] {
  const file = join(commonDir, "spec-kitty/rings");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return text
    .split("\n")
    .filter(Boolean)
    .map((line): Ring => JSON.parse(line));
}

/** Describes files below some paths: type, mode and bytes. */
export function snapshotOf(...paths: string[]): Record<string, string> {
  const files: Record<string, string> = {};
  const visit = (path: string): void => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats || path.endsWith("spec-kitty")) return;
    if (stats.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
    else if (stats.isSymbolicLink()) files[path] = `-> ${readlinkSync(path)}`;
    else files[path] = `${(stats.mode & 0o777).toString(8)} ${readFileSync(path, "latin1")}`;
  };
  for (const path of paths) visit(path);
  return files;
}

/** Runs a command as a person would, and gives all it did. */
export function run(
  command: string,
  args: string[],
  options: { cwd: string; env?: Record<string, string>; input?: string },
) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    ...options,
    env: { ...process.env, ...options.env },
  });
  return { status, stdout, stderr };
}
