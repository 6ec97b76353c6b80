import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type RunningCollector, type ServeOptions, serveCollector } from "../../src/collector/serve-collector.ts";
import { makeFolder } from "./folders.ts";
import { makeEvent } from "./harness.ts";

async function serve(options: Partial<ServeOptions> = {}): Promise<RunningCollector> {
  const page = makeFolder();
  writeFileSync(join(page, "index.html"), "<!doctype html>");
  const running = await serveCollector({
    host: "127.0.0.1",
    port: 0,
    data: makeFolder(),
    team: "acme",
    page,
    allowHosts: [],
    now: Date.now,
    log: (text) => {
      throw new Error(text);
    },
    ...options,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= running.stop();
    return stopped;
  };
  onTestFinished(stop);
  return { ...running, stop };
}

const post = ({ url, token }: RunningCollector, events: readonly unknown[]) =>
  fetch(`${url}/api/v1/events/batch/`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ events }),
  });

test("a token is made when its team is, and once more when asked for", async () => {
  const data = makeFolder();
  const first = await serve({ data });
  expect(first.token).toMatch(/^skt_[\w-]{43}$/);
  await first.stop();
  const second = await serve({ data });
  expect(second.token).toBeUndefined();
  expect((await post({ ...second, ...(first.token && { token: first.token }) }, [])).status).toBe(200);
  await second.stop();
  const third = await serve({ data, newToken: true });
  expect(third.token).not.toBe(first.token);
  expect((await post(third, [])).status).toBe(200);
});

test("stopping ends live streams, and what was answered is there at the next start", async () => {
  const data = makeFolder();
  const first = await serve({ data });
  const live = await fetch(`${first.url}/live`, { headers: { authorization: `Bearer ${first.token}` } });
  expect((await post(first, [makeEvent()])).status).toBe(200);
  const told = live.text();
  await first.stop();
  expect(await told).toContain("retry: 1000");
  const second = await serve({ data });
  const clock = await fetch(`${second.url}/api/v1/clock`, { headers: { authorization: `Bearer ${first.token}` } });
  expect(await clock.json()).toMatchObject({ seq: 1 });
});

test("a port that is taken is named, and the data are free again", async () => {
  const data = makeFolder();
  const { url } = await serve();
  await expect(serve({ data, port: Number(new URL(url).port) })).rejects.toMatchObject({
    message: expect.stringMatching(/^Cannot listen on 127\.0\.0\.1, port \d+: /),
  });
  await serve({ data });
});

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
if (!hasIpv6) console.log("Skipped: there is no ::1; an IPv6 host is not tested.");

test.runIf(hasIpv6)("an address of IPv6 may be the host", async () => {
  const { url } = await serve({ host: "::1" });
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test("a client that reads nothing is dropped, and holds up nobody", async () => {
  const running = await serve({ idle: 300 });
  const { hostname, port } = new URL(running.url);
  const socket = connect(Number(port), hostname);
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.on("error", () => undefined).pause();
  socket.write(`GET /live HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${running.token}\r\n\r\n`);
  const entry_content = "x".repeat(20_000);
  const payload = { feature_slug: "012-login", wp_id: "WP01", entry_type: "note", entry_content };
  for (let round = 0; round < 8; round++) {
    const note = makeEvent({ event_type: "HistoryAdded", payload });
    expect((await post(running, [note])).status).toBe(200);
  }
  // A paused socket learns that it was closed when it reads on.
  setTimeout(() => socket.resume(), 900);
  await closed;
});

test("HTTPS is spoken with a certificate", async () => {
  const folder = makeFolder();
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  try {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...subject],
      { stdio: "ignore" },
    );
  } catch {
    console.log("Skipped: there is no openssl to make a certificate with; HTTPS is not tested.");
    return;
  }
  const tls = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  const { url, token } = await serve({ tls });
  expect(url).toMatch(/^https:/);
  const cookie = await new Promise<string | undefined>((resolve, reject) => {
    const options = { method: "POST", ca: tls.cert, headers: { "content-type": "application/json" } };
    request(`${url}/session`, options, (response) => resolve(response.headers["set-cookie"]?.[0]))
      .on("error", reject)
      .end(JSON.stringify({ token }));
  });
  expect(cookie).toMatch(/; Secure$/);
});
