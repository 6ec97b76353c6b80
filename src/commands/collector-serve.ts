import { readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { serveCollector } from "../collector/serve-collector.ts";
import { packageRoot } from "../config/package-root.ts";
import { Failure } from "../errors.ts";
import { defineCommand } from "./command.ts";

export const command = defineCommand({
  usage: "serve [--port <number>] [--host <address>] [--data <dir>] [--team <slug>]",
  summary: "Run the self-hosted collector and its board",
  options: {
    port: { flag: "--port <number>", description: "port to listen on; 0 takes any free one", default: "8787" },
    host: { flag: "--host <address>", description: "address to listen on", default: "127.0.0.1" },
    data: {
      flag: "--data <dir>",
      description: "folder for the events (default: git/collector in SPEC_KITTY_HOME, which is ~/.spec-kitty)",
    },
    team: {
      flag: "--team <slug>",
      description: "team to create, with a token, if it is not there yet",
      default: "local",
    },
    newToken: { flag: "--new-token", description: "create another token for the team; older ones stay valid" },
    tokenFile: { flag: "--token-file <file>", description: "keep a new token in this file, instead of printing it" },
    allowHost: { flag: "--allow-host <name>", description: "a name it may be called by, too", repeatable: true },
    tlsCert: { flag: "--tls-cert <file>", description: "certificate chain (PEM); with it, HTTPS is served" },
    tlsKey: { flag: "--tls-key <file>", description: "private key of the certificate (PEM)" },
  },
  async run(
    { port, host, data, team, newToken, tokenFile, allowHost, tlsCert, tlsKey },
    { cwd, env, stdout, stderr, signal },
  ) {
    const home = env.SPEC_KITTY_HOME || join(homedir(), ".spec-kitty");
    const tls = await readTls({ cert: tlsCert, key: tlsKey }, cwd);
    const { url, token, stop } = await serveCollector({
      port: readPort(port),
      host,
      data: data === undefined ? join(home, "git/collector") : resolve(cwd, data),
      team,
      newToken,
      page: join(packageRoot(), "templates/board"),
      allowHosts: allowHost,
      ...(tls && { tls }),
      now: Date.now,
      log: (text) => void stderr.write(`${text}\n`),
    });
    try {
      if (token !== undefined && tokenFile !== undefined) await writeToken(resolve(cwd, tokenFile), token);
      const shown = token === undefined || tokenFile !== undefined ? "" : welcome({ url, team, token });
      await stdout.write(`Board: ${url}/\n${shown}`);
      await stopped(signal);
    } finally {
      await stop();
    }
  },
});

function welcome({ url, team, token }: { url: string; team: string; token: string }): string {
  return `
A token for team ${team}, shown this once; only its hash is kept:

    ${token}

The board asks for it. To deliver events from a clone:

    SPEC_KITTY_SERVER_URL=${url} SPEC_KITTY_TEAM=${team} SPEC_KITTY_TOKEN=<token> spec-kitty sync now

`;
}

/** What a service prints ends in a log, where a token must not be. */
async function writeToken(file: string, token: string): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, `${token}\n`, { mode: 0o600, flag: "wx" });
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port < 65_536) return port;
  throw new Failure("usage", { message: `--port ${text} is not a port.`, nextStep: "Use a number from 0 to 65535." });
}

async function readTls(
  { cert, key }: { cert: string | undefined; key: string | undefined },
  cwd: string,
): Promise<{ cert: string; key: string } | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new Failure("usage", {
      message: "HTTPS needs both a certificate and its key.",
      nextStep: "Give --tls-cert <file> and --tls-key <file>.",
    });
  }
  return { cert: await readPem(resolve(cwd, cert)), key: await readPem(resolve(cwd, key)) };
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new Failure("failed", {
      message: `${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      nextStep: "Name a PEM file that the collector may read.",
      cause,
    });
  }
}
