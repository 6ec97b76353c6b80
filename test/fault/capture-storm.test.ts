import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { recordsOf } from "../../src/queue/record.ts";
import { readSegments } from "../../src/queue/segments.ts";
import { folderOf, queuedMoves, TASKS } from "../helpers/capture.ts";
import { compare, type Hooked, makeHooked, runCommand } from "../helpers/hooked.ts";
import { workPackage } from "../helpers/work-package.ts";

const FULL = process.env["SPEC_KITTY_TEST_STORM"] === "1";
const WORKTREES = 8;
const COMMITS = FULL ? 12 : 2;
const KILLED = FULL ? 100 : 8;
const LANES = ["doing", "for_review"];

/** Processes that run this repository's drain. */
function drainsOf({ path }: Hooked): number[] {
  const { stdout } = spawnSync("ps", ["-axww", "-o", "pid=,command="], { encoding: "utf8" });
  const drain = join(folderOf(path), "drain.cjs");
  return stdout.split("\n").flatMap((line) => (line.includes(drain) ? [Number.parseInt(line, 10)] : []));
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false; // it ended by itself
  }
}

/** The process that looks at the repository at this moment. */
function readLooker({ path }: Hooked): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(join(folderOf(path), "drain.lock"), "utf8"));
    return typeof pid === "number" && pid !== process.pid ? pid : undefined;
  } catch {
    return undefined;
  }
}

function start(): Hooked {
  const repository = makeHooked();
  onTestFinished(() => {
    for (const pid of drainsOf(repository)) kill(pid);
  });
  return repository;
}

/** Runs git as a person does, beside others, and gives its status and all it said. */
async function runGit(cwd: string, ...args: string[]): Promise<string> {
  const child = spawn("git", args, { cwd });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(String(chunk)));
  const status = await new Promise((resolve) => child.on("close", resolve));
  return [status, ...said].join(" ");
}

/** Clocks of all records as they lie in the queue, repeated ones included. */
function clocksOf({ path }: Hooked): number[] {
  return [...recordsOf(readSegments(folderOf(path)))].map(({ clock }) => clock);
}

async function commitInTurn(path: string, id: string): Promise<string[]> {
  const answers: string[] = [];
  for (let turn = 0; turn < COMMITS; turn++) {
    writeFileSync(join(path, TASKS, `${id}.md`), workPackage({ id, lane: LANES[turn % 2] }));
    answers.push(await runGit(path, "add", "--all"), await runGit(path, "commit", "-q", "-m", `${id} ${turn}`));
  }
  return answers;
}

test.each([
  ["nobody is killed", false],
  ["their drains are killed all the time", true],
])(`${WORKTREES} worktrees commit at once, %s`, { timeout: 300_000 }, async (_, killing) => {
  const repository = start();
  const worktrees = Array.from({ length: WORKTREES }, (__, index) => ({
    path: join(dirname(repository.path), `w${index}`),
    id: `WP${11 + index}`,
  }));
  for (const { path } of worktrees) await repository.perform(`quietly worktree add --detach "${path}"`);
  let working = true;
  const killed = new Set<number>();
  const storm = (async () => {
    while (working && killing) {
      await sleep(Math.random() * 15);
      const pid = Math.random() < 0.7 ? readLooker(repository) : undefined;
      if (pid !== undefined && !killed.has(pid) && kill(pid)) killed.add(pid);
    }
  })();
  const answers = await Promise.all(worktrees.map(({ path, id }) => commitInTurn(path, id)));
  working = false;
  await storm;
  expect(new Set(answers.flat())).toEqual(new Set(["0"]));
  const { queued, implied, said } = await compare(repository.path);
  expect(queued).toEqual(implied);
  if (!killing) expect(said).toBe(""); // a drain may say that the git it had just started was killed
  const moves = queuedMoves({ folder: folderOf(repository.path) }).filter((move) => /^WP1/.test(move));
  expect(moves).toHaveLength(WORKTREES * COMMITS);
  const clocks = clocksOf(repository);
  expect(clocks).toEqual([...new Set(clocks)].sort((a, b) => a - b));
  if (killing) expect(killed.size).toBeGreaterThan(0);
});

/** Runs the drain as the hook's script does, killed after so many ms, and gives how long it lived. */
async function drain({ path }: Hooked, { after }: { after: number }): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(folderOf(path), "drain.cjs"), join(path, ".git"), "post-commit"], {
    stdio: "ignore",
    env: { ...process.env, SPEC_KITTY_IN_HOOK: "1" },
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), after);
  await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  return performance.now() - started;
}

test("a drain that is killed at any moment is healed by the next command", { timeout: 300_000 }, async () => {
  const repository = start();
  const commit = async (turn: number): Promise<void> => {
    await repository.perform(`move WP01 ${LANES[turn % 2]}`, {
      minute: 1000 + turn * 5,
      env: { SPEC_KITTY_HOOKS: "0" },
    });
    const head = repository.git("rev-parse", "HEAD");
    appendFileSync(join(folderOf(repository.path), "spool"), `1 post-commit ${head} ${repository.path}/.git\n`);
  };
  await commit(0);
  const whole = await drain(repository, { after: 60_000 });
  for (let turn = 1; turn <= KILLED; turn++) {
    await commit(turn);
    await drain(repository, { after: Math.random() * whole });
    if (turn % 2 === 0) await drain(repository, { after: Math.random() * whole });
    await runCommand(repository.path);
    expect(queuedMoves({ folder: folderOf(repository.path) }).filter((move) => move.startsWith("WP01"))).toHaveLength(
      turn + 1,
    );
  }
  const { queued, implied, said } = await compare(repository.path);
  expect(queued).toEqual(implied);
  expect(said).toBe("");
  const clocks = clocksOf(repository);
  expect(clocks).toEqual([...new Set(clocks)].sort((a, b) => a - b));
});
