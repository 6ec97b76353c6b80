import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { makeWorld, refuseAll, type SyncWorld, targetOf } from "../helpers/sync-world.ts";

async function statusOf(world: SyncWorld) {
  const { status, stdout } = await world.run("sync status --json");
  expect([status, stdout.split("\n")]).toEqual([0, [expect.any(String), ""]]);
  const told: unknown = JSON.parse(stdout);
  return told;
}

/** A record as a later release may write it. */
const LATER = `${'{"v":2,"id":"01HZY3JQ4T8M0V5R0000000001","x":[]'},"crc":"c4f24525"}\n`;
const ISO_TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

test("before anything is configured it says what is missing, and that nobody looks", async () => {
  const world = makeWorld({ begin: false });
  expect(await world.run("sync status")).toEqual({
    status: 0,
    stdout: [
      "queue       0 events pending",
      "            0 delivered, 0 skipped, 0 dead, 0 held",
      "connection  Offline",
      "last sync   never",
      "server      none",
      "team        none",
      "login       none",
      "mode        sync",
      "hooks       none",
      "capturing   no: spec-kitty hooks install",
      "No server is configured: set SPEC_KITTY_SERVER_URL, or git config spec-kitty.server <url>.",
      "",
    ].join("\n"),
    stderr: "",
  });
  expect(await statusOf(world)).toEqual({
    connection: "Offline",
    server: null,
    team: null,
    login: null,
    missing: expect.stringMatching(/^No server is configured: /),
    mode: "sync",
    hooks: "none",
    capturing: false,
    pending: 0,
    oldest_pending: null,
    held: 0,
    delivered: 0,
    skipped: 0,
    dead: 0,
    quarantined: 0,
    newer: 0,
    bytes: 0,
    last_sync: null,
    trouble: null,
  });
});

test("it catches up first, then tells what waits, what became of the rest and where to; never the token", async () => {
  const world = makeWorld();
  const server = await startFaultServer(takeAll);
  world.set(targetOf(server.url, { token: "the-secret" }));
  world.move("doing");
  await world.run("sync now");
  server.follow(refuseAll);
  world.move("for_review");
  await world.run("sync now");
  world.git("config", "spec-kitty.mode", "detached");
  world.git("worktree", "add", "--quiet", "-b", "001-login-WP02", world.beside("claim"));
  world.move("done");
  mkdirSync(join(world.folder, "quarantine"), { recursive: true });
  writeFileSync(join(world.folder, "quarantine/a-piece.damaged"), "{}\n");
  appendFileSync(join(world.folder, "queue.jsonl"), LATER);
  const { stdout, stderr } = await world.run("sync status");
  expect(stderr).toMatch(/^spec-kitty: 1 event queued \[Connected\] \(1 pending, oldest /);
  expect(stdout).toMatch(
    /^queue {7}1 event pending, the oldest \d+ \w+ ago\n {12}1 delivered, 0 skipped, 1 dead, 1 held\n/,
  );
  expect(stdout).toMatch(/\nconnection {2}Connected\nlast sync {3}\d+ \w+ ago\n/);
  expect(stdout).toContain(`\nserver      ${server.url}\nteam        red\nlogin       token from SPEC_KITTY_TOKEN\n`);
  expect(stdout).toMatch(
    /\nmode {8}detached\nhooks {7}none\ncapturing {3}yes\ndamaged {5}1 piece in quarantine\nnewer {7}1 event that only /,
  );
  const status = await statusOf(world);
  expect(status).toEqual({
    connection: "Connected",
    server: server.url,
    team: "red",
    login: "SPEC_KITTY_TOKEN",
    missing: null,
    mode: "detached",
    hooks: "none",
    capturing: true,
    pending: 1,
    oldest_pending: ISO_TIME,
    held: 1,
    delivered: 1,
    skipped: 0,
    dead: 1,
    quarantined: 1,
    newer: 1,
    bytes: expect.any(Number),
    last_sync: ISO_TIME,
    trouble: null,
  });
  expect(JSON.stringify(status) + stdout + stderr).not.toContain("the-secret");
});

test("a pause of the server and what it said stay visible", async () => {
  const world = makeWorld();
  const server = await startFaultServer((_, response) => void response.writeHead(403).end('{"error":"go away"}'));
  world.set(targetOf(server.url));
  world.move("doing");
  await world.run("sync now");
  expect((await world.run("sync status")).stdout).toContain(
    "\nconnection  Offline: the server answered 403: go away\nlast sync   never\n",
  );
  expect(await statusOf(world)).toMatchObject({ trouble: "the server answered 403: go away", last_sync: null });
});

test("a token that is kept for another server counts as none, and why is said", async () => {
  const world = makeWorld();
  mkdirSync(join(world.home, "git"), { recursive: true });
  const file = join(world.home, "git/config.json");
  writeFileSync(file, JSON.stringify({ server: "https://example.invalid", token: "the-secret", colour: "red" }));
  chmodSync(file, 0o600);
  world.git("config", "spec-kitty.server", "http://127.0.0.1:9");
  const { stdout, stderr } = await world.run("sync status");
  expect(stdout).toContain("\nlogin       none\n");
  expect(stdout).toContain(`\nThe token of ${file} is not for the server of git config --local spec-kitty.server;`);
  expect(stderr).toBe(`${file}: "colour" is no setting.\n`);
  expect(stdout + stderr).not.toContain("the-secret");
});
