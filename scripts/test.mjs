import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./ensure-installed.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const NOTHING_RAN = "0 passed, 1 failed";

ensureInstalled();
const args = process.argv.slice(2);
// The storms: fewer tests, at full size.
if (args.includes("--storm")) process.env.SPEC_KITTY_TEST_STORM = "1";
const { status, tally } = await runTests(args.filter((arg) => arg !== "--storm"));
console.log(tally);
process.exitCode = status;

/** Arguments go to vitest: a file, `-t <name>`, `--coverage`. */
async function runTests(args) {
  try {
    const { build } = await import("./build.mjs");
    await build({ types: false });
  } catch (error) {
    console.error(error);
    return { status: 1, tally: NOTHING_RAN };
  }
  const folder = mkdtempSync(join(tmpdir(), "spec-kitty-tally-"));
  try {
    const file = join(folder, "tally");
    const status = await runVitest(args, file);
    const tally = readTally(file);
    return { status: status || (tally === NOTHING_RAN ? 1 : 0), tally };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runVitest(args, tallyFile) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=./scripts/tally-reporter.mjs"];
  const child = spawn(process.execPath, [vitest, "run", ...reporters, ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, SPEC_KITTY_TALLY: tallyFile },
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (status) => resolve(status ?? 1));
  });
}

/** A vitest that died before its end has written none. */
function readTally(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return NOTHING_RAN;
  }
}
