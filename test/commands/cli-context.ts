import type { Context } from "../../src/commands/command.ts";
import { commandTable } from "../../src/commands/command-table.ts";
import type { CliContext } from "../../src/commands/run-cli.ts";

/** A command line's world in memory; nothing else of that name is on PATH. */
export function makeContext({
  stdin = [],
  ...changes
}: Partial<Omit<CliContext, "stdin">> & { stdin?: Uint8Array[] } = {}) {
  const written = { stdout: "", stderr: "" };
  const outputTo = (name: "stdout" | "stderr"): Context["stdout"] => ({
    write: async (text) => {
      written[name] += text;
    },
    isTTY: false,
    columns: 80,
  });
  const context: CliContext = {
    cwd: "/",
    env: {},
    stdout: outputTo("stdout"),
    stderr: outputTo("stderr"),
    stdin: (async function* () {
      yield* stdin;
    })(),
    signal: new AbortController().signal,
    directory: process,
    pid: process.pid,
    execPath: process.execPath,
    commands: commandTable,
    version: "1.2.3",
    selfPath: import.meta.filename,
    platform: process.platform,
    ...changes,
  };
  return { context, written };
}
