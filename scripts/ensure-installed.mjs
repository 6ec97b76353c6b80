import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Installs what `package-lock.json` lists, once, when `node_modules` is missing or holds something else. */
export function ensureInstalled() {
  if (isInstalled()) return;
  console.error("node_modules is missing or out of date: running npm ci");
  // What npm prints goes to stderr: stdout belongs to the command that needs the packages.
  const { error, status } = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["ignore", 2, 2]);
  if (error || status !== 0) {
    console.error(`npm ci failed (${error?.message ?? `exit status ${status}`}): see its messages above`);
    process.exit(1);
  }
}

/** npm writes the second list when it is done; content says more than times, which a checkout or a copy changes. */
function isInstalled() {
  const wanted = readPackages("package-lock.json");
  const present = readPackages("node_modules/.package-lock.json");
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    return present[path] ? present[path].version === version : optional === true;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch {
    return {};
  }
}

function npm(args, stdio) {
  const path = process.env.npm_execpath;
  const options = { cwd: root, stdio };
  if (path && /^npm(-cli)?\.[cm]?js$/.test(basename(path))) {
    return spawnSync(process.execPath, [path, ...args], options);
  }
  // Windows starts a .cmd file only through a shell; the arguments are ours and need no quotes.
  if (process.platform === "win32") return spawnSync(["npm.cmd", ...args].join(" "), { ...options, shell: true });
  return spawnSync("npm", args, options);
}
