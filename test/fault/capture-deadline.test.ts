import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { folderOf, queuedMoves } from "../helpers/capture.ts";
import { compare, type Hooked, installHooks, makeHooked } from "../helpers/hooked.ts";

const MOVE = "move WP01 doing";
const SILENT = { status: 0, stdout: "git commit: 0\n", stderr: "" };
const isMoved = ({ path }: Hooked) => queuedMoves({ folder: folderOf(path) }).includes("WP01 planned>doing");
const isLooking = ({ path }: Hooked) => existsSync(join(folderOf(path), "drain.lock"));
const isRinging = ({ path }: Hooked) => ["spool", "spool.taken"].some((name) => existsSync(join(folderOf(path), name)));

/** Waits for what a process beside us will do; only one that never does it is a failure. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn === 1000) throw new Error("it never happened");
    await sleep(20);
  }
}

function makeInMode(mode: string): Hooked {
  const repository = makeHooked();
  repository.git("config", "spec-kitty.mode", mode);
  installHooks(repository.path);
  return repository;
}

// Tried again, as a machine may be too busy for the second that git waits.
test("in the usual mode the queue is right when git returns", { retry: 5 }, async () => {
  const repository = makeHooked();
  expect(await repository.perform(MOVE)).toEqual(SILENT);
  expect([isMoved(repository), isRinging(repository)]).toEqual([true, false]);
});

test("in mode detached it is right soon after, without anybody's help", async () => {
  const repository = makeInMode("detached");
  expect(await repository.perform(MOVE)).toEqual(SILENT);
  await until(() => isMoved(repository) && !isRinging(repository));
  await until(() => !isLooking(repository));
});

test("in mode off nothing is even noted, and the next command catches up", async () => {
  const repository = makeInMode("off");
  expect(await repository.perform(MOVE)).toEqual(SILENT);
  expect([isMoved(repository), isRinging(repository)]).toEqual([false, false]);
  const { queued, implied } = await compare(repository.path);
  expect(queued).toEqual(implied);
  expect(isMoved(repository)).toBe(true);
});

/** Lets the drain find a git that lists no commits while a file is there. */
function slowDown(repository: Hooked): { readonly hold: string } {
  const folder = join(dirname(repository.path), "slow");
  const hold = join(folder, "hold");
  mkdirSync(folder);
  const scripts = {
    git: `case " $* " in *" rev-list "*) while [ -e "${hold}" ]; do sleep 0.1; done ;; esac
PATH=\${PATH#*${delimiter}}; exec git "$@"`,
    node: `PATH="${folder}${delimiter}$PATH" exec "${process.execPath}" "$@"`, // git itself puts its own folder first
  };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const settings = join(folderOf(repository.path), "env");
  writeFileSync(settings, readFileSync(settings, "utf8").replace(/^SK_NODE=.*$/m, `SK_NODE=${join(folder, "node")}`));
  writeFileSync(hold, "");
  onTestFinished(() => rmSync(hold, { force: true }));
  return { hold };
}

test("git does not wait for a slow look: it goes on without git, and ends", async () => {
  const repository = makeHooked();
  const { hold } = slowDown(repository);
  expect(await repository.perform(MOVE)).toEqual(SILENT); // git has returned, although nobody could list a commit yet
  expect([existsSync(hold), isMoved(repository), isRinging(repository)]).toEqual([true, false, true]);
  expect(await repository.perform("move WP02 doing", { minute: 200 })).toEqual(SILENT); // others do not wait either
  rmSync(hold);
  await until(() => isMoved(repository) && !isRinging(repository) && !isLooking(repository));
  const { queued, implied, said } = await compare(repository.path);
  expect(queued).toEqual(implied);
  expect(said).toBe("");
});

/** Runs git where our folder cannot be written to; undefined where this machine has no way to arrange that. */
async function performReadOnly(repository: Hooked, script: string) {
  const folder = folderOf(repository.path);
  if (process.getuid?.() !== 0) {
    chmodSync(folder, 0o500);
    const done = await repository.perform(script);
    chmodSync(folder, 0o700);
    return done;
  }
  const mount = [
    "--mount",
    "sh",
    "-c",
    'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"',
  ];
  const probe = spawnSync("unshare", [...mount, "sh", folder, "true"]);
  if (probe.status !== 0) return undefined;
  return await repository.perform(script, { within: ["unshare", ...mount, "sh", folder] });
}

test("where our folder is read-only git goes on in silence, and the next command catches up", async ({ skip }) => {
  const repository = makeHooked();
  const done = await performReadOnly(repository, `${MOVE}; git switch -q topic; git merge -q --no-edit main`);
  if (!done) return skip("root may write anywhere, and this machine lets it mount nothing read-only");
  expect(done).toEqual({ status: 0, stdout: "git commit: 0\ngit switch: 0\ngit merge: 0\n", stderr: "" });
  expect(isMoved(repository)).toBe(false);
  const { queued, implied } = await compare(repository.path);
  expect(queued).toEqual(implied);
});

test.each<[string, (folder: string) => void]>([
  ["no node anywhere", (folder) => writeFileSync(join(folder, "env"), "SK_NODE=/nowhere/node\n")],
  ["no drain", (folder) => rmSync(join(folder, "drain.cjs"))],
  ["a drain of zeros", (folder) => writeFileSync(join(folder, "drain.cjs"), "\0".repeat(1000))],
  ["a spool that is a folder", (folder) => mkdirSync(join(folder, "spool"))],
  ["a seen file of zeros", (folder) => writeFileSync(join(folder, "seen.json"), "\0".repeat(100))],
  ["a lock that is a folder", (folder) => mkdirSync(join(folder, "drain.lock"))],
  ["all of ours gone", (folder) => rmSync(folder, { recursive: true })],
])("git goes on in silence: %s", async (_, damage) => {
  const repository = makeHooked();
  damage(folderOf(repository.path));
  expect(await repository.perform(MOVE)).toEqual(SILENT);
  expect(repository.git("log", "-1", "--format=%s")).toBe("WP01 is doing");
});

test("whatever lies where bells are kept, the next command catches up and clears it away", async () => {
  const repository = makeHooked();
  mkdirSync(join(folderOf(repository.path), "spool"));
  await repository.perform(MOVE);
  const { queued, implied, said } = await compare(repository.path);
  expect(queued).toEqual(implied);
  expect([isRinging(repository), said]).toEqual([false, ""]);
});
