import { CommanderError, Command as Program, Option as ProgramOption } from "commander";
import { Failure } from "../errors.ts";
import type { Command, Context, Input, Option } from "./command.ts";
import type { CommandTable } from "./command-table.ts";
import { handOver, signalStatus } from "./next-on-path.ts";

const NAME = "spec-kitty";
/** The reader has gone (`| head`): when that shows first, and after it. */
const UNREAD: ReadonlySet<unknown> = new Set(["EPIPE", "ERR_STREAM_DESTROYED"]);

/** A command's world, and what the command line itself needs to know. */
export interface CliContext extends Context {
  readonly commands: CommandTable;
}

/** Where a command line leads: to a command, to a group, or to a word that is neither. */
interface Destination {
  readonly path: string;
  readonly unknown: boolean;
}

/** What commander printed, and the call it found, if any. */
interface Parsed {
  readonly out: string;
  readonly err: string;
  readonly status: 0 | 2;
  readonly input: Input | undefined;
}

/** Runs one command line and gives its exit status: 0 done, 1 failed, 2 wrong usage, 70 bug. It throws nothing. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  let unread = false;
  const write = async (text: string): Promise<void> => {
    try {
      await context.stdout.write(text);
    } catch (cause) {
      unread = cause instanceof Error && "code" in cause && UNREAD.has(cause.code);
      const message = `standard output cannot be written: ${cause instanceof Error ? cause.message : cause}`;
      throw new Failure("failed", { message, nextStep: "Send it somewhere else.", cause });
    }
  };
  const { isTTY, columns } = context.stdout;
  try {
    return await dispatch(argv, { ...context, stdout: { write, isTTY, columns } });
  } catch (error) {
    if (unread) return 0;
    if (context.signal.aborted && isAbort(error, context.signal)) return signalStatus(String(context.signal.reason));
    return await report(error, context);
  }
}

async function dispatch(argv: readonly string[], context: CliContext): Promise<number> {
  const words = normalize(argv);
  const { path, unknown } = locate(words, context.commands);
  if (unknown && (path === "" || context.commands.groups[path]?.shared)) {
    const status = await handOver(argv, context);
    if (status !== undefined) return status;
  }
  const command = (await context.commands.commands[path]?.load())?.command;
  const { out, err, status, input } = parse(words, { path, command, context });
  if (out !== "") await context.stdout.write(out);
  if (err !== "") await context.stderr.write(err);
  return command && input ? ((await command.run(input, context)) ?? 0) : status;
}

/** `help a b` and `--help a b` ask for `a b --help`; a leading `--` says nothing. */
function normalize(argv: readonly string[]): readonly string[] {
  if (argv[0] === "--") return argv.slice(1);
  return ["help", "--help", "-h"].includes(argv[0] ?? "") ? [...argv.slice(1), "--help"] : argv;
}

/** Follows the leading words as far as the table knows them. */
function locate(words: readonly string[], { commands, groups }: CommandTable): Destination {
  let path = "";
  for (const word of words) {
    if (word.startsWith("-") || Object.hasOwn(commands, path)) break;
    const longer = path === "" ? word : `${path} ${word}`;
    if (!Object.hasOwn(commands, longer) && !Object.hasOwn(groups, longer)) return { path, unknown: true };
    path = longer;
  }
  return { path, unknown: false };
}

function parse(
  words: readonly string[],
  { path, command, context }: { path: string; command: Command | undefined; context: CliContext },
): Parsed {
  let out = "";
  let err = "";
  let input: Input | undefined;
  const program = new Program(NAME).version(context.version).exitOverride().helpCommand(false);
  program.configureOutput({
    writeOut: (text) => {
      out += text;
    },
    writeErr: (text) => {
      err += text;
    },
    outputError: () => undefined,
    getOutHelpWidth: () => context.stdout.columns,
    getErrHelpWidth: () => context.stderr.columns,
  });
  const called = addAll(program, context.commands).get(path);
  if (command && called) {
    const read = declare(called, command);
    called.action(() => {
      input = read();
    });
  }
  try {
    program.parse(words, { from: "user" });
    return { out, err, status: 0, input };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { out, err, status: 0, input };
    if (error.code === "commander.help") return { out, err, status: 2, input };
    throw usageFailure(error, path);
  }
}

/** Adds every group and command by name and summary; none is loaded for it. */
function addAll(program: Program, { groups, commands }: CommandTable): ReadonlyMap<string, Program> {
  const byPath = new Map([["", program]]);
  for (const [path, { summary }] of Object.entries({ ...groups, ...commands })) {
    const space = path.lastIndexOf(" ");
    const parent = byPath.get(path.slice(0, Math.max(space, 0)));
    if (!parent) throw new Error(`the group of "${path}" is missing in the table, or comes after it`);
    byPath.set(
      path,
      parent
        .command(path.slice(space + 1))
        .description(summary)
        .helpCommand(false),
    );
  }
  return byPath;
}

/** Declares arguments and options; the result reads their values once the command line is parsed. */
function declare(program: Program, command: Command): () => Input {
  program.usage(command.usage.replace(/^\S+ ?/, ""));
  for (const [name, { description, optional, repeatable }] of Object.entries(command.arguments ?? {})) {
    const word = `${kebab(name)}${repeatable ? "..." : ""}`;
    program.argument(optional || repeatable ? `[${word}]` : `<${word}>`, description);
  }
  const options = Object.entries(command.options ?? {}).map(([name, data]) => ({ name, data, option: optionOf(data) }));
  for (const { option } of options) program.addOption(option);
  return () => ({
    ...Object.fromEntries(
      Object.keys(command.arguments ?? {}).map((name, index) => [name, program.processedArgs[index]]),
    ),
    ...Object.fromEntries(
      options.map(({ name, data, option }) => {
        const nothing = data.repeatable ? [] : data.flag.endsWith(">") ? undefined : false;
        return [name, program.getOptionValue(option.attributeName()) ?? nothing];
      }),
    ),
  });
}

function optionOf({ flag, description, choices, default: preset, required, repeatable }: Option): ProgramOption {
  const option = new ProgramOption(flag, description).makeOptionMandatory(required ?? false);
  if (choices) option.choices(choices);
  if (preset !== undefined) option.default(preset);
  if (!repeatable) return option;
  const one = option.parseArg;
  return option.argParser((value, before: readonly string[] | undefined) => [
    ...(before ?? []),
    one ? one(value, "") : value,
  ]);
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Commander says "error: …" and, on a line of its own, "(Did you mean …?)". */
function usageFailure(error: CommanderError, path: string): Failure {
  const [message = "", hint] = error.message.replace(/^error: /, "").split("\n");
  const help = [NAME, path, "--help"].filter(Boolean).join(" ");
  return new Failure("usage", { message, nextStep: hint?.replace(/^\((.*)\)$/, "$1") ?? `See ${help}`, cause: error });
}

/** A file or disk that does not do what it is asked is nobody's bug. */
function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error && "code" in error;
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === "AbortError");
}

async function report(error: unknown, { stderr, version }: CliContext): Promise<number> {
  const failure = isOfSystem(error)
    ? new Failure("failed", { message: error.message, nextStep: "See what is wrong with it: spec-kitty doctor" })
    : error;
  const [text, status] =
    failure instanceof Failure
      ? [`${failure.message}\n${failure.nextStep}\n`, failure.status]
      : [
          `${error instanceof Error ? error.stack : error}\nthis is a bug of ${NAME} ${version}; please report it\n`,
          70,
        ];
  try {
    await stderr.write(text);
  } catch {
    // Nobody reads; the status still tells.
  }
  return status;
}
