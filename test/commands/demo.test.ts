import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Output } from "../../src/commands/command.ts";
import { command } from "../../src/commands/demo.ts";
import { Failure } from "../../src/errors.ts";
import { makeContext } from "./cli-context.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are told to a terminal by them
const COLOUR = /\u001b\[\d+m/g;

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "spec-kitty-demo-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A folder that the demo takes for the system's temporary one until the test ends. */
function temporaryFolder(): string {
  const folder = makeFolder();
  for (const name of ["TMPDIR", "TMP", "TEMP"]) vi.stubEnv(name, folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

/** A stream that keeps what is written, and tells of each write. */
function makeOutput(look: Pick<Output, "isTTY" | "columns">, written: () => void = () => undefined) {
  const screen = { text: "" };
  const write = async (text: string) => {
    screen.text += text;
    written();
  };
  return { screen, stdout: { ...look, write } };
}

async function show(look: Pick<Output, "isTTY" | "columns">): Promise<string> {
  const { screen, stdout } = makeOutput(look);
  await command.run({ exit: true }, makeContext({ env: process.env, stdout }).context);
  return screen.text;
}

/** The lines between the introduction and the summary. */
const rows = (text: string) => (text.replaceAll(COLOUR, "").split("\n\n")[1] ?? "").split("\n");
const longest = (text: string) => Math.max(...rows(text).map((line) => line.length));

test("a terminal gets colours and rows that fit it; a pipe gets 100 columns without colours", async () => {
  const [narrow, wide, piped] = await Promise.all([
    show({ isTTY: true, columns: 80 }),
    show({ isTTY: true, columns: 140 }),
    show({ isTTY: false, columns: 80 }),
  ]);
  expect([narrow, wide, piped].map((text) => text.includes("\u001b["))).toEqual([true, true, false]);
  expect(longest(narrow)).toBeLessThanOrEqual(80);
  expect(longest(piped)).toBeGreaterThan(80);
  expect(longest(piped)).toBeLessThanOrEqual(100);
  expect(longest(wide)).toBeGreaterThan(100);
  expect([rows(narrow).length, rows(wide).length]).toEqual([rows(piped).length, rows(piped).length]);
});

test("a finished demo leaves nothing behind", async () => {
  const folder = temporaryFolder();
  const seen: number[] = [];
  const { stdout } = makeOutput({ isTTY: false, columns: 80 }, () => seen.push(readdirSync(folder).length));
  await command.run({ exit: true }, makeContext({ env: process.env, stdout }).context);
  expect(new Set(seen)).toEqual(new Set([1]));
  expect(readdirSync(folder)).toEqual([]);
});

test("an abort between two commits ends it with the signal's name, and leaves nothing behind", async () => {
  const folder = temporaryFolder();
  const stop = new AbortController();
  const { screen, stdout } = makeOutput({ isTTY: false, columns: 80 }, () => {
    if (screen.text.includes("created")) stop.abort("SIGINT");
  });
  const { context } = makeContext({ env: process.env, stdout, signal: stop.signal });
  await expect(command.run({ exit: true }, context)).rejects.toBe("SIGINT");
  expect(screen.text).not.toContain("inferred from");
  expect(readdirSync(folder)).toEqual([]);
});

test("a reader that has gone ends it, and nothing is left behind", async () => {
  const folder = temporaryFolder();
  const gone = new Error("EPIPE");
  const { stdout } = makeOutput({ isTTY: false, columns: 80 }, () => {
    throw gone;
  });
  await expect(command.run({ exit: true }, makeContext({ env: process.env, stdout }).context)).rejects.toBe(gone);
  expect(readdirSync(folder)).toEqual([]);
});

test("a machine without git is told so, and nothing is left behind", async () => {
  const [PATH, folder] = [makeFolder(), temporaryFolder()];
  const { context, written } = makeContext({ env: { PATH } });
  const error = await Promise.resolve(command.run({ exit: true }, context)).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject({ message: expect.stringContaining("git could not be started") });
  expect(written.stdout).toBe("");
  expect(readdirSync(folder)).toEqual([]);
});

test("a package without its sample names the missing file, and leaves nothing behind", async () => {
  const [home, folder] = [makeFolder(), makeFolder()];
  const cli = join(home, "dist", "cli.js");
  await build({
    absWorkingDir: root,
    entryPoints: ["src/cli.ts"],
    outfile: cli,
    bundle: true,
    format: "esm",
    platform: "node",
    alias: { "js-yaml": join(root, "scripts/stubs/js-yaml.cjs") },
    banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
    logLevel: "error",
  });
  copyFileSync(join(root, "package.json"), join(home, "package.json"));
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "demo", "--exit"], {
    env: { ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder },
    encoding: "utf8",
  });
  expect(status).not.toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toContain(join(home, "templates/sample-history.fast-export"));
  expect(readdirSync(folder)).toEqual([]);
});
