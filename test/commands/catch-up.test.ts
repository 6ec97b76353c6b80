import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  beginCapture,
  type Captured,
  folderOf,
  impliedIds,
  look,
  makeCaptured,
  queuedEvents,
  queuedIds,
  queuedMoves,
  runIn,
  seenIn,
  TASKS,
} from "../helpers/capture.ts";
import { run } from "../helpers/hook-repository.ts";
import { importGraph } from "../helpers/import-graph.ts";
import { makeRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const MINUTE = 60_000;

const ring = (repository: Captured, oid: string): void =>
  writeFileSync(join(repository.folder, "spool"), `1 post-commit ${oid} ${repository.path}/.git\n`, { flag: "a" });

describe("news", () => {
  test("a commit is queued once, and a second look queues nothing", async () => {
    const repository = makeCaptured();
    repository.move("doing");
    expect(await look(repository.path)).toBe(1);
    expect(await look(repository.path)).toBe(0);
    expect(queuedMoves(repository)).toEqual(["WP01 planned>doing"]);
  });

  test("all commits since the last look are told, each event as if nothing had been known", async () => {
    const repository = makeCaptured();
    const begun = repository.git("rev-parse", "HEAD");
    for (const lane of ["doing", "for_review", "done"]) repository.move(lane);
    repository.git("switch", "-q", "-c", "topic", begun);
    repository.move("doing", { id: "WP02" });
    repository.git("merge", "-q", "--no-edit", "main");
    await look(repository.path);
    expect(queuedIds(repository)).toEqual(await impliedIds(repository.path, `${begun}..HEAD`));
    expect(queuedMoves(repository)).toHaveLength(4);
  });

  test("a bell's commit is told although its branch is gone", async () => {
    const repository = makeCaptured();
    for (const answered of [false, true]) {
      repository.git("switch", "-q", "-c", "topic");
      const oid = repository.move("doing", { id: answered ? "WP01" : "WP02" });
      repository.git("switch", "-q", "main");
      repository.git("branch", "-q", "-D", "topic");
      if (answered) ring(repository, oid);
      await look(repository.path);
    }
    // Nobody rang for the other one; and with the branch the move is gone again.
    expect(queuedMoves(repository)).toEqual(["WP01 planned>doing", "WP01 doing>planned (rewind)"]);
    expect(readdirSync(repository.folder).filter((name) => name.startsWith("spool"))).toEqual([]);
  });

  test("bells that name nothing we have harm nobody", async () => {
    const repository = makeCaptured();
    ring(repository, "0".repeat(40));
    ring(repository, "none");
    ring(repository, "--all");
    repository.move("doing");
    expect(await look(repository.path)).toBe(1);
  });

  test("one look tells what happened in every worktree, detached ones included", async () => {
    const repository = makeCaptured();
    const [a, b] = [repository.beside("a"), repository.beside("b")];
    repository.git("worktree", "add", "-q", "-b", "topic", a);
    repository.git("worktree", "add", "-q", "--detach", b);
    repository.move("doing", { at: a });
    repository.move("doing", { id: "WP02", at: b });
    await look(a);
    expect(queuedMoves(repository).sort()).toEqual(["WP01 planned>doing", "WP02 planned>doing"]);
    expect(Object.keys(seenIn(repository).heads)).toHaveLength(3);
    expect(await look(b)).toBe(0);
  });

  test("a gate that cannot be written stops nothing", async () => {
    const repository = makeCaptured();
    repository.move("doing");
    mkdirSync(join(repository.path, ".git/spec-kitty.tree"));
    expect(await look(repository.path)).toBe(1);
    expect(await look(repository.path)).toBe(0);
  });

  test("a branch that is nowhere checked out is told when somebody goes there", async () => {
    const repository = makeCaptured();
    repository.git("switch", "-q", "-c", "topic");
    repository.move("doing");
    repository.git("switch", "-q", "main");
    expect(await look(repository.path)).toBe(0);
    repository.git("switch", "-q", "topic");
    expect(await look(repository.path)).toBe(1);
  });

  test("no seen tip is an ancestor of another, whatever was merged, rewound or branched off", async () => {
    const repository = makeCaptured();
    const step = async (...args: string[]) => {
      repository.git(...args);
      await look(repository.path);
    };
    for (const [index, branch] of ["a", "b", "c"].entries()) {
      await step("switch", "-q", "-c", branch, "main");
      repository.write(`${branch}.txt`, "1\n");
      repository.commit(branch);
      repository.write(`${branch}.txt`, "2\n");
      repository.commit(branch);
      if (index > 0) await step("merge", "-q", "--no-edit", "a");
    }
    await step("commit", "-q", "--amend", "-m", "other");
    await step("reset", "-q", "--hard", "HEAD~1");
    await step("switch", "-q", "main");
    await step("merge", "-q", "--no-edit", "b");
    const { tips } = seenIn(repository);
    expect(tips.length).toBeGreaterThan(2);
    expect(repository.git("rev-list", "--no-walk", ...tips).split("\n")).toHaveLength(tips.length);
    for (const tip of tips) {
      const others = tips.filter((other) => other !== tip).map((oid) => `^${oid}`);
      expect(repository.git("rev-list", "--max-count=1", tip, ...others)).toBe(tip);
    }
  });
});

test("tips that git has pruned are forgotten once many have gathered", async () => {
  const repository = makeCaptured();
  const rewritten = importGraph(
    repository,
    Array.from({ length: 70 }, (_, index) => ({
      parents: [],
      at: new Date(Date.UTC(2026, 1, 1, 0, index)).toISOString(),
    })),
  );
  for (const oid of rewritten) ring(repository, oid);
  await look(repository.path);
  expect(seenIn(repository).tips).toHaveLength(71);
  repository
    .git("for-each-ref", "--format=%(refname)", "refs/heads/imported-*")
    .split("\n")
    .forEach((ref) => {
      repository.git("update-ref", "-d", ref);
    });
  repository.git("reflog", "expire", "--expire=now", "--all");
  repository.git("gc", "-q", "--prune=now");
  repository.move("doing");
  expect(await look(repository.path)).toBe(1);
  expect(seenIn(repository).tips).toEqual([repository.git("rev-parse", "HEAD")]);
});

test("what was told or passed over stays so when git prunes the commit that followed it", async () => {
  const repository = makeCaptured();
  repository.move("doing");
  await look(repository.path);
  repository.git("reset", "-q", "--hard", "HEAD~1");
  expect(await look(repository.path)).toBe(1); // the move is taken back
  repository.git("reflog", "expire", "--expire=now", "--all");
  repository.git("update-ref", "-d", "ORIG_HEAD");
  repository.git("gc", "-q", "--prune=now");
  expect(await look(repository.path)).toBe(0);
  repository.move("doing", { id: "WP02" });
  expect(await look(repository.path)).toBe(1);
});

describe("to and fro", () => {
  const moved = async (act: (repository: Captured) => unknown): Promise<string[]> => {
    const repository = makeCaptured();
    await act(repository);
    await look(repository.path);
    expect(await look(repository.path)).toBe(0);
    return queuedMoves(repository).map((move) => move.replace(" (rewind)", ""));
  };
  const reset = (repository: Captured, to: string) => repository.git("reset", "-q", "--hard", to);

  test("a second rewind to the same commit is told, too", async () => {
    const moves = await moved(async (repository) => {
      const start = repository.git("rev-parse", "HEAD");
      for (const _ of [1, 2]) {
        repository.move("doing");
        await look(repository.path);
        reset(repository, start);
        await look(repository.path);
      }
    });
    expect(moves).toEqual(["WP01 planned>doing", "WP01 doing>planned", "WP01 planned>doing", "WP01 doing>planned"]);
  });

  test("a reset that is undone brings the move back", async () => {
    const moves = await moved(async (repository) => {
      const oid = repository.move("doing");
      await look(repository.path);
      for (const to of ["HEAD~1", oid, "HEAD~1"]) {
        reset(repository, to);
        await look(repository.path);
      }
    });
    expect(moves).toEqual(["WP01 planned>doing", "WP01 doing>planned", "WP01 planned>doing", "WP01 doing>planned"]);
  });

  test("a commit that is split tells its move again, though the log line has the id of the first", async () => {
    const moves = await moved(async (repository) => {
      repository.move("doing");
      await look(repository.path);
      repository.git("reset", "-q", "HEAD~1");
      repository.git("commit", "-q", "--allow-empty", "-m", "Part one");
      await look(repository.path);
      repository.git("commit", "-q", "-a", "-m", "Part two");
    });
    expect(moves.slice(0, 2)).toEqual(["WP01 planned>doing", "WP01 doing>planned"]);
    expect(moves.at(-1)).toBe("WP01 planned>doing");
  });

  test("a history that a remote branch still held is judged once that is forced, too", async () => {
    const moves = await moved(async (repository) => {
      repository.move("doing");
      repository.git("update-ref", "refs/remotes/origin/main", "HEAD");
      await look(repository.path);
      reset(repository, "HEAD~1");
      expect(await look(repository.path)).toBe(0);
      repository.git("update-ref", "refs/remotes/origin/main", "HEAD");
    });
    expect(moves).toEqual(["WP01 planned>doing", "WP01 doing>planned"]);
  });

  test("a stash holds no history", async () => {
    const moves = await moved(async (repository) => {
      repository.move("doing");
      await look(repository.path);
      repository.write("file", "1\n");
      repository.git("stash", "push", "-q", "--include-untracked");
      reset(repository, "HEAD~1");
    });
    expect(moves).toEqual(["WP01 planned>doing", "WP01 doing>planned"]);
  });

  test("a commit that only a bell knew is taken back with its branch's HEAD", async () => {
    const moves = await moved((repository) => {
      ring(repository, repository.move("doing"));
      reset(repository, "HEAD~1");
    });
    expect(moves).toEqual(["WP01 planned>doing", "WP01 doing>planned"]);
  });

  test("a branch to which nobody returned the move is no rewind when it is looked at", async () => {
    const moves = await moved(async (repository) => {
      repository.git("branch", "-q", "topic");
      repository.move("doing");
      await look(repository.path);
      reset(repository, "HEAD~1");
      await look(repository.path);
      repository.git("switch", "-q", "topic");
    });
    expect(moves).toEqual(["WP01 planned>doing", "WP01 doing>planned"]);
  });
});

describe("a crash", () => {
  test("between the append and what was seen repeats nothing under another id", async () => {
    const repository = makeCaptured();
    repository.move("doing");
    await look(repository.path);
    const before = readFileSync(join(repository.folder, "seen.json"), "utf8");
    repository.move("for_review");
    repository.git("commit", "-q", "--amend", "-m", "same content, other words");
    repository.move("doing", { id: "WP02" });
    expect(await look(repository.path)).toBe(2);
    const ids = queuedIds(repository);
    writeFileSync(join(repository.folder, "seen.json"), before);
    expect(await look(repository.path)).toBe(0);
    writeFileSync(join(repository.folder, "seen.json"), before);
    repository.move("done");
    expect(await look(repository.path)).toBe(1);
    expect(queuedIds(repository)).toEqual(expect.arrayContaining(ids));
  });

  test("of whoever took the bells leaves them to the next", async () => {
    const repository = makeCaptured();
    repository.git("switch", "-q", "--detach");
    ring(repository, repository.move("doing"));
    repository.git("switch", "-q", "main");
    const bells = readFileSync(join(repository.folder, "spool"), "utf8");
    rmSync(join(repository.folder, "spool"));
    writeFileSync(join(repository.folder, "spool.taken"), bells);
    expect(await look(repository.path)).toBe(2); // the move, and that nothing holds it any more
  });
});

/** Each of these may happen to files that nobody owes us. */
const losses: [string, (state: string) => void][] = [
  ["all of it", (state) => rmSync(state, { recursive: true })],
  ["its shards", (state) => rmSync(join(state, "shards"), { recursive: true })],
  ["its commits", (state) => rmSync(join(state, "commits"), { recursive: true })],
  ["shards that are cut", (state) => eachFile(join(state, "shards"), (text) => text.slice(0, text.length / 2))],
  ["shards that are empty", (state) => eachFile(join(state, "shards"), () => "")],
  ["shards of something else", (state) => eachFile(join(state, "shards"), () => '{"workPackages":7}')],
  ["commits that are cut", (state) => eachFile(join(state, "commits"), (text) => text.slice(0, text.length / 2))],
  ["commits that are zeros", (state) => eachFile(join(state, "commits"), (text) => "\0".repeat(text.length))],
  ["commits of another engine", (state) => eachFile(join(state, "commits"), (text) => text.replace('"v":1', '"v":0'))],
];

function eachFile(folder: string, change: (text: string) => string): void {
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), "utf8");
    writeFileSync(join(folder, name), change(text));
  }
}

test("inference state that is lost is rebuilt, whatever is lost of it", async () => {
  const repository = makeCaptured();
  const begun = repository.git("rev-parse", "HEAD");
  repository.move("doing");
  await look(repository.path);
  for (const [index, [name, lose]] of losses.entries()) {
    expect(readdirSync(join(repository.folder, "state/shards"))).not.toEqual([]);
    lose(join(repository.folder, "state"));
    repository.move(index % 2 === 0 ? "for_review" : "doing");
    expect([name, await look(repository.path)]).toEqual([name, 1]);
  }
  expect(queuedIds(repository)).toEqual(await impliedIds(repository.path, `${begun}..HEAD`));
});

describe("a rewind", () => {
  /** Two moves on main; WP01 is for_review. Each operation leaves for_review behind, or only seems to. */
  const moved = makeCaptured({ onFinish: afterAll });
  moved.move("doing");
  moved.move("for_review");
  beforeAll(() => look(moved.path));
  const start = () => makeCaptured({ copyOf: moved.path });
  type Operation = (repository: Captured) => void;
  const forget = "WP01 for_review>doing (rewind)";
  const operations: [string, Operation, string[]][] = [
    ["reset", ({ git }) => git("reset", "-q", "--hard", "HEAD~1"), [forget]],
    ["reset by two", ({ git }) => git("reset", "-q", "--hard", "HEAD~2"), ["WP01 for_review>planned (rewind)"]],
    [
      "an amend that drops the move",
      ({ git }) => {
        git("checkout", "-q", "HEAD~1", "--", TASKS);
        git("commit", "-q", "--amend", "--allow-empty", "-m", "Nothing");
      },
      [forget],
    ],
    [
      "an interactive rebase that drops the commit",
      ({ gitWith }) => gitWith({ env: { GIT_SEQUENCE_EDITOR: "echo noop >" } }, "rebase", "-q", "-i", "HEAD~1"),
      [forget],
    ],
    [
      "a pull of what somebody forced",
      ({ git, beside, path }) => {
        git("clone", "-q", "--bare", path, beside("origin.git"));
        git("push", "-q", "--force", beside("origin.git"), "HEAD~1:main");
        git("fetch", "-q", beside("origin.git"), "main");
        git("reset", "-q", "--hard", "FETCH_HEAD");
      },
      [forget],
    ],
    [
      "HEAD detached, its branch deleted",
      ({ git }) => void [git("checkout", "-q", "HEAD~1"), git("branch", "-D", "main")],
      [forget],
    ],
    ["an amend of the words", ({ git }) => git("commit", "-q", "--amend", "-m", "Other words"), []],
    [
      "an amend that moves elsewhere tells that move alone",
      (repository) => {
        repository.write(`${TASKS}/WP01.md`, workPackage({ lane: "done" }));
        repository.git("commit", "-q", "--all", "--amend", "-m", "Done");
      },
      ["WP01 doing>done"],
    ],
    ["a switch to an older branch", ({ git }) => git("switch", "-q", "-c", "old", "HEAD~2"), []],
    ["a checkout of an old tag", ({ git }) => void [git("tag", "v1", "HEAD~1"), git("checkout", "-q", "v1")], []],
    ["reset, a tag keeps it", ({ git }) => void [git("tag", "v2"), git("reset", "-q", "--hard", "HEAD~1")], []],
    [
      "reset, another worktree is there",
      ({ git, beside }) => {
        git("worktree", "add", "-q", "--detach", beside("w"));
        git("reset", "-q", "--hard", "HEAD~1");
      },
      [],
    ],
    [
      "a squash whose branch is deleted tells its own move alone",
      ({ git, commit }) => {
        git("branch", "-q", "-m", "topic");
        git("switch", "-q", "-c", "main", "HEAD~2");
        git("merge", "-q", "--squash", "topic");
        commit("Squashed", { date: "2026-01-01T02:00:00Z" });
        git("branch", "-q", "-D", "topic");
      },
      ["WP01 planned>for_review"],
    ],
    [
      "a rebase onto other work",
      (repository) => {
        repository.git("switch", "-q", "-c", "other", "HEAD~2");
        repository.write("other.txt", "1\n");
        repository.commit("Other");
        repository.git("rebase", "-q", "other", "main");
      },
      [],
    ],
  ];

  test.each(operations)("%s", async (_, operate, expected) => {
    const repository = start();
    const before = queuedMoves(repository);
    operate(repository);
    await look(repository.path);
    expect(queuedMoves(repository).slice(before.length)).toEqual(expected);
  });

  test("is the same event when a crash makes us look again", async () => {
    const repository = start();
    const before = readFileSync(join(repository.folder, "seen.json"), "utf8");
    repository.git("reset", "-q", "--hard", "HEAD~1");
    expect(await look(repository.path)).toBe(1);
    writeFileSync(join(repository.folder, "seen.json"), before);
    expect(await look(repository.path)).toBe(0);
    expect(queuedEvents(repository).at(-1)?.timestamp).toBe("2026-01-01T01:01:00.000Z");
  });

  test("of a worktree is found from another one", async () => {
    const repository = start();
    const at = repository.beside("w");
    repository.git("worktree", "add", "-q", "-b", "topic", at);
    repository.move("done", { at });
    await look(repository.path);
    repository.git("-C", at, "reset", "-q", "--hard", "HEAD~1");
    await look(repository.path);
    expect(queuedMoves(repository).at(-1)).toBe("WP01 done>for_review (rewind)");
  });

  test.each([
    ["aborted", "--abort", []],
    ["continued", "--continue", []],
    ["with the move left out", "--skip", ["WP01 done>for_review (rewind)"]],
  ])("a rebase in progress keeps the HEAD it left: %s", async (_, end, expected) => {
    const repository = start();
    repository.git("branch", "upstream");
    repository.write("README.md", "2\n");
    const head = repository.move("done");
    repository.git("switch", "-q", "upstream");
    repository.commit("Something else", { files: { "README.md": "3\n" } });
    repository.git("switch", "-q", "main");
    await look(repository.path);
    const before = queuedMoves(repository);
    expect(run("git", ["rebase", "-q", "upstream"], { cwd: repository.path }).status).toBe(1);
    expect(await look(repository.path)).toBe(0);
    expect(seenIn(repository).heads["main"]).toBe(head);
    repository.write("README.md", "4\n");
    repository.git("add", "--all");
    repository.gitWith({ env: { GIT_EDITOR: "true" } }, "rebase", end);
    await look(repository.path);
    expect(queuedMoves(repository).slice(before.length)).toEqual(expected);
    expect(seenIn(repository).heads["main"]).toBe(repository.git("rev-parse", "HEAD"));
  });
});

describe("a worktree that is named after a work package", () => {
  const NAME = "001-login-WP01";
  async function start({ grace }: { grace?: string } = {}) {
    const repository = makeCaptured();
    const at = repository.beside(NAME);
    if (grace !== undefined) repository.git("config", "spec-kitty.worktreeGrace", grace);
    repository.git("worktree", "add", "-q", at);
    await look(repository.path);
    const listed = async () => {
      const { stdout } = await runIn(repository.path, "events", "list", "--jsonl");
      return stdout.split("\n").flatMap((line) => (line.includes('"WPStatusChanged"') ? [JSON.parse(line)] : []));
    };
    return { repository, at, listed };
  }
  const later = (minutes: number) => ({ now: () => Date.now() + minutes * MINUTE });

  test("claims it: held at first, and listed as held", async () => {
    const { repository, listed } = await start();
    expect(queuedEvents(repository)).toEqual([]);
    expect(await listed()).toEqual([
      {
        position: null,
        state: "held",
        event: expect.objectContaining({
          payload: expect.objectContaining({ wp_id: "WP01", from_lane: "planned", to_lane: "doing" }),
          source: expect.objectContaining({ kind: "worktree" }),
        }),
      },
    ]);
  });

  test("after the grace the claim is told, with the worktree's time, once", async () => {
    const { repository, listed } = await start();
    const [held] = await listed();
    expect(await look(repository.path, later(9))).toBe(0);
    expect(await look(repository.path, later(11))).toBe(1);
    expect(await look(repository.path, later(12))).toBe(0);
    const [told, ...more] = await listed();
    expect(more).toEqual([]);
    expect(told).toEqual({
      position: expect.stringMatching(/^\d+$/),
      state: "pending",
      event: { ...held.event, lamport_clock: told.event.lamport_clock },
    });
    expect(Math.abs(Date.parse(told.event.timestamp) - Date.now())).toBeLessThan(MINUTE);
  });

  test("without a grace it is told at once", async () => {
    const { repository } = await start({ grace: "0" });
    expect(queuedMoves(repository)).toEqual(["WP01 planned>doing (worktree)"]);
  });

  test.each<[string, (world: { repository: Captured; at: string }) => void, string[]]>([
    ["a commit in it says doing", ({ repository, at }) => repository.move("doing", { at }), ["WP01 planned>doing"]],
    ["a commit elsewhere says more", ({ repository }) => repository.move("for_review"), ["WP01 planned>for_review"]],
    ["the worktree is removed", ({ repository, at }) => repository.git("worktree", "remove", at), []],
    ["its folder is deleted", ({ at }) => rmSync(at, { recursive: true }), []],
  ])("the claim is dropped when %s", async (_, happen, expected) => {
    const world = await start();
    happen(world);
    await look(world.repository.path, later(11));
    expect(queuedMoves(world.repository)).toEqual(expected);
    expect(await look(world.repository.path, later(30))).toBe(0);
    expect((await world.listed()).filter(({ state }) => state === "held")).toEqual([]);
  });

  test("work goes on elsewhere: the claim is held or told all the same", async () => {
    const { repository } = await start();
    repository.move("doing", { id: "WP02" });
    expect(await look(repository.path)).toBe(1);
    expect(await look(repository.path, later(11))).toBe(1);
    expect(queuedMoves(repository)).toEqual(["WP02 planned>doing", "WP01 planned>doing (worktree)"]);
  });

  test("a crash before what is held was noted tells the claim once", async () => {
    const { repository } = await start();
    const [claims, seen] = ["claims.json", "seen.json"].map((name) => {
      const path = join(repository.folder, name);
      return { path, text: readFileSync(path, "utf8") };
    });
    expect(await look(repository.path, later(11))).toBe(1);
    for (const file of [claims, seen]) if (file) writeFileSync(file.path, file.text);
    expect(await look(repository.path, later(12))).toBe(0);
  });

  test("one that was there before capturing began claims nothing", async () => {
    const repository = makeCaptured({ begin: false });
    repository.git("worktree", "add", "-q", repository.beside(NAME));
    await beginCapture(repository.path);
    expect(await look(repository.path, later(11))).toBe(0);
  });
});

describe("where capturing begins", () => {
  test("hooks install counts all history of all refs as told", async () => {
    const repository = makeCaptured({ begin: false });
    repository.git("switch", "-q", "-c", "topic");
    repository.move("doing");
    repository.git("update-ref", "refs/remotes/origin/other", repository.move("for_review"));
    repository.git("reset", "-q", "--hard", "HEAD~1");
    repository.git("switch", "-q", "main");
    await beginCapture(repository.path);
    expect(await look(repository.path)).toBe(0);
    for (const ref of ["topic", "origin/other", "main"]) {
      repository.git("checkout", "-q", ref);
      expect(await look(repository.path)).toBe(0);
    }
    repository.git("checkout", "-q", "topic");
    repository.move("done");
    expect(await look(repository.path)).toBe(1);
  });

  test("--backfill tells what is checked out from its first commit on", async () => {
    const repository = makeCaptured({ begin: false });
    repository.move("doing");
    await beginCapture(repository.path, { backfill: true });
    await look(repository.path);
    expect(queuedIds(repository)).toEqual(await impliedIds(repository.path, "HEAD"));
    expect(queuedMoves(repository)).toEqual(["WP01 planned>doing"]);
  });

  test("beginning again changes nothing, and --backfill afterwards tells only what is not queued", async () => {
    const repository = makeCaptured();
    repository.move("doing");
    await beginCapture(repository.path);
    expect(await look(repository.path)).toBe(1);
    await beginCapture(repository.path, { backfill: true });
    await look(repository.path);
    expect(queuedIds(repository)).toEqual(await impliedIds(repository.path, "HEAD"));
    expect(queuedMoves(repository)).toEqual(["WP01 planned>doing"]);
  });

  test("before the first commit: that commit is the first thing told", async () => {
    const repository = makeRepository();
    const place = { folder: folderOf(repository.path) };
    await beginCapture(repository.path);
    expect(await look(repository.path)).toBe(0);
    expect(repository.git("config", "--default", "none", "spec-kitty.project")).toBe("none");
    repository.commit("Plan", { files: { [`${TASKS}/WP01.md`]: workPackage() } });
    await look(repository.path);
    expect(queuedIds(place)).toEqual(await impliedIds(repository.path, "HEAD"));
    expect(queuedEvents(place)).not.toEqual([]);
  });

  test("the project's id stays although its first commit is rewritten", async () => {
    const repository = makeRepository();
    const place = { folder: folderOf(repository.path) };
    await beginCapture(repository.path);
    repository.commit("Start", { files: { "README.md": "1\n" } });
    await look(repository.path);
    const project = repository.git("config", "spec-kitty.project");
    repository.git("commit", "-q", "--amend", "-m", "Other");
    repository.commit("Plan", { files: { [`${TASKS}/WP01.md`]: workPackage() } });
    await look(repository.path);
    expect(queuedEvents(place).map(({ source }) => source.project)).toContain(project);
    expect(repository.git("config", "spec-kitty.project")).toBe(project);
  });

  test.each([
    ["events", "list"],
    ["events", "tail"],
    ["events", "infer"],
    ["sync", "status"],
  ])("%s %s writes nothing where it never began", async (...words) => {
    const repository = makeCaptured({ begin: false });
    const config = readFileSync(join(repository.path, ".git/config"), "utf8");
    const files = readdirSync(join(repository.path, ".git"));
    expect(await runIn(repository.path, ...words)).toMatchObject({ status: 0 });
    expect(readFileSync(join(repository.path, ".git/config"), "utf8")).toBe(config);
    expect(readdirSync(join(repository.path, ".git"))).toEqual(files);
    expect(await look(repository.path)).toBe(0);
    expect(existsSync(repository.folder)).toBe(false);
  });

  test("a shallow clone whose project is unknown queues nothing and says why in one sentence", async () => {
    const source = makeCaptured({ begin: false });
    source.move("doing");
    const clone = source.beside("shallow");
    source.git("clone", "-q", "--depth=1", `file://${source.path}`, clone);
    for (const words of [
      ["hooks", "install"],
      ["events", "backfill"],
      ["events", "list"],
    ]) {
      const { status, stdout, stderr } = await runIn(clone, ...words);
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^The clone in .* is shallow, so .* unknown\.\nRun `git fetch --unshallow`.*\n$/);
    }
    expect(existsSync(join(clone, ".git/spec-kitty"))).toBe(false);
  });

  test("a shallow clone that knows its project tells what is new in it, with the ids of the full one", async () => {
    const source = makeCaptured();
    const clone = source.beside("shallow");
    source.git("clone", "-q", "--depth=1", `file://${source.path}`, clone);
    source.git("-C", clone, "config", "spec-kitty.project", source.git("config", "spec-kitty.project"));
    await beginCapture(clone);
    const log = [logLine({ time: "2026-01-01T00:10:00Z", lane: "doing" })];
    source.write(`${TASKS}/WP01.md`, workPackage({ lane: "doing", log }));
    source.commit("Move");
    source.git("-C", clone, "pull", "-q");
    await look(source.path);
    await look(clone);
    expect(queuedIds({ folder: folderOf(clone) })).toEqual(queuedIds(source));
    expect(queuedMoves({ folder: folderOf(clone) })).toEqual(["WP01 planned>doing"]);
  });
});

test("a seen file that cannot be read is told with a way out, and keeps back nothing that is queued", async () => {
  const repository = makeCaptured();
  repository.move("doing");
  writeFileSync(join(repository.folder, "seen.json"), "{");
  const { status, stderr } = await runIn(repository.path, "events", "list");
  expect(status).toBe(0);
  expect(stderr).toContain("spec-kitty hooks install --backfill");
  expect(existsSync(join(repository.folder, "queue.jsonl"))).toBe(false);
});
