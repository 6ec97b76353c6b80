import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, onTestFinished } from "vitest";

/** True when the full counts are asked for. */
export const STORM = process.env["SPEC_KITTY_TEST_STORM"] === "1";

/** A process of `fixtures/queue-process.ts`, and what it has said so far, after that it has started. */
export interface QueueProcess {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** Resolves when it has said so many lines after that it has started, or has ended. */
  said(count: number): Promise<void>;
  readonly ended: Promise<NodeJS.Signals | number | null>;
}

const STARTED = "started";
const built = mkdtempSync(join(tmpdir(), "spec-kitty-fault-"));
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** Bundles the fixture once for a test file and gives a function that starts it in some role. */
export async function buildProcess(): Promise<
  (args: readonly (string | number)[], wrap?: readonly string[]) => QueueProcess
> {
  const script = join(built, "queue-process.mjs");
  if (!existsSync(script)) {
    await build({
      entryPoints: [fileURLToPath(new URL("fixtures/queue-process.ts", import.meta.url))],
      outfile: script,
      bundle: true,
      platform: "node",
      format: "esm",
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
      logLevel: "error",
    });
  }
  return (args, wrap = []) => {
    const [command = "", ...rest] = [...wrap, process.execPath, script, ...args.map(String)];
    return watch(spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"] }));
  };
}

function watch(child: ChildProcess): QueueProcess {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let rest = "";
  let hasStarted = false;
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.filter((line) => line !== STARTED));
    hasStarted ||= parts.includes(STARTED);
    for (const look of waiting) look();
  });
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.on("close", (status, signal) => resolve(signal ?? status));
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = (count: number): Promise<void> => {
    const enough = new Promise<void>((resolve) => {
      const look = () => hasStarted && lines.length >= count && resolve();
      waiting.add(look);
      look();
    });
    return Promise.race([enough, ended.then(() => {})]);
  };
  return { child, lines, said, ended };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
