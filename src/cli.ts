import { readFileSync } from "node:fs";
import { addAbortSignal } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Output } from "./commands/command.ts";
import { commandTable } from "./commands/command-table.ts";
import { runCli } from "./commands/run-cli.ts";

// Node 22 calls its SQLite experimental: nothing that a user of the collector could act on.
process.removeAllListeners("warning");
process.on("warning", ({ name, message }) => {
  if (!message.startsWith("SQLite is an experimental")) process.stderr.write(`${name}: ${message}\n`);
});

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // Once: the same signal again ends a command that does not listen.
  process.once(name, () => stop.abort(name));
}

process.exitCode = await runCli(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  // Opened when a command reads it, since a program we hand over to may want it whole.
  stdin: { [Symbol.asyncIterator]: () => addAbortSignal(stop.signal, process.stdin)[Symbol.asyncIterator]() },
  directory: process,
  signal: stop.signal,
  pid: process.pid,
  execPath: process.execPath,
  commands: commandTable,
  version: readVersion(),
  selfPath: fileURLToPath(import.meta.url),
  platform: process.platform,
});

function outputOf(stream: NodeJS.WriteStream): Output {
  // Each write reports its own error; without a listener, the first would end the process.
  stream.on("error", () => undefined);
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
  };
}

/** `src/` and `dist/` both lie beside our `package.json`. */
function readVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return version;
}
