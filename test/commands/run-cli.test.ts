import { describe, expect, test } from "vitest";
import { type Command, defineCommand, type Input } from "../../src/commands/command.ts";
import { type CommandTable, commandTable } from "../../src/commands/command-table.ts";
import { runCli } from "../../src/commands/run-cli.ts";
import { Failure } from "../../src/errors.ts";
import { makeContext } from "./cli-context.ts";

/** A table of commands that tell what they were called with, and of which were loaded. */
function makeTable() {
  const inputs: Input[] = [];
  const loaded: string[] = [];
  const load = (command: Command) => async () => {
    loaded.push(command.summary);
    return { command };
  };
  const move = defineCommand({
    usage: "move-task <work-package> [files...]",
    summary: "Move",
    arguments: { workPackage: { description: "its id" }, files: { description: "files", repeatable: true } },
    options: {
      to: { flag: "--to <lane>", description: "lane", choices: ["doing", "done"], required: true },
      notes: { flag: "-n, --note <text>", description: "note", repeatable: true },
      kinds: { flag: "--kind <kind>", description: "kind", choices: ["a", "b"], repeatable: true },
      by: { flag: "--by <name>", description: "who", default: "user" },
      dry: { flag: "--dry-run", description: "nothing" },
      reason: { flag: "--reason <text>", description: "why" },
    },
    async run(input) {
      inputs.push(input);
    },
  });
  const end = defineCommand({
    usage: "end <how>",
    summary: "End",
    arguments: { how: { description: "how" } },
    async run({ how }, { stdout, signal }) {
      if (how === "failure") throw new Failure("failed", { message: "it is broken", nextStep: "Mend it." });
      if (how === "usage") throw new Failure("usage", { message: "that is no way", nextStep: "Find another." });
      if (how === "bug") throw new TypeError("x is not a function");
      if (how === "abort") signal.throwIfAborted();
      if (how === "write") await stdout.write("text");
      return how === "three" ? 3 : undefined;
    },
  });
  const commands: CommandTable = {
    groups: {
      agent: { summary: "For agents", shared: true },
      "agent tasks": { summary: "Tasks", shared: true },
      hooks: { summary: "Hooks" },
    },
    commands: {
      "agent tasks move-task": { summary: "Move", load: load(move) },
      "hooks status": { summary: "Status", load: load(end) },
      end: { summary: "End", load: load(end) },
    },
  };
  return { commands, inputs, loaded };
}

describe("a command", () => {
  test("gets its arguments and options by name, and no other command is loaded", async () => {
    const { commands, inputs, loaded } = makeTable();
    const line = "agent tasks move-task WP01 a b --to done -n one --note two --kind b --dry-run";
    expect(await runCli(line.split(" "), makeContext({ commands }).context)).toBe(0);
    expect(inputs).toEqual([
      {
        workPackage: "WP01",
        files: ["a", "b"],
        to: "done",
        notes: ["one", "two"],
        kinds: ["b"],
        by: "user",
        dry: true,
        reason: undefined,
      },
    ]);
    expect(loaded).toEqual(["Move"]);
  });

  test("gets empty lists and false for what is not given", async () => {
    const { commands, inputs } = makeTable();
    await runCli(["agent", "tasks", "move-task", "--to", "doing", "--", "-WP01"], makeContext({ commands }).context);
    expect(inputs).toMatchObject([{ workPackage: "-WP01", files: [], notes: [], kinds: [], dry: false }]);
  });

  test.each<[how: string, status: number, stderr: string]>([
    ["well", 0, ""],
    ["three", 3, ""],
    ["failure", 1, "it is broken\nMend it.\n"],
    ["usage", 2, "that is no way\nFind another.\n"],
  ])("that ends %s has exit status %i", async (how, status, stderr) => {
    const { context, written } = makeContext({ commands: makeTable().commands });
    expect(await runCli(["end", how], context)).toBe(status);
    expect(written).toEqual({ stdout: "", stderr });
  });

  test("with a bug shows where, and has exit status 70", async () => {
    const { context, written } = makeContext({ commands: makeTable().commands });
    expect(await runCli(["end", "bug"], context)).toBe(70);
    expect(written.stderr).toMatch(/^TypeError: x is not a function\n +at .*run-cli\.test/);
    expect(written.stderr).toMatch(/\nthis is a bug of spec-kitty 1\.2\.3; please report it\n$/);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("stopped by %s has exit status %i and says nothing", async (reason, status) => {
    const { context, written } = makeContext({ commands: makeTable().commands, signal: AbortSignal.abort(reason) });
    expect(await runCli(["end", "abort"], context)).toBe(status);
    expect(written.stderr).toBe("");
  });

  test.each([
    ["EPIPE", 0, ""],
    ["ENOSPC", 1, "standard output cannot be written: ENOSPC\nSend it somewhere else.\n"],
  ])("whose output meets %s has exit status %i", async (code, status, stderr) => {
    const write = () => Promise.reject(Object.assign(new Error(code), { code }));
    const stdout = { write, isTTY: false, columns: 80 };
    const { context, written } = makeContext({ commands: makeTable().commands, stdout });
    expect(await runCli(["end", "write"], context)).toBe(status);
    expect(written.stderr).toBe(stderr);
  });
});

describe("wrong usage has exit status 2, with what is wrong and what to do", () => {
  test.each([
    ["hooks", "foo", "unknown command 'foo'\nSee spec-kitty hooks --help\n"],
    ["hooks", "statu", "unknown command 'statu'\nDid you mean status?\n"],
    ["foo", "x", "unknown command 'foo'\nSee spec-kitty --help\n"],
    ["hook", "status", "unknown command 'hook'\nDid you mean hooks?\n"],
    ["agent tasks", "foo", "unknown command 'foo'\nSee spec-kitty agent tasks --help\n"],
    ["end", "", "missing required argument 'how'\nSee spec-kitty end --help\n"],
    ["end", "a b", "too many arguments for 'end'. Expected 1 argument but got 2.\nSee spec-kitty end --help\n"],
    [
      "agent tasks move-task",
      "WP01",
      "required option '--to <lane>' not specified\nSee spec-kitty agent tasks move-task --help\n",
    ],
    ["agent tasks move-task", "WP01 --to done --too x", "unknown option '--too'\nDid you mean --to?\n"],
    [
      "agent tasks move-task",
      "WP01 --to dong",
      "option '--to <lane>' argument 'dong' is invalid. Allowed choices are doing, done.\nSee spec-kitty agent tasks move-task --help\n",
    ],
    [
      "agent tasks move-task",
      "WP01 --to done --kind c",
      "option '--kind <kind>' argument 'c' is invalid. Allowed choices are a, b.\nSee spec-kitty agent tasks move-task --help\n",
    ],
    ["--foo", "", "unknown option '--foo'\nSee spec-kitty --help\n"],
  ])("%s %s", async (path, rest, stderr) => {
    const { context, written } = makeContext({ commands: makeTable().commands });
    expect(await runCli(`${path} ${rest}`.trim().split(" "), context)).toBe(2);
    expect(written).toEqual({ stdout: "", stderr });
  });

  test.each([[[]], [["agent"]]])("a group alone shows its help on stderr: %j", async (argv) => {
    const { context, written } = makeContext({ commands: makeTable().commands });
    expect(await runCli(argv, context)).toBe(2);
    expect(written).toEqual({ stdout: "", stderr: expect.stringContaining("Commands:") });
  });
});

describe("help goes to stdout", () => {
  test.each([
    ["--help", "Usage: spec-kitty [options] [command]"],
    ["help", "Usage: spec-kitty [options] [command]"],
    ["-h", "For agents"],
    ["agent --help", "Usage: spec-kitty agent [options] [command]"],
    ["help agent tasks", "move-task"],
    ["agent tasks move-task --help", "Usage: spec-kitty agent tasks move-task <work-package> [files...]"],
    ["help agent tasks move-task", '--to <lane>        lane (choices: "doing", "done")'],
    ["--help agent tasks move-task", "--to <lane>"],
    ["--version", "1.2.3\n"],
    ["-V", "1.2.3\n"],
  ])("%s", async (line, text) => {
    const { context, written } = makeContext({ commands: makeTable().commands });
    expect(await runCli(line.split(" "), context)).toBe(0);
    expect(written).toEqual({ stdout: expect.stringContaining(text), stderr: "" });
  });
});

test.each(Object.entries(commandTable.commands))("%s is listed as it calls itself", async (path, { summary, load }) => {
  const { command } = await load();
  expect(command.summary).toBe(summary);
  expect(command.usage.split(" ")[0]).toBe(path.split(" ").at(-1));
});
