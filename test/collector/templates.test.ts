import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { serveCollector } from "../../src/collector/serve-collector.ts";
import { makeFolder } from "./folders.ts";
import { makeEvent } from "./harness.ts";

const template = (name: string) => fileURLToPath(new URL(`../../templates/${name}`, import.meta.url));
const has = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: "ignore" }).error === undefined;

/** What a test needs of the machine; says which of it is missing. */
function find(commands: readonly string[], purpose: string): boolean {
  const missing = commands.filter((command) => !has(command, command === "nginx" ? "-v" : "--version"));
  if (missing.length > 0) console.log(`Skipped: ${missing.join(", ")} not found; ${purpose} is not tested.`);
  return missing.length === 0;
}

test.runIf(find(["systemd-analyze"], "the systemd unit"))(
  "systemd accepts the unit, and sees little that it exposes",
  () => {
    const unit = template("collector/spec-kitty-collector.service");
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=20", unit], {
      encoding: "utf8",
    });
    expect(stdout).toMatch(/Overall exposure level for spec-kitty-collector\.service: [01]\.\d/);
  },
);

test.runIf(find(["nginx", "openssl"], "the nginx recipe"))(
  "nginx speaks HTTPS for it: batches, cookies, and events as they come",
  async () => {
    const folder = makeFolder();
    const port = await freePort();
    const running = await serveCollector({
      host: "127.0.0.1",
      port: 0,
      data: makeFolder(),
      team: "acme",
      page: template("board"),
      allowHosts: ["board.example.org"],
      now: Date.now,
      log: console.error,
    });
    onTestFinished(() => running.stop());
    const ca = startNginx({ folder, port, upstream: new URL(running.url).host });
    const ask = (path: string, init: { method?: string; headers?: Record<string, string>; body?: string } = {}) =>
      askThrough({ port, ca, token: running.token ?? "", path, ...init });
    await answered(() => ask("/healthz"));

    const post = (body: string) => ask("/api/v1/events/batch/", { method: "POST", body });
    const live = await ask("/live");
    const chunks = live[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toContain("retry");
    const told = chunks.next();
    expect((await post(JSON.stringify({ events: [makeEvent()] }))).statusCode).toBe(200);
    expect(String((await told).value)).toMatch(/^event: board\nid: 1\n/);
    live.destroy();

    expect((await post(JSON.stringify({ events: [], padding: "x".repeat(2 ** 20) }))).statusCode).toBe(413);
    const json = { "content-type": "application/json" };
    const session = await ask("/session", {
      method: "POST",
      headers: json,
      body: JSON.stringify({ token: running.token }),
    });
    expect(session.headers["set-cookie"]?.[0]).toMatch(/HttpOnly; SameSite=Strict; Secure$/);
    expect((await ask("/", { headers: { host: "evil.example.org" } })).statusCode).toBe(421);
  },
);

/** Starts nginx with the recipe, on this port and for this upstream; gives the certificate to trust. */
function startNginx({ folder, port, upstream }: { folder: string; port: number; upstream: string }): string {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const subject = ["-subj", "/CN=board.example.org", "-addext", "subjectAltName=DNS:board.example.org"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...subject],
    { stdio: "ignore" },
  );
  const recipe = readFileSync(template("collector/nginx.conf"), "utf8")
    .replace("127.0.0.1:8787", upstream)
    .replace("listen 443", `listen 127.0.0.1:${port}`)
    .replace("/etc/ssl/board.example.org.pem", cert)
    .replace("/etc/ssl/board.example.org.key", key);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
     events {} http { access_log off; ${temporary.join(" ")} ${recipe} }`,
  );
  const nginx = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")], {
    stdio: "ignore",
  });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => nginx.on("close", resolve));
    nginx.kill("SIGKILL");
    await ended;
  });
  return readFileSync(cert, "utf8");
}

interface Asking {
  readonly port: number;
  readonly ca: string;
  readonly token: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

function askThrough({ port, ca, token, path, method = "GET", headers, body }: Asking): Promise<IncomingMessage> {
  const all = { host: "board.example.org", authorization: `Bearer ${token}`, ...headers };
  const options = { port, path, method, ca, host: "127.0.0.1", servername: "board.example.org", headers: all };
  return new Promise((resolve, reject) => {
    request(options, resolve).on("error", reject).end(body);
  });
}

async function answered(ask: () => Promise<IncomingMessage>): Promise<void> {
  for (;;) {
    const response = await ask().catch(() => undefined);
    if (response?.statusCode === 200) return;
    await sleep(20);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
