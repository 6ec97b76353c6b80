import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./ensure-installed.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "dist/cli.js");

ensureInstalled();
if (isStale()) {
  console.error("dist/ is missing or out of date: building it");
  const { build } = await import("./build.mjs");
  await build({ types: false });
}
runDemo(process.argv.slice(2));

function isStale() {
  const built = statSync(cli, { throwIfNoEntry: false })?.mtimeMs;
  return (
    built === undefined || ["src", "scripts", "package-lock.json"].some((path) => newest(join(root, path)) > built)
  );
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((entry) => newest(join(path, entry))));
}

/** A terminal sends Ctrl-C to both of us; the demo ends first, cleans up, and its exit status is ours. */
function runDemo(args) {
  const child = spawn(process.execPath, [cli, "demo", ...args], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => signal === "SIGINT" || child.kill(signal));
  }
  child.on("error", (error) => {
    console.error(`the demo could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("close", (status, signal) => {
    process.exitCode = status ?? 128 + (constants.signals[signal] ?? 0);
  });
}
