import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** A collector in a process of its own. */
export interface BuiltServer {
  readonly url: string;
  /** What it printed; undefined where it printed no token. */
  readonly token: string | undefined;
  readonly printed: () => string;
  /** Ends it by a signal, and gives its status and what it said. */
  end(signal: NodeJS.Signals): Promise<{ status: number | null; printed: string }>;
}

/** Starts the built command; resolves when it has printed its address. */
export async function startBuilt(args: readonly string[]): Promise<BuiltServer> {
  const child = spawn(process.execPath, [cli, "collector", "serve", "--port", "0", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  const keep = (chunk: Buffer) => {
    printed += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const url = await waitFor(
    () => /^Board: (\S+)\/$/m.exec(printed)?.[1],
    child,
    () => printed,
  );
  const end: BuiltServer["end"] = async (signal) => {
    child.kill(signal);
    return { status: await ended, printed };
  };
  // The token is printed with the address, in one piece.
  return { url, token: /^ {4}(skt_\S+)$/m.exec(printed)?.[1], printed: () => printed, end };
}

async function waitFor(find: () => string | undefined, child: ChildProcess, said: () => string): Promise<string> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
