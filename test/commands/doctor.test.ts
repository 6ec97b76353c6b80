import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/commands/doctor-checks.ts";
import { runCli } from "../../src/commands/run-cli.ts";
import { look } from "../helpers/capture.ts";
import { startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { makeFolder } from "../helpers/folder.ts";
import { makeRepository } from "../helpers/repository.ts";
import { makeWorld, refuseAll, type SyncWorld, startCollector, targetOf } from "../helpers/sync-world.ts";
import { makeContext } from "./cli-context.ts";

/** What doctor finds, and what of it is not ok. */
async function examine(world: SyncWorld, changes: Parameters<SyncWorld["run"]>[1] = {}) {
  const { status, stdout } = await world.run("doctor --json", changes);
  const { capturing, findings }: { capturing: boolean; findings: Finding[] } = JSON.parse(stdout);
  expect(status).toBe(capturing ? 0 : 1);
  const wrong = findings.filter(({ state }) => state !== "ok");
  return { status, findings, wrong };
}

/** A captured repository with hooks, whose target takes everything. */
async function makeHealthy(): Promise<SyncWorld> {
  const world = makeWorld();
  const server = await startFaultServer(takeAll);
  world.set({ ...targetOf(server.url), PATH: pathWithout() });
  expect(await world.run("hooks install")).toMatchObject({ status: 0 });
  return world;
}

/** Folders of PATH without any other spec-kitty. */
function pathWithout(): string {
  return [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
}

/** A folder for PATH with one program in it. */
function folderWith(name: string, script: string): string {
  const folder = makeFolder();
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

describe("where all is well", () => {
  test("it says so of each thing an event passes, in that order, and ends with 0", async () => {
    const collector = await startCollector();
    const world = makeWorld();
    world.set({ ...collector.target, PATH: pathWithout() });
    await world.run("hooks install");
    world.move("doing");
    await world.run("sync now");
    const { status, stdout, stderr } = await world.run("doctor");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "<uuid>")).toMatch(
      new RegExp(
        [
          "^ok {6}git {6}git version .*",
          "ok {6}project {2}<uuid>, work packages in kitty-specs/",
          "ok {6}hooks {4}fire in 1 worktree, mode sync",
          "ok {6}capture {2}seen up to 1 tip",
          `ok {6}clock {4}\\d+ in ${world.home}`,
          "ok {6}queue {4}0 pending, 1 delivered, 0 dead, 0 damaged",
          "ok {6}login {4}team red, token from SPEC_KITTY_TOKEN",
          `ok {6}server {3}${collector.url} takes events`,
          "ok {6}commands no other spec-kitty on PATH\n$",
        ].join("\n"),
      ),
    );
    expect(stdout).not.toContain(collector.token);
    expect(await collector.ids()).toHaveLength(1);
  });

  test("another spec-kitty on PATH is named, and is nothing wrong", async () => {
    const world = await makeHealthy();
    const folder = folderWith("spec-kitty", "echo other");
    world.set({ PATH: [folder, pathWithout()].join(delimiter) });
    const { status, findings, wrong } = await examine(world);
    expect([status, wrong]).toEqual([0, []]);
    expect(findings.at(-1)?.text).toBe(`what we do not know goes to ${folder}/spec-kitty`);
  });
});

describe("nothing is captured, which gives 1", () => {
  test("outside a repository, and without git", async () => {
    const world = makeWorld();
    const cwd = makeFolder();
    world.set({ GIT_CEILING_DIRECTORIES: dirname(cwd) });
    const outside = await examine(world, { cwd });
    expect(outside.findings.map(({ name, state }) => `${state} ${name}`)).toEqual(["ok git", "broken project"]);
    expect(outside.wrong).toEqual([
      {
        name: "project",
        state: "broken",
        text: `${cwd} is not in a git repository.`,
        mend: "Go into a clone of your project, and run it there.",
      },
    ]);
    world.set({ PATH: makeFolder() });
    const { status, wrong } = await examine(world);
    expect([status, wrong.map(({ name, state, text }) => [state, name, text])]).toEqual([
      1,
      [
        ["broken", "git", "git cannot be started"],
        ["broken", "project", `git could not be started in ${world.path}.`],
      ],
    ]);
  });

  test("where capturing never began; installing hooks, as it says, mends that", async () => {
    const world = makeWorld({ begin: false });
    world.set(targetOf((await startFaultServer(takeAll)).url));
    const { status, stdout } = await world.run("doctor");
    expect(status).toBe(1);
    expect(stdout).toContain(
      "warning hooks    not installed; every spec-kitty command catches up\n                 spec-kitty hooks install\n",
    );
    expect(stdout).toContain(
      "broken  capture  this repository is not captured\n                 spec-kitty hooks install\n",
    );
    await world.run("hooks install");
    expect(await examine(world)).toMatchObject({ status: 0, wrong: [] });
    const { findings } = await examine(world, { cwd: makeRepository().path });
    expect(findings[1]).toMatchObject({ state: "ok", text: "no commit yet, work packages in kitty-specs/" });
  });

  test("where what was seen cannot be read, or the folder of the queue is none", async () => {
    const world = makeWorld();
    world.set(targetOf((await startFaultServer(takeAll)).url));
    writeFileSync(join(world.folder, "seen.json"), "{");
    expect((await examine(world)).wrong).toEqual([
      expect.objectContaining({ name: "hooks", state: "warning" }),
      expect.objectContaining({ name: "capture", state: "broken", text: expect.stringContaining("is damaged") }),
    ]);
    rmSync(world.folder, { recursive: true });
    writeFileSync(world.folder, "");
    const { status, wrong } = await examine(world);
    expect([status, wrong.at(-1)]).toEqual([
      1,
      {
        name: "queue",
        state: "broken",
        text: `${world.folder} cannot be written`,
        mend: "Make it a folder that you may write to.",
      },
    ]);
  });

  test("where SPEC_KITTY_HOME depends on where one is", async () => {
    const world = await makeHealthy();
    world.set({ SPEC_KITTY_HOME: "here" });
    const { status, wrong } = await examine(world);
    expect([status, wrong[0]]).toEqual([1, expect.objectContaining({ name: "clock", state: "broken" })]);
    expect(wrong[0]?.text).toContain('SPEC_KITTY_HOME is "here"');
  });
});

describe("what a warning tells mends it, and gives 0", () => {
  test("hooks: switched off, silent, with an error; a node that is gone is mended at once", async () => {
    const world = await makeHealthy();
    const hooks = async () => (await examine(world)).wrong;

    world.git("config", "spec-kitty.mode", "off");
    await world.run("events list");
    const mend = "git config --unset spec-kitty.mode";
    expect(await hooks()).toEqual([
      { name: "hooks", state: "warning", text: "switched off; every spec-kitty command catches up", mend },
    ]);
    world.git("config", "--unset", "spec-kitty.mode");
    await world.run("hooks install");
    expect(await hooks()).toEqual([]);

    const hook = join(world.path, ".git/hooks/post-merge");
    chmodSync(hook, 0o644);
    expect(await hooks()).toEqual([
      {
        name: "hooks",
        state: "warning",
        text: `post-merge does not fire in ${world.path}: it is not executable, so git ignores it; every spec-kitty command catches up`,
        mend: `chmod +x '${hook}'`,
      },
    ]);
    chmodSync(hook, 0o755);

    writeFileSync(join(world.folder, "hook.log"), "first\nthe disk is full\n");
    expect(await hooks()).toMatchObject([
      { state: "warning", text: "fire in 1 worktree, mode sync; the last error: the disk is full" },
    ]);
    rmSync(join(world.folder, "hook.log"));

    const env = join(world.folder, "env");
    writeFileSync(env, readFileSync(env, "utf8").replace(process.execPath, "/gone/node"));
    expect(await hooks()).toEqual([]); // the look that comes first has put ours there
  });

  test.each([
    ["git version 2.30.9", "warning"],
    ["git version 1.99.0", "warning"],
    ["of nothing known", "warning"],
    ["git version 2.31.0", "ok"],
    ["git version 3.0.0.windows.1", "ok"],
  ])("a git that calls itself %j: %s", async (version, state) => {
    const cwd = makeFolder();
    const PATH = folderWith("git", `[ "$3" = version ] && echo '${version}'`); // asked for anything else, it fails
    const { context, written } = makeContext({ cwd, env: { PATH } });
    expect(await runCli(["doctor", "--json"], context)).toBe(1);
    const { findings }: { findings: Finding[] } = JSON.parse(written.stdout);
    expect(findings[0]).toEqual(
      state === "ok"
        ? { name: "git", state, text: version }
        : { name: "git", state, text: `${version} is old`, mend: "Install git 2.31 or newer." },
    );
  });

  test("a home that is no folder; one that is not there yet, however deep, is well", async () => {
    const world = await makeHealthy();
    const file = join(makeFolder(), "file");
    writeFileSync(file, "");
    for (const home of [file, join(file, "below")]) {
      world.set({ SPEC_KITTY_HOME: home });
      expect((await examine(world)).wrong).toEqual([
        {
          name: "clock",
          state: "warning",
          text: `0 in ${home}, which cannot be written; each repository counts for itself`,
          mend: `Make ${home} a folder that you may write to, or set SPEC_KITTY_HOME to one.`,
        },
      ]);
    }
    world.set({ SPEC_KITTY_HOME: join(dirname(file), "not/there/yet") });
    expect((await examine(world)).wrong).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)("a home that is write-protected (root may write to any)", async () => {
    const world = await makeHealthy();
    const home = makeFolder();
    chmodSync(home, 0o500);
    world.set({ SPEC_KITTY_HOME: home });
    expect((await examine(world)).wrong).toMatchObject([{ name: "clock", state: "warning" }]);
  });

  test("the queue: dead letters, one that waits for days, a binding that cannot be read", async () => {
    const world = makeWorld();
    const server = await startFaultServer(refuseAll);
    world.set(targetOf(server.url));
    world.move("doing");
    await world.run("sync now");
    const queue = async () => {
      const { status, wrong } = await examine(world);
      return [status, wrong.filter(({ name }) => name === "queue")];
    };
    const text = "0 pending, 0 delivered, 1 dead, 0 damaged";
    expect(await queue()).toEqual([0, [{ name: "queue", state: "warning", text, mend: "spec-kitty sync retry" }]]);

    await world.run("sync retry");
    expect(await queue()).toEqual([0, []]);
    world.move("for_review");
    await look(world.path, { now: () => Date.now() - 50 * 3_600_000 });
    const late = "2 pending, 0 delivered, 0 dead, 0 damaged; the oldest waits for 2 d";
    expect(await queue()).toEqual([0, [{ name: "queue", state: "warning", text: late, mend: "spec-kitty sync now" }]]);
    writeFileSync(join(world.folder, "target.json"), "{");
    expect(await queue()).toEqual([
      0,
      [expect.objectContaining({ state: "warning", mend: "Bind it again with `spec-kitty sync now --rebind`." })],
    ]);
  });

  test("the server: none, an address that cannot be, down, a token it does not know", async () => {
    const world = makeWorld();
    const collector = await startCollector();
    const server = async () => {
      const { status, findings } = await examine(world);
      return [status, findings.filter(({ name }) => name === "server" || name === "login")];
    };
    const login = { name: "login", state: "ok", text: "team red, token from SPEC_KITTY_TOKEN" };
    const warning = (text: string, mend?: string) => ({
      name: "server",
      state: "warning",
      text,
      ...(mend && { mend }),
    });

    const mend = "spec-kitty sync status";
    expect(await server()).toEqual([
      0,
      [warning(expect.stringMatching(/^nothing is sent: No server is configured/), mend)],
    ]);
    world.set(targetOf("http://collector.example.com"));
    expect(await server()).toEqual([0, [warning(expect.stringContaining("plain http"), mend)]]);
    world.set(targetOf(collector.url, { token: "skt_wrong" }));
    expect(await server()).toEqual([0, [login, warning(`${collector.url}: it answers 401`, "spec-kitty sync status")]]);
    world.set(targetOf("http://127.0.0.1:9"));
    expect(await server()).toEqual([
      0,
      [login, warning(expect.stringMatching(/^http:\/\/127\.0\.0\.1:9: .*refused/i), "spec-kitty sync status")],
    ]);
  });
});
