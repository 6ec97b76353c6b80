import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { queuedEvents } from "../helpers/capture.ts";
import { answer, startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { makeWorld, refuseAll, type SyncWorld, startCollector, targetOf } from "../helpers/sync-world.ts";

const idsOf = (world: SyncWorld): string[] => queuedEvents(world).map(({ event_id }) => event_id);

/** A world with these many events that nobody has looked at yet. */
function makeBusy(count = 2): SyncWorld {
  const world = makeWorld();
  for (let made = 0; made < count; made++) world.move(["doing", "for_review", "done"][made % 3] ?? "planned");
  return world;
}

/** What a queue holds for the target it is bound to. */
function countsOf({ queue }: SyncWorld) {
  const { pending, delivered, skipped, dead } = queue.counts(queue.readBinding()?.counts ?? []);
  return { pending, delivered, skipped, dead };
}

describe("sync now", () => {
  test("delivers what a look finds, in order, says so in one line, and has nothing to do the next time", async () => {
    const collector = await startCollector();
    const world = makeBusy();
    world.set(collector.target);
    const { status, stdout, stderr } = await world.run("sync now");
    expect([status, stdout]).toEqual([
      0,
      `synced 2, duplicates 0, skipped 0, pending 0, dead 0 to ${collector.url} for team red\n`,
    ]);
    expect(stderr).toMatch(/^spec-kitty: 2 events queued \[Offline\] \(2 pending, oldest .*\)\n$/);
    expect(await collector.ids()).toEqual(idsOf(world));
    expect(await world.run("sync now --json --strict")).toEqual({
      status: 0,
      stdout: `{"synced":0,"duplicates":0,"skipped":0,"pending":0,"dead":0,"stopped":{"why":"drained","message":""}}\n`,
      stderr: "",
    });
  });

  test("ends with 1 as long as something is pending; --limit says how much is sent", async () => {
    const collector = await startCollector();
    const world = makeBusy(3);
    world.set(collector.target);
    const { status, stdout } = await world.run("sync now --limit 2 --json");
    expect([status, JSON.parse(stdout)]).toEqual([1, expect.objectContaining({ synced: 2, pending: 1 })]);
    expect(await collector.ids()).toEqual(idsOf(world).slice(0, 2));
    expect(await world.run("sync now --limit 2")).toMatchObject({ status: 0 });
    expect(await collector.ids()).toEqual(idsOf(world));
  });

  test("ends with 3 for dead letters only if --strict asks, and says what to do about them", async () => {
    const world = makeBusy(1);
    const server = await startFaultServer(refuseAll);
    world.set(targetOf(server.url));
    const { status, stdout } = await world.run("sync now");
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^synced 0, .*, dead 1 to .*\nSee the dead letters: spec-kitty events list; try them again: spec-kitty sync retry\n$/,
    );
    expect(await world.run("sync now --strict")).toMatchObject({ status: 3 });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["--limit 0", "--limit 0 is no number of events."],
    ["--limit x", "--limit x is no number of events."],
    ["--resend", "--resend goes with --rebind."],
    ["--team", "option '--team <slug>' argument missing"],
  ])("%s is wrong usage, and changes nothing", async (options, said) => {
    const world = makeBusy(1);
    world.set(targetOf("http://127.0.0.1:9"));
    const { status, stdout, stderr } = await world.run(`sync now ${options}`);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr.split("\n")).toEqual([said, expect.any(String), ""]);
    expect(world.queue.readBinding()).toBeUndefined();
  });

  test("says why nothing went out when the server wants a pause, and that it is still pending", async () => {
    const world = makeBusy(1);
    const server = await startFaultServer((_, response) => answer(response, 401, { error: "who are you?" }));
    world.set(targetOf(server.url));
    const { status, stdout } = await world.run("sync now");
    expect([status, stdout]).toEqual([
      1,
      `synced 0, duplicates 0, skipped 0, pending 1, dead 0 to ${server.url} for team red\nthe server answered 401: who are you?.\n`,
    ]);
  });
});

describe("without a whole target nothing is sent, and what is pending gives 1", () => {
  test.each<[string, (url: string) => Parameters<SyncWorld["set"]>[0], RegExp]>([
    ["no server", () => ({}), /^No server is configured: set SPEC_KITTY_SERVER_URL, or /],
    [
      "no token",
      (url) => ({ SPEC_KITTY_SERVER_URL: url, SPEC_KITTY_TEAM: "red" }),
      /^No token for http:.*: set SPEC_KITTY_TOKEN /,
    ],
    [
      "no team",
      (url) => ({ ...targetOf(url), SPEC_KITTY_TEAM: "" }),
      /^No team is configured: set SPEC_KITTY_TEAM, or /,
    ],
  ])("%s", async (_, envOf, said) => {
    const world = makeBusy(1);
    const server = await startFaultServer(takeAll);
    world.set(envOf(server.url));
    const { status, stdout } = await world.run("sync now");
    const [counts, why] = stdout.split("\n");
    expect([status, counts]).toEqual([1, "synced 0, duplicates 0, skipped 0, pending 1, dead 0"]);
    expect(why).toMatch(said);
    expect(await world.run("sync now --json")).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('"paused"'),
    });
    expect(server.requests).toEqual([]);
  });

  test("a token of the user for another server is withheld; with nothing pending that is no failure", async () => {
    const world = makeWorld();
    const server = await startFaultServer(takeAll);
    world.git("config", "spec-kitty.server", server.url);
    world.git("config", "spec-kitty.team", "red");
    const gitConfig = world.beside("gitconfig");
    writeFileSync(gitConfig, '[spec-kitty]\nserver = "https://example.invalid"\ntoken = "the-secret"\n');
    world.set({ GIT_CONFIG_GLOBAL: gitConfig });
    const { status, stdout, stderr } = await world.run("sync now");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /\nThe token of git config --global spec-kitty.token is not for the server of git config --local spec-kitty.server;/,
    );
    world.move("doing");
    expect(await world.run("sync now")).toMatchObject({ status: 1 });
    expect(server.requests).toEqual([]);
  });
});

describe("another target", () => {
  test("is refused in one sentence, and nothing is lost or sent", async () => {
    const world = makeBusy(2);
    const [first, other] = [await startCollector(), await startCollector("blue")];
    world.set(first.target);
    expect(await world.run("sync now --limit 1")).toMatchObject({ status: 1 });
    const before = world.queue.readBinding();
    world.set(other.target);
    for (const line of ["sync now", "sync preview"]) {
      const { status, stdout, stderr } = await world.run(line);
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toBe(
        `This repository delivers to ${first.url} for team red, not to ${other.url} for team blue.\nTo deliver there from now on: sync now --rebind (with --resend also what was delivered before)\n`,
      );
    }
    world.set(first.target);
    expect(await world.run("sync now --team blue")).toMatchObject({ status: 1, stdout: "" });
    expect([world.queue.readBinding(), countsOf(world)]).toEqual([
      before,
      { pending: 1, delivered: 1, skipped: 0, dead: 0 },
    ]);
    expect(await other.ids()).toEqual([]);
  });

  test("--rebind goes there with what is left and keeps settled what was delivered; --resend delivers all again", async () => {
    const world = makeBusy(2);
    const [first, other] = [await startCollector(), await startCollector("blue")];
    world.set(first.target);
    await world.run("sync now --limit 1");
    world.queue.writeHints({ failures: 12, trouble: "a storm", byte_limit: 5000 });
    world.set(other.target);
    expect(await world.run("sync now --rebind")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("synced 1, duplicates 0, skipped 0, pending 0, dead 0"),
    });
    expect(await other.ids()).toEqual(idsOf(world).slice(1));
    expect(world.queue.readHints()).toMatchObject({ failures: 0, trouble: null, byte_limit: null });
    expect(await world.run("sync now --rebind --resend")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("synced 1, duplicates 1, skipped 0, pending 0, dead 0"),
    });
    expect((await other.ids()).sort()).toEqual(idsOf(world).sort());
    expect(await first.ids()).toEqual(idsOf(world).slice(0, 1));
  });

  test("a target.json that cannot be read stops delivery, and --rebind mends it without sending anything twice", async () => {
    const world = makeBusy(1);
    const collector = await startCollector();
    world.set(collector.target);
    await world.run("sync now");
    const file = join(world.folder, "target.json");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.slice(0, 20));
    world.move("for_review");
    expect(await world.run("sync now")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^target.json of the queue cannot be read: .*\nBind it again with .*--rebind`\.\n$/,
      ),
    });
    expect(await world.run("sync now --rebind")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("synced 1, duplicates 0, skipped 0, pending 0, dead 0"),
    });
    expect([readFileSync(file, "utf8"), await collector.ids()]).toEqual([whole, idsOf(world)]);
  });
});

test("progress is shown on a terminal alone, and cleared at the end", async () => {
  const collector = await startCollector();
  const screens: string[] = [];
  for (const isTTY of [true, false]) {
    const world = makeBusy(1);
    world.set({ ...collector.target });
    await world.run("events list"); // what the look says comes before
    let screen = "";
    const write = async (text: string): Promise<void> => {
      screen += text;
    };
    expect(await world.run("sync now", { stderr: { isTTY, columns: 80, write } })).toMatchObject({ status: 0 });
    screens.push(screen);
  }
  const [terminal = "", pipe] = screens;
  expect(terminal.split("\r\x1b[K")).toEqual(["", "1 event dealt with", "1 event dealt with", ""]);
  expect(pipe).toBe("");
});
