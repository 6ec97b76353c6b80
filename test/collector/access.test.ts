import { describe, expect, test } from "vitest";
import { createToken } from "../../src/collector/credentials.ts";
import { makeCollector, makeEvent, NOW } from "./harness.ts";

const DAY = 24 * 60 * 60_000;
const READ = ["/api/v1/events", "/api/v1/board", "/api/v1/clock", "/live"];

async function signIn(
  { collector, token }: Awaited<ReturnType<typeof makeCollector>>,
  origin = "http://127.0.0.1:8787",
) {
  const response = await collector(
    new Request(`${origin}/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    }),
  );
  const cookie = response.headers.get("set-cookie") ?? "";
  return { response, cookie, sent: cookie.split(";")[0] ?? "" };
}

describe("without a valid token", () => {
  test.each(READ)("%s is not told", async (path) => {
    const { ask } = await makeCollector();
    for (const authorization of ["", "Bearer", "Bearer skt_wrong", "Basic YTpi"]) {
      const response = await ask(path, { headers: { authorization } });
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="spec-kitty"']);
    }
  });

  test("no batch is read", async () => {
    const { post } = await makeCollector();
    expect((await post([makeEvent()], { headers: { authorization: "Bearer skt_wrong" } })).status).toBe(401);
  });

  test("the page, and that it lives, may be seen", async () => {
    const { ask } = await makeCollector();
    expect((await ask("/", { headers: { authorization: "" } })).status).toBe(200);
    expect(await (await ask("/healthz", { headers: { authorization: "" } })).json()).toEqual({ status: "ok" });
  });
});

describe("a session", () => {
  test("is a cookie that scripts and other sites do not get, and that reads", async () => {
    const made = await makeCollector();
    const { response, cookie, sent } = await signIn(made);
    expect(response.status).toBe(204);
    expect(cookie).toMatch(/^spec_kitty_8787=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(made.token);
    const headers = { authorization: "", cookie: `other=1; ${sent}` };
    expect(await (await made.ask("/session", { headers })).json()).toEqual({ team: "acme" });
    for (const path of READ.slice(0, 3)) expect((await made.ask(path, { headers })).status).toBe(200);
  });

  test("does not write", async () => {
    const made = await makeCollector();
    const { sent } = await signIn(made);
    expect((await made.post([makeEvent()], { headers: { authorization: "", cookie: sent } })).status).toBe(401);
  });

  test("ends after 30 days, and when it is ended", async () => {
    const made = await makeCollector();
    const { sent } = await signIn(made);
    const headers = { authorization: "", cookie: sent };
    made.clock.now = NOW + 30 * DAY - 1;
    expect((await made.ask("/api/v1/clock", { headers })).status).toBe(200);
    made.clock.now += 1;
    expect((await made.ask("/api/v1/clock", { headers })).status).toBe(401);
    made.clock.now = NOW;
    const ended = await made.ask("/session", { method: "DELETE", headers });
    expect(ended.headers.get("set-cookie")).toContain("Max-Age=0");
    expect((await made.ask("/api/v1/clock", { headers })).status).toBe(401);
    expect((await made.ask("/session", { method: "DELETE", headers: { authorization: "" } })).status).toBe(204);
  });

  test("is for HTTPS alone where that is spoken", async () => {
    expect((await signIn(await makeCollector(), "https://localhost")).cookie).toMatch(
      /^spec_kitty_session=.*; Secure$/,
    );
  });

  test("cannot be made from a session, from a form, or from a guess", async () => {
    const made = await makeCollector();
    const { sent } = await signIn(made);
    const post = (body: unknown, type = "application/json") =>
      made.ask("/session", {
        method: "POST",
        headers: { authorization: "", "content-type": type },
        body: JSON.stringify(body),
      });
    expect((await post({ token: sent.split("=")[1] })).status).toBe(401);
    expect((await post({ token: made.token }, "text/plain")).status).toBe(415);
    expect((await post({ token: 7 })).status).toBe(401);
    expect((await post([])).status).toBe(401);
    expect((await post({ token: "x".repeat(5000) })).status).toBe(413);
    expect(await (await made.ask("/session", { headers: { authorization: "" } })).json()).toEqual({ team: null });
  });

  test("that cannot be looked up is not taken for none", async () => {
    const findCredential = async () => {
      throw new Error("broken");
    };
    const { ask } = await makeCollector({ wrap: (store) => ({ ...store, findCredential }) });
    expect((await ask("/session")).status).toBe(500);
  });
});

test("a token shows its own team alone", async () => {
  const { store, post, ask } = await makeCollector();
  await post([makeEvent()]);
  const { team } = await store.ensureTeam("other");
  const authorization = `Bearer ${await createToken(store, team)}`;
  expect(await (await ask("/api/v1/board", { headers: { authorization } })).json()).toEqual({
    team: "other",
    seq: 0,
    features: [],
    cards: [],
    news: [],
  });
  expect(await (await ask("/api/v1/events", { headers: { authorization } })).json()).toEqual({ events: [], next: 0 });
});

describe("the name it is called by", () => {
  test.each<[string, number]>([
    ["http://localhost:8787", 200],
    ["http://[::1]:8787", 200],
    ["https://board.example.org", 200],
    ["http://evil.example.org", 421],
    ["http://127.0.0.1.evil.example.org", 421],
  ])("%s: %i", async (origin, status) => {
    const { collector } = await makeCollector({ hosts: ["Board.example.org"] });
    expect((await collector(new Request(`${origin}/healthz`))).status).toBe(status);
  });
});

test("every answer forbids what a page of ours does not need", async () => {
  const { ask } = await makeCollector();
  for (const path of ["/", "/board.js", "/nowhere", "/api/v1/clock", "/live"]) {
    const { headers } = await ask(path);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(headers.get("content-security-policy")).toContain("require-trusted-types-for 'script'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe(["/", "/board.js"].includes(path) ? "no-cache" : "no-store");
  }
});

test("files of the page are sent once, and nothing else of its folder", async () => {
  const { ask } = await makeCollector();
  const first = await ask("/board.js");
  expect([first.headers.get("content-type"), await first.text()]).toEqual([
    "text/javascript; charset=utf-8",
    "start();",
  ]);
  expect((await ask("/board.js", { headers: { "if-none-match": first.headers.get("etag") ?? "" } })).status).toBe(304);
  for (const path of ["/notes.txt", "/index.html", "/..%2fboard.js", "/__proto__"])
    expect((await ask(path)).status).toBe(404);
});
