import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../../src/commands/run-cli.ts";
import { makeContext } from "../commands/cli-context.ts";
import { startBuilt } from "./built-server.ts";
import { makeFolder } from "./folders.ts";

describe("collector serve", () => {
  test("prints address and token, answers, keeps its data where it is told, and ends with the signal", async () => {
    const home = makeFolder();
    const stop = new AbortController();
    const { context, written } = makeContext({ env: { SPEC_KITTY_HOME: home }, signal: stop.signal });
    const ended = runCli(["collector", "serve", "--port", "0"], context);
    while (!written.stdout.includes("skt_")) await new Promise((resolve) => setTimeout(resolve, 10));
    const url = /^Board: (\S+)$/m.exec(written.stdout)?.[1] ?? "";
    const page = await (await fetch(url)).text();
    expect(page).toContain("spec-kitty board");
    stop.abort("SIGTERM");
    expect(await ended).toBe(0);
    expect(existsSync(join(home, "git/collector/collector.db"))).toBe(true);
    expect(written.stderr).toBe("");
    await expect(fetch(url)).rejects.toThrow();
  });

  test("keeps the token in a file of its owner alone, where that is asked for", async () => {
    const data = makeFolder();
    const { context, written } = makeContext({ cwd: data, signal: AbortSignal.abort("SIGTERM") });
    writeFileSync(join(data, "token"), "an older one", { mode: 0o644 });
    const args = ["--port", "0", "--data", data, "--token-file", "token"];
    expect(await runCli(["collector", "serve", ...args], context)).toBe(0);
    expect(written.stdout).not.toContain("skt_");
    expect(readFileSync(join(data, "token"), "utf8")).toMatch(/^skt_[\w-]{43}\n$/);
    expect(statSync(join(data, "token")).mode & 0o077).toBe(0);
  });

  test("prints no token for a team it knows", async () => {
    const data = makeFolder();
    const run = async () => {
      const { context, written } = makeContext({ signal: AbortSignal.abort("SIGTERM") });
      expect(await runCli(["collector", "serve", "--port", "0", "--data", data], context)).toBe(0);
      return written.stdout;
    };
    expect(await run()).toContain("skt_");
    expect(await run()).not.toContain("skt_");
  });

  test.each<[string, string[], number, RegExp]>([
    ["a port that is none", ["--port", "90000"], 2, /--port 90000 is not a port/],
    ["a certificate without its key", ["--tls-cert", "cert.pem"], 2, /needs both a certificate and its key/],
    [
      "a certificate that is not there",
      ["--tls-cert", "cert.pem", "--tls-key", "key.pem"],
      1,
      /cert\.pem cannot be read/,
    ],
    ["a certificate that is none", ["--tls-cert", "package.json", "--tls-key", "package.json"], 1, /certificate/],
  ])("refuses %s", async (_, args, status, message) => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "package.json"), "{}");
    const { context, written } = makeContext({ cwd, env: { SPEC_KITTY_HOME: cwd } });
    expect(await runCli(["collector", "serve", "--port", "0", ...args], context)).toBe(status);
    expect(written.stderr).toMatch(message);
  });
});

describe("the built command", () => {
  test("ends with 0 when it is told to, and refuses a second one on its data", async () => {
    const data = makeFolder();
    const first = await startBuilt(["--data", data]);
    await expect(startBuilt(["--data", data])).rejects.toThrow(/ended with 1: Another collector is running/);
    const { status, printed } = await first.end("SIGTERM");
    expect([status, printed.match(/skt_/g)?.length]).toEqual([0, 1]);
  });
});
