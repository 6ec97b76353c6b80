import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { commandTable } from "../../src/commands/command-table.ts";
import { runCli } from "../../src/commands/run-cli.ts";
import { makeFolder } from "../helpers/folder.ts";
import { makeContext } from "./cli-context.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** Without what a user set up. */
const BARE: Readonly<Record<Shell, readonly string[]>> = {
  bash: ["--norc", "--noprofile"],
  zsh: ["-f"],
  fish: ["--no-config"],
};

async function scriptFor(shell: string): Promise<string> {
  const { context, written } = makeContext();
  expect(await runCli(["completion", shell], context)).toBe(0);
  return written.stdout;
}

/** True where the shell is installed; else the output of the tests says that it is not. */
function isThere(shell: Shell): boolean {
  const there = (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, shell)));
  if (!there) process.stderr.write(`${shell} is not installed: its completion is read, not run\n`);
  return there;
}

/** Runs shell code after the script of that shell was sourced; gives its lines of output. */
async function source(shell: Shell, code: string, ...words: string[]): Promise<string[]> {
  const file = join(makeFolder(), "completion");
  writeFileSync(file, await scriptFor(shell));
  const args = [...BARE[shell], "-c", code, ...(shell === "fish" ? [] : [shell]), file, ...words];
  const { status, stdout, stderr } = spawnSync(shell, args, { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.split("\n").filter(Boolean);
}

/** Every path of the table with the options of its command. */
let places: { path: string; options: string[] }[];

beforeAll(async () => {
  places = await Promise.all(
    Object.entries(commandTable.commands).map(async ([path, { load }]) => {
      const { options = {} } = (await load()).command;
      return { path, options: Object.values(options).map(({ flag }) => /--[\w-]+/.exec(flag)?.[0] ?? "") };
    }),
  );
});

test.each(SHELLS)("the script for %s holds every command and every option", async (shell) => {
  const script = await scriptFor(shell);
  expect(places.flatMap(({ options }) => options).length).toBeGreaterThan(20);
  for (const { path, options } of places) {
    const own = script
      .split("\n")
      .filter((line) => line.includes(shell === "fish" ? `'\\''${path}'\\''` : `'${path}') `));
    for (const option of [...options, "--help"]) {
      expect([path, own.join("\n")]).toEqual([
        path,
        expect.stringContaining(shell === "fish" ? `-l ${option.slice(2)}` : option),
      ]);
    }
  }
});

describe.runIf(isThere("bash"))("in bash", () => {
  const COMPLETE = `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _spec_kitty; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const complete = (...words: string[]) => source("bash", COMPLETE, "spec-kitty", ...words);

  test.each<[string[], string[]]>([
    [[""], ["events", "sync", "hooks", "collector", "completion", "doctor", "demo"]],
    [["e"], ["events"]],
    [
      ["sync", ""],
      ["now", "status", "preview", "retry"],
    ],
    [["hooks", "un"], ["uninstall"]],
    [
      ["sync", "now", "--re"],
      ["--rebind", "--resend"],
    ],
    [["sync", "now", "--limit", "5", "--js"], ["--json"]],
    [
      ["demo", "some where", "--"],
      ["--exit", "--help"],
    ],
    [["nonsense", "e"], ["events"]],
    [["sync", "x"], []],
  ])("after %j come %j", async (words, expected) => {
    expect(await complete(...words)).toEqual(expected);
  });

  test("both names of the program are completed", async () => {
    const lines = await source("bash", '. "$1"; complete -p spec-kitty spec-kitty-events');
    expect(lines).toEqual(
      ["spec-kitty", "spec-kitty-events"].map((name) => `complete -o default -F _spec_kitty ${name}`),
    );
  });
});

test.runIf(isThere("zsh"))("zsh reads its script, and knows what follows a path", async () => {
  const code = 'compdef() { print -- "$@"; }; . "$1"; _spec_kitty_words sync; _spec_kitty_words "sync retry"';
  expect(await source("zsh", code)).toEqual([
    "_spec_kitty spec-kitty spec-kitty-events",
    "now status preview retry",
    "--help",
  ]);
});

test.runIf(isThere("fish"))("fish completes groups, commands and options", async () => {
  const code =
    'source $argv[1]; for line in $argv[2..]; complete -C "spec-kitty $line" | string split -f1 \\t; echo .; end';
  const lines = await source("fish", code, "sync ", "hooks un", "sync now --re");
  expect(lines).toEqual(["now", "preview", "retry", "status", ".", "uninstall", ".", "--rebind", "--resend", "."]);
});

test("another shell is refused with those there are", async () => {
  const { context, written } = makeContext();
  expect(await runCli(["completion", "tcsh"], context)).toBe(2);
  expect(written).toEqual({
    stdout: "",
    stderr: '"tcsh" is no shell we complete for.\nName one of: bash, zsh, fish.\n',
  });
});
