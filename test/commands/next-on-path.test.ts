import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { batchLine, handOver, nextOnPath, signalStatus } from "../../src/commands/next-on-path.ts";
import { render028 } from "../../src/events/render-028.ts";
import { exampleEvent } from "../events/example-events.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "spec-kitty-cli-"));
const cli = join(home, "package", "dist", "cli.js");

beforeAll(async () => {
  await build({
    absWorkingDir: root,
    entryPoints: ["src/cli.ts"],
    outdir: dirname(cli),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    external: ["libsql", "typescript"],
    banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
    logLevel: "error",
  });
  copyFileSync(join(root, "package.json"), join(home, "package", "package.json"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the CLI as a process of its own. */
function run(
  argv: string[],
  { path = [], env = {}, input = "" }: { path?: string[]; env?: object; input?: string } = {},
) {
  const PATH = [...path, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
  const child = spawn(process.execPath, [cli, ...argv], { cwd: home, env: { PATH, ...env } });
  const result = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (result.stdout += text));
  child.stderr.on("data", (text) => (result.stderr += text));
  child.stdin.end(input);
  return new Promise<Result>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...result }));
  });
}

/** A folder for PATH whose `spec-kitty` is this shell script. */
function folderWith(script: string): string {
  const folder = mkdtempSync(join(home, "bin "));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "spec-kitty"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "spec-kitty"), 0o755);
  return folder;
}

function emptyFolder(): string {
  const folder = folderWith("");
  rmSync(join(folder, "spec-kitty"));
  return folder;
}

describe("a subcommand we do not have", () => {
  test("is run by the next spec-kitty on PATH, with its arguments, streams, folder and exit status", async () => {
    const other = folderWith('printf "%s|" "$@"; pwd; cat; echo talk >&2; exit 7');
    const result = await run(["specify", "--a b", "", "ä*", "-V"], { path: [other], input: "in" });
    expect(result).toEqual({ status: 7, stdout: `specify|--a b||ä*|-V|${home}\nin`, stderr: "talk\n" });
  });

  test("keeps a death by signal", async () => {
    expect((await run(["specify"], { path: [folderWith("kill -TERM $$")] })).status).toBe(143);
  });

  test("is also run for `help` and `--help`", async () => {
    const path = [folderWith('echo "$@"')];
    expect((await run(["help", "specify"], { path })).stdout).toBe("help specify\n");
    expect((await run(["specify", "--help"], { path })).stdout).toBe("specify --help\n");
  });

  test("is wrong usage where there is no other", async () => {
    const stderr = "unknown command 'specify'\nSee spec-kitty --help\n";
    expect(await run(["specify"])).toEqual({ status: 2, stdout: "", stderr });
    expect((await run(["evets"])).stderr).toBe("unknown command 'evets'\nDid you mean events?\n");
  });

  test("is wrong usage in a group that is ours alone", async () => {
    const stderr = "unknown command 'foo'\nSee spec-kitty events --help\n";
    expect(await run(["events", "foo"], { path: [folderWith("echo other")] })).toEqual({
      status: 2,
      stdout: "",
      stderr,
    });
  });

  test("is not handed over when that is forbidden", async () => {
    const path = [folderWith("echo other")];
    expect((await run(["specify"], { path, env: { SPEC_KITTY_DELEGATED: "1" } })).status).toBe(2);
  });

  test("is a failure where the other cannot be run", async () => {
    const folder = folderWith("");
    writeFileSync(join(folder, "spec-kitty"), "#!/gone/python\n");
    const { status, stderr } = await run(["specify"], { path: [folder] });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /spec-kitty cannot be run: .*ENOENT\nInstall that spec-kitty again, or take it off PATH\.\n$/,
    );
  });
});

/** A folder for PATH whose `spec-kitty` is a link to our CLI, as npm makes it. */
function linked(): string {
  const folder = emptyFolder();
  chmodSync(cli, 0o755);
  symlinkSync(cli, join(folder, "spec-kitty"));
  return folder;
}

describe("ourselves on PATH are passed over", () => {
  test.each<[string, () => string]>([
    ["as a link", linked],
    ["as npm's shim", () => folderWith('basedir=$(dirname "$0")\nexec node "$basedir/../package/dist/cli.js" "$@"')],
    ["as a script with our path", () => folderWith(`exec node "${cli}" "$@"`)],
    ["as a script that hides it", () => folderWith(`there="${dirname(cli)}"; exec node "$there"/cli.js "$@"`)],
    ["as a script that stays between", () => folderWith(`there="${dirname(cli)}"; node "$there"/cli.js "$@"`)],
  ])("%s", async (_, make) => {
    const path = [make(), folderWith('echo other "$@"; exit 4'), make()];
    expect(await run(["specify", "x"], { path })).toEqual({ status: 4, stdout: "other specify x\n", stderr: "" });
  });

  test("even where there are only such, which ends", async () => {
    const hidden = () => folderWith(`there="${dirname(cli)}"; exec node "$there"/cli.js "$@"`);
    const stderr = "unknown command 'specify'\nSee spec-kitty --help\n";
    expect(await run(["specify"], { path: [hidden(), hidden(), hidden()] })).toEqual({ status: 2, stdout: "", stderr });
  });

  test("while another command line that the other starts is handed over again", async () => {
    const us = folderWith(`exec node "${cli}" "$@"`);
    const other = folderWith('[ "$1" = inner ] && echo "inner $2" && exit 5\nspec-kitty inner "$1"');
    expect(await run(["outer"], { path: [us, other] })).toEqual({ status: 5, stdout: "inner outer\n", stderr: "" });
  });
});

describe("nextOnPath", () => {
  const find = (PATH: string[], changes: object = {}) =>
    nextOnPath({ env: { PATH: PATH.join(delimiter) }, selfPath: cli, platform: process.platform, ...changes });

  test("takes only what can be run: no folder, no plain file, nothing in a relative folder", async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, "spec-kitty"));
    const plain = folderWith("");
    chmodSync(join(plain, "spec-kitty"), 0o644);
    const good = folderWith("");
    expect(await find([folder, plain, ".", "", "bin", join(home, "gone"), good])).toBe(join(good, "spec-kitty"));
    expect(await find([])).toBeUndefined();
    expect(await nextOnPath({ env: {}, selfPath: cli, platform: "linux" })).toBeUndefined();
  });

  test("knows ourselves by link and by shim without running them", async () => {
    const shim = folderWith('exec node "$basedir/../package/dist/cli.js" "$@"');
    expect(await find([linked(), shim, folderWith(`exec node "${cli}" "$@"`)])).toBeUndefined();
    expect(await find([folderWith('exec node "$basedir/../other/cli.js" "$@"')])).toBeDefined();
  });

  test("begins behind a given one, and finds nothing where that has gone", async () => {
    const [first, second] = [folderWith(""), folderWith("")];
    const surroundings = { env: { PATH: `${first}${delimiter}${second}` }, selfPath: cli, platform: process.platform };
    expect(await nextOnPath(surroundings, join(first, "spec-kitty"))).toBe(join(second, "spec-kitty"));
    expect(await nextOnPath(surroundings, join(home, "gone"))).toBeUndefined();
  });
});

/** Makes the folder current that holds these files; on Linux, `C:\\tools\\x` is the name of a file in it. */
function onWindows(files: Record<string, string>): string {
  const folder = emptyFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  return folder;
}

describe.skipIf(process.platform === "win32")("on Windows", () => {
  const CMD = "C:\\tools\\spec-kitty.CMD";
  const EXE = "D:\\more\\spec-kitty.EXE";

  test.each<[string, Record<string, string>, string | undefined]>([
    ["the folders' order counts before the endings'", { PATH: "C:\\tools;D:\\more" }, CMD],
    ["only endings of PATHEXT count", { PATH: "C:\\tools;D:\\more", PATHEXT: ".EXE;" }, EXE],
    ["relative folders are passed over", { PATH: "tools;.;..\\more;;D:\\more" }, EXE],
    ["a colon parts no folders", { PATH: "C:\\tools:D:\\more" }, undefined],
    ["nothing is found in other folders", { PATH: "C:\\gone" }, undefined],
    ["nothing is found without PATH", {}, undefined],
  ])("%s", async (_, env, expected) => {
    // They need no executable bit there.
    onWindows({ [CMD]: "", [EXE]: "", "tools\\spec-kitty.EXE": "", "..\\more\\spec-kitty.EXE": "" });
    expect(await nextOnPath({ env, selfPath: cli, platform: "win32" })).toBe(expected);
  });

  test("the script by which npm starts ourselves is passed over", async () => {
    onWindows({ [CMD]: `@"%~dp0\\node.exe" "${cli}" %*\r\n`, [EXE]: "" });
    const surroundings = { env: { PATH: "C:\\tools;D:\\more" }, selfPath: cli, platform: "win32" };
    expect(await nextOnPath(surroundings)).toBe(EXE);
  });

  test("a batch file is run by ComSpec, with one line that says all", async () => {
    const folder = onWindows({ [CMD]: "" });
    const ComSpec = join(folder, "comspec");
    writeFileSync(ComSpec, '#!/bin/sh\nprintf "%s\\n" "$@" >told\nexit 3\n', { mode: 0o755 });
    const status = await hand(["a b"], { cwd: folder, platform: "win32", env: { PATH: "C:\\tools", ComSpec } });
    expect([status, readFileSync(join(folder, "told"), "utf8")]).toEqual([
      3,
      `/d\n/s\n/c\n${batchLine(CMD, ["a b"])}\n`,
    ]);
  });

  test("without ComSpec it is cmd.exe, and a failure names the batch file", async () => {
    const cwd = onWindows({ [CMD]: "" });
    await expect(hand([], { cwd, platform: "win32", env: { PATH: "C:\\tools" } })).rejects.toMatchObject({
      message: `${CMD} cannot be run: spawn cmd.exe ENOENT`,
    });
  });
});

/** Hands over in this process; the other inherits our streams, so it tells by files in `cwd`. */
function hand(argv: string[], changes: Partial<Parameters<typeof handOver>[1]>) {
  const { signal } = new AbortController();
  return handOver(argv, { cwd: home, env: {}, selfPath: cli, platform: "linux", signal, ...changes });
}

describe.skipIf(process.platform === "win32")("handOver", () => {
  const pathOf = (...folders: string[]) => ({ PATH: [...folders, "/usr/bin", "/bin"].join(":") });

  test.each([
    ["an exit status", "exit 7", 7],
    ["success", "exit 0", 0],
    ["SIGTERM", "kill -TERM $$", 143],
    ["SIGKILL", "kill -KILL $$", 137],
  ])("gives %s of the other as shells do", async (_, script, status) => {
    expect(await hand([], { env: pathOf(folderWith(script)) })).toBe(status);
  });

  test("goes on behind the one in the guard for the same command line, and begins anew for another", async () => {
    const [first, second] = [folderWith('echo "$SPEC_KITTY_DELEGATED" >guard; exit 1'), folderWith("exit 2")];
    const env = pathOf(first, second);
    const cwd = emptyFolder();
    expect(await hand(["x"], { cwd, env })).toBe(1);
    const SPEC_KITTY_DELEGATED = readFileSync(join(cwd, "guard"), "utf8").trimEnd();
    expect(SPEC_KITTY_DELEGATED).toContain(join(first, "spec-kitty"));
    expect(await hand(["x"], { cwd, env: { ...env, SPEC_KITTY_DELEGATED } })).toBe(2);
    expect(await hand(["y"], { cwd, env: { ...env, SPEC_KITTY_DELEGATED } })).toBe(1);
  });

  test.each([
    ["nobody is there", () => pathOf(emptyFolder())],
    ["it is forbidden", () => ({ ...pathOf(folderWith("exit 7")), SPEC_KITTY_DELEGATED: "1" })],
    ["the only one is in a relative folder", () => pathOf(".", "bin")],
  ])("runs nothing where %s", async (_, env) => {
    expect(await hand(["x"], { env: env() })).toBeUndefined();
  });

  test.each([
    ["SIGTERM", "is passed on", 9],
    ["SIGHUP", "is passed on as SIGTERM", 9],
    ["SIGINT", "is not, since the terminal has sent it already", 4],
  ])("%s %s", async (name, _, status) => {
    const cwd = emptyFolder();
    const other = folderWith(
      "trap 'exit 9' TERM; echo >ready; i=0; while [ $i -lt 10 ]; do sleep 0.05; i=$((i+1)); done; exit 4",
    );
    const stop = new AbortController();
    const ended = hand([], { cwd, env: pathOf(other), signal: stop.signal });
    await expect.poll(() => existsSync(join(cwd, "ready")), { timeout: 10_000, interval: 5 }).toBe(true);
    stop.abort(name);
    expect(await ended).toBe(status);
  });
});

test("a batch file's arguments keep quotes, spaces and percent signs through both readings of cmd.exe", () => {
  expect(batchLine("C:\\a b\\spec-kitty.cmd", ["x", 'say "hi"', "100%", "a\\"])).toMatchInlineSnapshot(
    `""^"C:\\a^ b\\spec-kitty.cmd^" ^^^"x^^^" ^^^"say^^^ \\^^^"hi\\^^^"^^^" ^^^"100^^^%^^^" ^^^"a\\\\^^^"""`,
  );
});

test("a signal nobody knows is a plain failure", () => {
  expect([signalStatus("SIGKILL"), signalStatus("SIGFOO"), signalStatus(null)]).toEqual([137, 1, 1]);
});

describe("the process", () => {
  test("ends quietly with 0 when nobody reads on", async () => {
    const file = join(home, "many.jsonl");
    writeFileSync(file, `${JSON.stringify(render028(exampleEvent, { team: "local" }))}\n`.repeat(20_000));
    const child = spawn(process.execPath, [cli, "events", "validate", file]);
    let stderr = "";
    child.stderr.on("data", (text) => (stderr += text));
    child.stdout.once("data", () => child.stdout.destroy());
    expect(await new Promise((resolve) => child.on("close", (...end) => resolve(end)))).toEqual([0, null]);
    expect(stderr).toBe("");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("waiting for input ends at %s with %i", async (name, status) => {
    const child = spawn(process.execPath, [cli, "events", "validate", "-"]);
    let stderr = "";
    child.stderr.on("data", (text) => (stderr += text));
    child.stdin.write(`${JSON.stringify(exampleEvent)}\n`);
    child.stdout.once("data", () => child.kill(name));
    expect(await new Promise((resolve) => child.on("close", (...end) => resolve(end)))).toEqual([status, null]);
    expect(stderr).toBe("");
  });

  test("tells the version of its package", async () => {
    const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(await run(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
  });
});
