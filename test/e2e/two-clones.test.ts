import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Envelope } from "../../src/events/envelope.ts";
import { statusOf } from "../../src/model/lane.ts";
import { startBuilt } from "../collector/built-server.ts";
import { makeFolder } from "../helpers/folder.ts";
import { idsOf, inferAll } from "../helpers/infer.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const TEAM = "kittens";
const FILE = (id: string): string => `kitty-specs/001-x/tasks/${id}-x.md`;

/** One of a team: a home, a clone and a clock of their own. */
function makePerson(name: string, { origin, clone }: { origin: string; clone: boolean }) {
  const home = makeFolder();
  const path = join(home, "clone");
  const person = { NAME: name, EMAIL: `${name}@example.invalid` };
  const roles = ["AUTHOR", "COMMITTER"].flatMap((role) =>
    Object.entries(person).map(([field, value]) => [`GIT_${role}_${field}`, value]),
  );
  const env = { ...process.env, HOME: home, USERPROFILE: home, ...Object.fromEntries(roles) };
  const run = (command: string, args: string[], more = {}) =>
    spawnSync(command, args, { cwd: path, env: { ...env, ...more }, encoding: "utf8" });
  const git = (...args: string[]): string => {
    const { status, stdout, stderr } = run("git", args);
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}${stdout}`);
    return stdout.trim();
  };
  mkdirSync(path);
  git("init", "-q", "-b", "main");
  git("remote", "add", "origin", origin);
  if (clone) git("pull", "-q", "origin", "main");
  const kitty = (args: string[], more = {}) => run(process.execPath, [cli, ...args], more);
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  const commit = (message: string): void => {
    git("add", "--all");
    git("commit", "-q", "-m", message);
  };
  return {
    path,
    git,
    kitty,
    write,
    commit,
    move(id: string, lane: string, time: string): void {
      const before = readFileSync(join(path, FILE(id)), "utf8");
      write(
        FILE(id),
        before.replace(/^lane: .*$/m, `lane: "${lane}"`).concat(`- ${logLine({ time, agent: name, lane })}\n`),
      );
      commit(`Move ${id} to ${lane}`);
    },
  };
}

test("two people with homes of their own deliver one history: each event once, nothing dead, the board as HEAD has it", async () => {
  const origin = join(makeFolder(), "origin.git");
  spawnSync("git", ["init", "-q", "--bare", "-b", "main", origin]);
  const alice = makePerson("alice", { origin, clone: false });
  alice.kitty(["hooks", "install"]);
  for (const id of ["WP01", "WP02", "WP03"]) {
    alice.write(FILE(id), workPackage({ id, dependencies: id === "WP03" ? ["WP01"] : [] }));
  }
  alice.commit("Plan");
  alice.git("push", "-q", "-u", "origin", "main");

  const bob = makePerson("bob", { origin, clone: true });
  bob.kitty(["hooks", "install", "--backfill"]);
  bob.git("branch", "-q", "--set-upstream-to=origin/main");

  alice.move("WP01", "doing", "2026-01-02T10:00:00Z");
  bob.move("WP02", "doing", "2026-01-02T10:01:00Z");
  alice.git("push", "-q");
  bob.git("pull", "-q", "--rebase");
  bob.git("push", "-q");
  alice.git("pull", "-q", "--ff-only");

  alice.git("switch", "-q", "-c", "work");
  alice.move("WP01", "for_review", "2026-01-02T11:00:00Z");
  alice.move("WP01", "done", "2026-01-02T11:10:00Z");
  alice.git("switch", "-q", "main");
  alice.git("merge", "-q", "--squash", "work");
  alice.commit("Finish WP01 (#1)");
  alice.git("branch", "-q", "-D", "work");
  bob.move("WP02", "for_review", "2026-01-02T11:05:00Z");
  bob.git("commit", "-q", "--amend", "-m", "Hand WP02 over");
  alice.git("push", "-q");
  bob.git("pull", "-q", "--no-rebase", "--no-edit");
  bob.git("push", "-q");
  alice.git("pull", "-q", "--ff-only");

  const server = await startBuilt(["--data", makeFolder(), "--team", TEAM]);
  const target = { SPEC_KITTY_SERVER_URL: server.url, SPEC_KITTY_TEAM: TEAM, SPEC_KITTY_TOKEN: server.token };
  const [first, second] = [alice, bob].map((person) => {
    const { status, stdout, stderr } = person.kitty(["sync", "now", "--json", "--strict"], target);
    expect([status, stderr]).toEqual([0, ""]);
    return JSON.parse(stdout);
  });
  expect([first.duplicates, first.pending, first.dead]).toEqual([0, 0, 0]);
  expect([second.pending, second.dead]).toEqual([0, 0]);
  expect(second.duplicates).toBeGreaterThan(10);

  const headers = { authorization: `Bearer ${server.token}` };
  const read = async (path: string) => JSON.parse(await (await fetch(`${server.url}${path}`, { headers })).text());
  const { events } = await read("/api/v1/events?after=0");
  const stored: Envelope[] = events.map(({ event }: { event: Envelope }) => event);
  const inferred = await inferAll(alice.path);
  expect(idsOf(await inferAll(bob.path))).toEqual(idsOf(inferred));
  const all = (list: readonly Envelope[]): string[] => list.map(({ event_id }) => event_id).sort();
  expect(all(stored)).toEqual(all(inferred));

  const lanes = new Map(["WP01", "WP02", "WP03"].map((id) => [id, laneAtHead(alice.git("show", `HEAD:${FILE(id)}`))]));
  const { cards } = await read("/api/v1/board");
  const shown = cards.map((card: { wp_id: string; lane: string }) => [card.wp_id, card.lane]);
  expect(new Map(shown)).toEqual(lanes);
  expect(
    stored.filter((event) => event.event_type === "WPStatusChanged" && statusOf(event.payload.to_lane) === "done"),
  ).toHaveLength(1);
});

function laneAtHead(text: string): string {
  return /^lane: "(\w+)"$/m.exec(text)?.[1] ?? "none";
}
