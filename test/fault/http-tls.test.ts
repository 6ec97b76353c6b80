import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, afterEach, describe, expect, onTestFinished, test } from "vitest";
import { createNodeFetch } from "../../src/sync/node-fetch.ts";
import { createTransport } from "../../src/sync/transport.ts";
import { startConnectProxy } from "../helpers/connect-proxy.ts";
import { drainTo, TOKEN } from "../helpers/drain-world.ts";
import { answer, type FaultServer, startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { createMemorySource, manyEvents } from "../helpers/memory-source.ts";
import { createCa } from "../helpers/throwaway-ca.ts";

const ca = createCa();
if (ca === undefined) console.warn("skipped: TLS and proxies, as there is no openssl here to make a CA with");
afterAll(() => ca?.remove());

const PROXY_VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];
afterEach(() => {
  for (const name of PROXY_VARIABLES) delete process.env[name];
});

describe.skipIf(ca === undefined)("over TLS", () => {
  const trusted = ca?.cert ?? "";
  const issue = (name: string, options?: { expired?: boolean }) => ca?.issue(name, options) ?? { cert: "", key: "" };
  const transportTo = (server: string, trust: { ca?: string } = { ca: trusted }) =>
    createTransport({ fetch: createNodeFetch(trust), server, token: () => TOKEN, userAgent: "spec-kitty/test" });
  const send = (server: FaultServer, trust?: { ca?: string }) =>
    transportTo(server.url, trust).send('{"events":[]}', new AbortController().signal);
  const secureServer = (tls: { cert: string; key: string }) => startFaultServer(takeAll, tls);

  test("a server of a CA that we were told to trust gets the events", async () => {
    const server = await secureServer(issue("IP:127.0.0.1"));
    const source = createMemorySource(manyEvents(3));
    expect(await drainTo(server.url, source, { transport: transportTo(server.url) })).toMatchObject({ delivered: 3 });
  });

  test.each([
    {
      name: "an expired certificate",
      tls: () => issue("IP:127.0.0.1", { expired: true }),
      reason: "expired (CERT_HAS_EXPIRED)",
    },
    {
      name: "a certificate for another host",
      tls: () => issue("DNS:other.example"),
      reason: "another host (ERR_TLS_CERT_ALTNAME_INVALID)",
    },
    { name: "a CA nobody knows", tls: () => issue("IP:127.0.0.1"), reason: "NODE_EXTRA_CA_CERTS", trust: {} },
  ])("$name gets no request, and the events stay", async ({ tls, reason, trust }) => {
    const server = await secureServer(tls());
    const source = createMemorySource(manyEvents(3));
    const drained = await drainTo(server.url, source, { transport: transportTo(server.url, trust) });
    expect(drained).toMatchObject({
      delivered: 0,
      stopped: { why: "failing", message: expect.stringContaining(reason) },
    });
    expect(server.requests).toEqual([]);
    expect(source.settlements).toEqual([]);
  });

  test("a server that speaks plain http on an https port gets no token", async () => {
    const plain = await startFaultServer(takeAll);
    const said = await transportTo(plain.url.replace("http:", "https:")).send(
      '{"events":[]}',
      new AbortController().signal,
    );
    expect(said).toMatchObject({ kind: "trouble" });
    expect(plain.requests).toEqual([]);
  });

  test("a proxy tunnels, and sees neither token nor events", async () => {
    const server = await secureServer(issue("IP:127.0.0.1"));
    const proxy = await startConnectProxy();
    process.env["HTTPS_PROXY"] = `http://kitty:hunter2@${proxy.host}`;
    const source = createMemorySource(manyEvents(3));
    expect(
      await drainTo(server.url, source, { transport: transportTo(server.url), limits: { bytes: 1e6, events: 1 } }),
    ).toMatchObject({ delivered: 3 });
    const login = `Basic ${Buffer.from("kitty:hunter2").toString("base64")}`;
    expect(proxy.asked).toEqual([{ method: "CONNECT", target: `127.0.0.1:${server.port}`, login }]);
  });

  test("NO_PROXY goes past the proxy", async () => {
    const server = await secureServer(issue("IP:127.0.0.1"));
    const proxy = await startConnectProxy();
    process.env["HTTPS_PROXY"] = `http://${proxy.host}`;
    process.env["NO_PROXY"] = "example.com,127.0.0.1";
    expect(await send(server)).toMatchObject({ kind: "answer", status: 200 });
    expect(proxy.asked).toEqual([]);
  });

  test.each([400, 403, 407, 413, 502])(
    "what the proxy itself answers (%i) is not the server's word",
    async (status) => {
      const server = await secureServer(issue("IP:127.0.0.1"));
      const proxy = await startConnectProxy(status);
      process.env["HTTPS_PROXY"] = `http://kitty:hunter2@${proxy.host}`;
      const source = createMemorySource(manyEvents(1));
      const drained = await drainTo(server.url, source, { transport: transportTo(server.url) });
      expect(drained).toMatchObject({
        dead: 0,
        stopped: { why: "failing", message: expect.stringContaining("the proxy") },
      });
      expect(JSON.stringify([drained, source.hints])).not.toMatch(new RegExp(`hunter2|${TOKEN}`));
      expect(source.settlements).toEqual([]);
    },
  );

  test("behind a proxy a server's certificate is checked all the same", async () => {
    const server = await secureServer(issue("DNS:other.example"));
    const proxy = await startConnectProxy();
    process.env["HTTPS_PROXY"] = `http://${proxy.host}`;
    expect(await send(server)).toMatchObject({ kind: "trouble", reason: expect.stringContaining("another host") });
    expect(server.requests).toEqual([]);
  });

  test("NODE_EXTRA_CA_CERTS counts, in a bundle as well, with and without a proxy", async () => {
    const server = await startFaultServer(
      (_, response) => answer(response, 200, { results: [] }),
      issue("IP:127.0.0.1"),
    );
    const proxy = await startConnectProxy();
    const folder = mkdtempSync(join(tmpdir(), "spec-kitty-bundle-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const outfile = join(folder, "send.mjs");
    await build({
      stdin: {
        contents: `
          import { createNodeFetch } from "./src/sync/node-fetch.ts";
          import { createTransport } from "./src/sync/transport.ts";
          const transport = createTransport({ fetch: createNodeFetch(), server: process.argv[2], token: () => "t", userAgent: "x" });
          const said = await transport.send('{"events":[]}', new AbortController().signal);
          console.log(said.kind === "answer" ? said.status : said.reason);`,
        resolveDir: fileURLToPath(new URL("../..", import.meta.url)),
      },
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
    });
    const run = async (env: Record<string, string>): Promise<string> =>
      (
        await promisify(execFile)(process.execPath, [outfile, server.url], { env: { ...process.env, ...env } })
      ).stdout.trim();
    expect(await run({})).toContain("NODE_EXTRA_CA_CERTS=<file>");
    expect(await run({ NODE_EXTRA_CA_CERTS: ca?.file ?? "" })).toBe("200");
    expect(await run({ NODE_EXTRA_CA_CERTS: ca?.file ?? "", HTTPS_PROXY: `http://${proxy.host}` })).toBe("200");
    expect(proxy.asked).toHaveLength(1);
  });
});

test("plain http to this machine goes through no proxy, which would read the token", async () => {
  const server = await startFaultServer(takeAll);
  const proxy = await startConnectProxy();
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]) process.env[name] = `http://${proxy.host}`;
  expect(await drainTo(server.url, createMemorySource(manyEvents(1)))).toMatchObject({ delivered: 1 });
  expect(proxy.asked).toEqual([]);
});
