import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, type Writable } from "node:stream";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { render028 } from "../src/events/render-028.ts";
import { exampleEvent } from "./events/example-events.ts";
import { makeRepository } from "./helpers/repository.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const STREAMS = ["stdin", "stdout", "stderr"] as const;
const { argv, exitCode } = process;
const streams = STREAMS.map((name) => [name, Object.getOwnPropertyDescriptor(process, name)] as const);
const listeners = SIGNALS.map((name) => [name, process.listeners(name)] as const);

afterEach(() => {
  process.argv = argv;
  process.exitCode = exitCode;
  for (const [name, descriptor] of streams) Object.defineProperty(process, name, descriptor ?? {});
  for (const [name, before] of listeners) {
    for (const listener of process.listeners(name)) if (!before.includes(listener)) process.off(name, listener);
  }
});

interface Terminal {
  readonly stdin?: PassThrough;
  readonly stdout?: Writable;
  readonly columns?: number;
}

/** Loads the CLI afresh in this process, between streams of the test's own. */
async function load(words: string[], { stdin = new PassThrough(), stdout, columns }: Terminal = {}) {
  const out = new PassThrough();
  const err = new PassThrough();
  const given = { stdin, stdout: Object.assign(stdout ?? out, columns && { isTTY: true, columns }), stderr: err };
  for (const name of STREAMS) Object.defineProperty(process, name, { configurable: true, value: given[name] });
  process.argv = [process.execPath, "spec-kitty", ...words];
  vi.resetModules();
  await import("../src/cli.ts");
  return { status: process.exitCode, stdout: String(out.read() ?? ""), stderr: String(err.read() ?? "") };
}

function fileOfEvents(...events: unknown[]): string {
  const folder = mkdtempSync(join(tmpdir(), "spec-kitty-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "events.jsonl");
  writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  return file;
}

const good = render028(exampleEvent, { team: "local" });
const judged = `${JSON.stringify({ event_id: good.event_id, valid: true, errors: [] })}\n`;

test("the version is the one of the package", async () => {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  expect(await load(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
});

test.each([
  ["valid events give 0", [good, good], 0],
  ["an invalid event gives 1", [good, { ...good, node_id: "" }], 1],
])("%s", async (_, events, expected) => {
  const { status, stdout, stderr } = await load(["events", "validate", fileOfEvents(...events)]);
  expect([status, stderr]).toEqual([expected, ""]);
  expect(stdout.split("\n")).toHaveLength(3);
  expect(stdout.startsWith(judged)).toBe(true);
});

test("standard input is read to its end", async () => {
  const stdin = new PassThrough();
  stdin.end(`${JSON.stringify(good)}\n`);
  expect(await load(["events", "validate", "-"], { stdin })).toEqual({ status: 0, stdout: judged, stderr: "" });
});

test.each<[string, string[], number, string]>([
  ["an unknown revision", ["nowhere"], 1, "nowhere"],
  ["a wrong option", ["--nothing"], 2, "--nothing"],
])("%s gives its status and two lines", async (_, words, expected, named) => {
  const { path, commit } = makeRepository();
  commit("first");
  const { status, stdout, stderr } = await load(["events", "infer", "--repo", path, ...words]);
  expect([status, stdout]).toEqual([expected, ""]);
  expect(stderr).toMatch(/^.+\n.+\n$/);
  expect(stderr).toContain(named);
});

test("help is as wide as the terminal, and 80 columns where there is none", async () => {
  const widest = async (terminal: Terminal) => {
    const { stdout } = await load(["events", "infer", "--help"], terminal);
    // The usage is one line at any width.
    return Math.max(...stdout.split("\n").map((line) => (line.startsWith("Usage:") ? 0 : line.length)));
  };
  const [narrow, plain, wide] = [
    await widest({ columns: 60 }),
    await widest({}),
    await widest({ columns: 200 }),
  ] as const;
  expect(plain).toBeLessThanOrEqual(80);
  expect(narrow).toBeLessThan(plain);
  expect(wide).toBeGreaterThan(80);
});

test.runIf(process.platform === "linux")("a full disk is told in two lines, with 1", async () => {
  const stdout = createWriteStream("/dev/full");
  const { status, stderr } = await load(["events", "validate", fileOfEvents(good)], { stdout });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^standard output cannot be written: ENOSPC.*\nSend it somewhere else\.\n$/);
});

test("a reader that has gone ends it quietly with 0, whatever it would have told", async () => {
  const reader = spawn("sh", ["-c", "exec <&-; echo closed; exec sleep 20"]);
  onTestFinished(() => void reader.kill());
  await once(reader.stdout, "data");
  const file = fileOfEvents({ ...good, node_id: "" });
  const broken = once(reader.stdin, "error");
  expect(await load(["events", "validate", file], { stdout: reader.stdin })).toMatchObject({ status: 0, stderr: "" });
  expect(await broken).toMatchObject([{ code: "EPIPE" }]);
});

test("a signal ends a command that waits for input, with 128 and its number", async () => {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  stdin.write(`${JSON.stringify(good)}\n`);
  // What it has judged shows that it listens, since it would end us otherwise.
  stdout.once("data", () => process.kill(process.pid, "SIGHUP"));
  expect(await load(["events", "validate", "-"], { stdin, stdout })).toMatchObject({ status: 129, stderr: "" });
});

test("a warning of node's is shown, but for the one about its SQLite", async () => {
  await load(["--version"]);
  const shown = (message: string): unknown => {
    process.emit("warning", Object.assign(new Error(message), { name: "ExperimentalWarning" }));
    return Reflect.get(process.stderr, "read").call(process.stderr)?.toString();
  };
  expect(shown("SQLite is an experimental feature and might change at any time")).toBeUndefined();
  expect(shown("buffer() is old")).toBe("ExperimentalWarning: buffer() is old\n");
});
