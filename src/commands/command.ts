/** A stream a command writes to. */
export interface Output {
  /** Resolves when the text is handed over, so that a slow reader slows the command down; rejects when nobody reads. */
  write(text: string): Promise<void>;
  readonly isTTY: boolean;
  /** Width of the terminal, 80 where there is none. */
  readonly columns: number;
}

/** The world a command runs in; it touches no other. */
export interface Context {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** The current directory of the process, which some libraries look into whatever they are told. */
  readonly directory: { cwd(): string; chdir(path: string): void };
  /** Of this package. */
  readonly version: string;
  readonly pid: number;
  /** The file we run from. */
  readonly selfPath: string;
  readonly platform: string;
  /** Path of the node that runs us. */
  readonly execPath: string;
  /** Aborted when the user or the system asks to stop; the reason is the signal's name. */
  readonly signal: AbortSignal;
}

/** An option of a command; an option without a value is a switch. */
export interface Option {
  /** As help shows it: `--to <lane>`, `-q, --quiet`. */
  readonly flag: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly required?: boolean;
  /** May be given several times; its value is the list, empty when it is not given. */
  readonly repeatable?: boolean;
}

/** A positional argument of a command. */
export interface Argument {
  readonly description: string;
  readonly optional?: boolean;
  /** Takes all that is left; the last argument alone may. */
  readonly repeatable?: boolean;
}

type Value = string | boolean | readonly string[] | undefined;

/** Values of options and arguments by their names in the command's data. */
export type Input = Readonly<Record<string, Value>>;

/** What is done, and how it is called; a command is data until it runs. */
export interface Command {
  /** `move-task <work-package> --to <lane>`: its own name, then what follows. */
  readonly usage: string;
  readonly summary: string;
  /** By the name `run` knows them by, in the order of the command line. */
  readonly arguments?: Readonly<Record<string, Argument>>;
  readonly options?: Readonly<Record<string, Option>>;
  /** Gives the exit status, 0 when it gives none; an expected failure is a `Failure`. */
  run(input: Input, context: Context): Promise<Status>;
}

/** An exit status, or none for 0. */
// biome-ignore lint/suspicious/noConfusingVoidType: a command that cannot fail has nothing to return
export type Status = number | void;

type Choice<O> = O extends { choices: readonly (infer C)[] } ? C : string;
type OptionValue<O> = O extends { flag: `${string}>` }
  ? O extends { repeatable: true }
    ? readonly Choice<O>[]
    : O extends { default: string } | { required: true }
      ? Choice<O>
      : Choice<O> | undefined
  : boolean;
type ArgumentValue<A> = A extends { repeatable: true }
  ? readonly string[]
  : A extends { optional: true }
    ? string | undefined
    : string;

/** A command whose `run` gets the types that follow from its options and arguments. */
type TypedCommand<Arguments, Options> = Omit<Command, "arguments" | "options" | "run"> & {
  readonly arguments?: Arguments;
  readonly options?: Options;
  run(
    input: { readonly [K in keyof Arguments]: ArgumentValue<Arguments[K]> } & {
      readonly [K in keyof Options]: OptionValue<Options[K]>;
    },
    context: Context,
  ): Promise<Status>;
};

/** Defines a command with a typed input: choices become a union, switches booleans. */
export function defineCommand<
  const Arguments extends Readonly<Record<string, Argument>> = Record<never, never>,
  const Options extends Readonly<Record<string, Option>> = Record<never, never>,
>(command: TypedCommand<Arguments, Options>): Command;
export function defineCommand(command: Command): Command {
  return command;
}
