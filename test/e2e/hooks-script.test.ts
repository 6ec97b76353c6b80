import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { renderBlock } from "../../src/git/hooks/block.ts";
import type { HookSettings } from "../../src/git/hooks/hook-settings.ts";
import { writeHookFiles } from "../../src/git/hooks/refresh-hook-files.ts";
import { installAt, makePackage, type Ring, ringsOf, run } from "../helpers/hook-repository.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";

const TASK = "kitty-specs/001-x/tasks/WP01.md";
const COMMIT = ["-c", "user.name=T", "-c", "user.email=t@example.invalid", "commit", "--quiet", "--allow-empty", "-mX"];
const SILENT = { status: 0, stdout: "", stderr: "" };

/** A repository with hooks whose next commit of a work package rings. */
async function makeInstalled(settings: Partial<HookSettings> = {}, onFinish = onTestFinished) {
  const repository = makeRepository({ onFinish });
  const gitDir = join(repository.path, ".git");
  repository.commit("Start", { files: { [TASK]: "1\n" } });
  const packageRoot = makePackage(repository);
  await installAt(repository.path, { packageRoot, ...settings });
  return { repository, gitDir, ours: join(gitDir, "spec-kitty"), packageRoot };
}

/** Commits a change of a work package as a person would, and gives all that git did. */
function commitMove({ path }: TestRepository, env: Record<string, string> = {}) {
  writeFileSync(join(path, TASK), `${Math.random()}\n`);
  return run("git", [...COMMIT, "--all"], { cwd: path, env });
}

const hooksOf = (rings: readonly Ring[]) => rings.map(({ hook }) => hook);
const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
const bells = (ours: string) => read(join(ours, "spool")).split("\n").filter(Boolean);

describe("a repository of any layout", () => {
  type Layout = { worktree: string; git?: string[]; gitDir: string };
  const layouts: Record<string, (repository: TestRepository, folder: string) => Layout> = {
    "a main checkout": ({ path }) => ({ worktree: path, gitDir: join(path, ".git") }),
    "a subdirectory": ({ path }) => ({ worktree: join(path, "kitty-specs"), gitDir: join(path, ".git") }),
    "--git-dir and --work-tree": ({ path }, folder) => {
      const git = ["--git-dir", join(path, ".git"), "--work-tree", path];
      return { worktree: folder, git, gitDir: join(path, ".git") };
    },
    "a linked worktree": (repository, folder) => {
      const worktree = join(folder, "linked tree");
      repository.git("worktree", "add", "--quiet", "-b", "linked", worktree);
      return { worktree, gitDir: join(repository.path, ".git/worktrees/linked-tree") };
    },
    "a separate git directory": (repository, folder) => {
      const worktree = join(folder, "apart");
      const gitDir = join(folder, "git of apart");
      repository.git("clone", "--quiet", "--separate-git-dir", gitDir, ".", worktree);
      return { worktree, gitDir };
    },
    "a submodule": (repository) => {
      repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repository.path, "sub");
      return { worktree: join(repository.path, "sub"), gitDir: join(repository.path, ".git/modules/sub") };
    },
    "a bare repository with a worktree": (repository, folder) => {
      const bare = join(folder, "bare.git");
      repository.git("clone", "--quiet", "--bare", ".", bare);
      const worktree = join(folder, "of bare");
      repository.git("-C", bare, "worktree", "add", "--quiet", "-b", "of-bare", worktree);
      return { worktree, gitDir: join(bare, "worktrees/of-bare") };
    },
  };

  test.each(Object.entries(layouts))("rings with its own git directory: %s", async (_, arrange) => {
    const repository = makeRepository();
    repository.commit("Start", { files: { [TASK]: "1\n" } });
    const packageRoot = makePackage(repository);
    const { worktree, git = [], gitDir } = arrange(repository, dirname(repository.path));
    await installAt(git.length > 0 ? repository.path : worktree, { packageRoot });
    const ask = (...args: string[]) => run("git", [...git, "rev-parse", ...args], { cwd: worktree }).stdout.trim();
    const commonDir = ask("--path-format=absolute", "--git-common-dir");
    expect(run("git", [...git, ...COMMIT], { cwd: worktree })).toEqual(SILENT);
    expect(ringsOf(commonDir)).toMatchObject([{ hook: "post-commit", gitDir, SPEC_KITTY_IN_HOOK: "1" }]);
    expect(bells(join(commonDir, "spec-kitty"))).toEqual([`1 post-commit ${ask("HEAD")} ${gitDir}`]);
    expect(run("git", [...git, ...COMMIT], { cwd: worktree })).toEqual(SILENT);
    expect(ringsOf(commonDir)).toHaveLength(1);
  });

  test("a submodule without hooks does not ring at the repository around it", async () => {
    const { repository, gitDir } = await makeInstalled();
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repository.path, "sub");
    const sub = join(repository.path, "sub");
    writeFileSync(join(gitDir, "modules/sub/hooks/post-commit"), `#!/bin/sh\n${renderBlock("post-commit")}`, {
      mode: 0o755,
    });
    expect(run("git", COMMIT, { cwd: sub })).toEqual(SILENT);
    expect(ringsOf(gitDir)).toEqual([]);
  });

  test("a moved repository rings on", async () => {
    const { repository } = await makeInstalled();
    const moved = join(dirname(repository.path), "moved");
    run("mv", [repository.path, moved], { cwd: "/" });
    expect(run("git", COMMIT, { cwd: moved })).toEqual(SILENT);
    expect(ringsOf(join(moved, ".git"))).toHaveLength(1);
  });

  test("another specs root is watched in place of kitty-specs, whatever is in its name", async () => {
    const specsRoot = "docs/it's $(touch pwned) \\n specs";
    const { repository, gitDir } = await makeInstalled({ specsRoot });
    const env = { TEST_SPECS_ROOT: specsRoot };
    run("git", COMMIT, { cwd: repository.path, env });
    commitMove(repository, env);
    expect(ringsOf(gitDir)).toHaveLength(1);
    repository.write(`${specsRoot}/WP01.md`, "1");
    repository.git("add", "--all");
    expect(run("git", COMMIT, { cwd: repository.path, env })).toEqual(SILENT);
    expect(ringsOf(gitDir)).toHaveLength(2);
    expect(run("git", COMMIT, { cwd: repository.path, env })).toEqual(SILENT);
    expect(ringsOf(gitDir)).toHaveLength(2);
    expect(existsSync(join(repository.path, "pwned"))).toBe(false);
  });
});

describe("the gate", () => {
  test("costs one git process when nothing relevant changed", async () => {
    const { repository, gitDir } = await makeInstalled();
    repository.commit("First");
    const trace = join(dirname(repository.path), "trace");
    repository.gitWith({ env: { GIT_TRACE2_EVENT: trace } }, ...COMMIT);
    const started = read(trace)
      .split("\n")
      .filter((line) => line.includes('"event":"start"'));
    expect(started.filter((line) => line.includes("rev-parse"))).toHaveLength(1);
    expect(started).toHaveLength(2);
    expect(ringsOf(gitDir)).toHaveLength(1);
  });

  test("stays shut at a checkout of files, even where nothing was noted yet", async () => {
    const { repository, gitDir } = await makeInstalled();
    repository.write(TASK, "2\n");
    repository.git("checkout", "--quiet", "--", TASK);
    expect(ringsOf(gitDir)).toEqual([]);
    repository.git("checkout", "--quiet", "main");
    expect(hooksOf(ringsOf(gitDir))).toEqual(["post-checkout"]);
  });

  test("rings once the work packages are gone, and not again", async () => {
    const { repository, gitDir } = await makeInstalled();
    repository.commit("First");
    repository.git("rm", "-qr", "kitty-specs");
    repository.commit("Gone");
    repository.commit("Next");
    expect(read(join(gitDir, "spec-kitty.tree"))).toBe("none\n");
    expect(ringsOf(gitDir)).toHaveLength(2);
    repository.git("checkout", "-qb", "side", "HEAD~1");
    repository.commit("Side");
    repository.git("merge", "-q", "--no-edit", "main");
    expect(hooksOf(ringsOf(gitDir))).toEqual(["post-commit", "post-commit", "post-merge"]);
  });

  test("rings at the first commit of all", async () => {
    const repository = makeRepository();
    await installAt(repository.path, { packageRoot: makePackage(repository) });
    repository.commit("Start");
    repository.commit("Next");
    expect(ringsOf(join(repository.path, ".git"))).toHaveLength(1);
  });
});

describe("whatever is broken, git neither fails nor speaks", () => {
  interface Situation {
    arrange?: (ours: string) => void;
    env?: Record<string, string>;
    rings?: number;
    bells?: number;
  }
  const situations: Record<string, Situation> = {
    "nothing is broken": {},
    "SPEC_KITTY_HOOKS=0": { env: { SPEC_KITTY_HOOKS: "0" }, rings: 0, bells: 0 },
    "a drain that commits": { env: { SPEC_KITTY_IN_HOOK: "1" }, rings: 0, bells: 0 },
    "mode off": { arrange: (ours) => writeFileSync(join(ours, "env"), "SK_MODE=off\n"), rings: 0, bells: 0 },
    "the folder is gone": { arrange: (ours) => rmSync(ours, { recursive: true }), rings: 0, bells: 0 },
    "the script is gone": { arrange: (ours) => rmSync(join(ours, "hook")), rings: 0, bells: 0 },
    "the script is a directory": {
      arrange: (ours) => {
        rmSync(join(ours, "hook"));
        mkdirSync(join(ours, "hook"));
      },
      rings: 0,
      bells: 0,
    },
    "the drain is gone": { arrange: (ours) => rmSync(join(ours, "drain.cjs")), rings: 0 },
    "the drain fails": {
      arrange: (ours) => writeFileSync(join(ours, "drain.cjs"), "throw new Error('broken');"),
      rings: 0,
    },
    "the settings are gone": { arrange: (ours) => rmSync(join(ours, "env")) },
    "garbage in the settings": {
      arrange: (ours) =>
        writeFileSync(
          join(ours, "env"),
          Buffer.from('SK_NODE=$(touch pwned)\n"`touch pwned`(((\n\0\xff;exit 3\nSK_ROOT=', "latin1"),
        ),
    },
    "garbage in the noted tree": {
      arrange: (ours) => writeFileSync(join(ours, "../spec-kitty.tree"), "*\0[`touch pwned`\n\n"),
    },
    "the noted tree is a directory": { arrange: (ours) => mkdirSync(join(ours, "../spec-kitty.tree")) },
    "the recorded node is gone": { arrange: (ours) => writeFileSync(join(ours, "env"), "SK_NODE=/gone/node\n") },
    "the recorded node is a directory": { arrange: (ours) => writeFileSync(join(ours, "env"), "SK_NODE=/usr\n") },
    "the recorded node does not start": {
      arrange: (ours) => writeFileSync(join(ours, "env"), "SK_NODE=/etc/passwd\n"),
    },
    "the spool cannot be written": { arrange: (ours) => mkdirSync(join(ours, "spool")), rings: 0, bells: 0 },
    "the log cannot be written": { arrange: (ours) => mkdirSync(join(ours, "hook.log")) },
    "NODE_OPTIONS that would break every node": {
      env: { NODE_OPTIONS: "--require /gone.js", NODE_EXTRA_CA_CERTS: "/gone" },
    },
    "a rebase that was left behind": {
      arrange: (ours) => mkdirSync(join(ours, "../rebase-apply")),
      rings: 0,
      bells: 0,
    },
  };

  let shared: Awaited<ReturnType<typeof makeInstalled>>;
  beforeAll(async () => {
    shared = await makeInstalled({}, afterAll);
  });
  beforeEach(() => {
    const { gitDir: commonDir, packageRoot } = shared;
    for (const name of ["spec-kitty", "spec-kitty.tree", "rebase-apply"]) {
      rmSync(join(commonDir, name), { recursive: true, force: true });
    }
    const settings = { node: process.execPath, specsRoot: "kitty-specs", mode: "sync" } as const;
    writeHookFiles({ commonDir, packageRoot, settings });
  });

  test.each(Object.entries(situations))("%s", (_, { arrange, env, rings = 1, bells: rung = 1 }) => {
    const { repository, gitDir, ours } = shared;
    arrange?.(ours);
    expect(commitMove(repository, env)).toEqual(SILENT);
    expect(ringsOf(gitDir)).toHaveLength(rings);
    const hasSpool = statSync(join(ours, "spool"), { throwIfNoEntry: false })?.isFile() ?? false;
    expect(hasSpool ? bells(ours).length : 0).toBe(rung);
    for (const ring of ringsOf(gitDir)) {
      expect([ring.NODE_OPTIONS, ring.NODE_EXTRA_CA_CERTS]).toEqual([undefined, undefined]);
    }
    expect(existsSync(join(repository.path, "pwned"))).toBe(false);
  });
});

describe("in a host that is", () => {
  const shells = ["dash", "bash", "busybox sh", "ksh", "mksh"].filter(
    (shell) => run("sh", ["-c", `command -v ${shell}`], { cwd: "/" }).status === 0,
  );

  test.each(shells)("%s with set -eu, our lines ring and the host runs on", async (shell) => {
    const { repository, gitDir, ours } = await makeInstalled();
    const hook = join(gitDir, "hooks/post-commit");
    const host = `set -fCeu\nIFS=/\n${renderBlock("post-commit")}echo "host: $# [$IFS] $(set | grep -c ^_sk)"\nread -r line || :\nexit 7\n`;
    writeFileSync(hook, `#!/usr/bin/env -S ${shell}\n${host}`);
    const said = { stderr: "host: 0 [/] 0\n" };
    expect(commitMove(repository)).toMatchObject({ status: 0, ...said });
    expect(ringsOf(gitDir)).toHaveLength(1);
    expect(run("git", COMMIT, { cwd: repository.path })).toMatchObject({ status: 0, ...said });
    rmSync(ours, { recursive: true });
    expect(commitMove(repository)).toMatchObject({ status: 0, stderr: expect.stringMatching(/^host: /) });
  });

  test.each(shells)("%s, and the script executed under its own name", async (shell) => {
    const { repository, gitDir } = await makeInstalled();
    const call = `_sk_hook=post-commit ${shell} .git/spec-kitty/hook && ${shell} .git/spec-kitty/hook`;
    expect(run("sh", ["-c", call], { cwd: repository.path })).toEqual(SILENT);
    expect(hooksOf(ringsOf(gitDir))).toEqual(["post-commit"]);
  });

  test("somebody else's, our checkout hook changes neither its status nor its input", async () => {
    const { repository, gitDir } = await makeInstalled();
    const hook = join(gitDir, "hooks/post-rewrite");
    writeFileSync(hook, `#!/bin/sh\n${renderBlock("post-rewrite")}cat >"${gitDir}/rewritten"\n`);
    writeFileSync(join(gitDir, "hooks/post-checkout"), `#!/bin/sh\n${renderBlock("post-checkout")}exit 3\n`);
    commitMove(repository);
    repository.git("commit", "-q", "--amend", "-m", "Y");
    expect(read(join(gitDir, "rewritten")).split(" ")).toHaveLength(2);
    expect(run("git", ["checkout", "-q", "-b", "x"], { cwd: repository.path }).status).toBe(1);
  });
});

describe("a machine where", () => {
  test("stdin stays open does not keep git waiting", async () => {
    const { repository, gitDir } = await makeInstalled();
    writeFileSync(join(repository.path, TASK), "2\n");
    const child = spawn("git", [...COMMIT, "--all"], { cwd: repository.path, stdio: ["pipe", "ignore", "ignore"] });
    const status = await new Promise((resolve) => child.on("close", resolve));
    child.stdin.end();
    expect(status).toBe(0);
    expect(ringsOf(gitDir)).toHaveLength(1);
  });

  test("there is no node at all keeps the bell", async () => {
    const { repository, gitDir, ours } = await makeInstalled();
    // The ladder ends in folders of the system, so the script gets a system without them.
    const script = join(ours, "hook");
    writeFileSync(script, read(script).replace(/\/usr(\/local)?\/bin\/node|\/opt\/homebrew\/bin\/node/g, "/gone/node"));
    writeFileSync(join(ours, "env"), "SK_NODE=/gone/node\n");
    const bin = join(dirname(repository.path), "bin");
    mkdirSync(join(bin, "node"), { recursive: true });
    const git = run("sh", ["-c", "command -v git"], { cwd: "/" }).stdout.trim();
    symlinkSync(git, join(bin, "git"));
    writeFileSync(join(repository.path, TASK), "2\n");
    const committed = run(git, [...COMMIT, "--all"], { cwd: repository.path, env: { PATH: bin, HOME: "/gone" } });
    expect(committed).toEqual(SILENT);
    expect(ringsOf(gitDir)).toEqual([]);
    expect(bells(ours)).toHaveLength(1);
  });

  test("node is found where version managers keep it, and never in the repository", async () => {
    const { repository, gitDir, ours } = await makeInstalled();
    const script = join(ours, "hook");
    writeFileSync(script, read(script).replace(/\/usr(\/local)?\/bin\/node|\/opt\/homebrew\/bin\/node/g, "/gone/node"));
    writeFileSync(join(ours, "env"), "SK_NODE=\n");
    const home = join(dirname(repository.path), "home");
    const places = ["v18.2.0", "v22.1.0", "v9.11.2"].map((version) => join(home, ".nvm/versions/node", version, "bin"));
    for (const place of places) {
      mkdirSync(place, { recursive: true });
      symlinkSync(process.execPath, join(place, "node"));
    }
    const evil = "#!/bin/sh\ntouch pwned\n";
    repository.write("node_modules/.bin/node", evil);
    chmodSync(join(repository.path, "node_modules/.bin/node"), 0o755);
    const bin = join(dirname(repository.path), "bin");
    mkdirSync(bin);
    for (const name of ["git", "env"])
      symlinkSync(run("sh", ["-c", `command -v ${name}`], { cwd: "/" }).stdout.trim(), join(bin, name));
    const env = { PATH: `node_modules/.bin:${bin}`, HOME: home };
    writeFileSync(join(repository.path, TASK), "2\n");
    expect(run(join(bin, "git"), [...COMMIT, "--all"], { cwd: repository.path, env })).toEqual(SILENT);
    expect(existsSync(join(repository.path, "pwned"))).toBe(false);
    expect(ringsOf(gitDir)).toHaveLength(1);
  });

  test("PATH is empty still rings", async () => {
    const { repository, ours } = await makeInstalled();
    const git = run("sh", ["-c", "command -v git"], { cwd: "/" }).stdout.trim();
    expect(run(git, COMMIT, { cwd: repository.path, env: { PATH: "" } })).toEqual(SILENT);
    expect(bells(ours)).toHaveLength(1);
    expect(
      run("/bin/sh", [join(repository.path, ".git/hooks/post-commit")], { cwd: repository.path, env: { PATH: "" } }),
    ).toEqual(SILENT);
  });

  test("the repository cannot be written by who runs git", async () => {
    const { repository, gitDir, ours } = await makeInstalled();
    const folder = dirname(repository.path);
    const asNobody = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
    if (asNobody.length > 0 && run("setpriv", ["--version"], { cwd: "/" }).status !== 0) {
      console.log("root without setpriv may write everywhere: a repository that cannot be written was not tried");
      return;
    }
    for (const mode of [0o500, 0o555]) {
      chmodSync(folder, 0o755);
      chmodSync(ours, mode);
      chmodSync(join(ours, "hook"), 0o755);
      chmodSync(gitDir, 0o555);
      const [command = "git", ...args] = [...asNobody, "git", "-c", "safe.directory=*", "hook", "run", "post-commit"];
      const env = {
        GIT_CONFIG_GLOBAL: "/dev/null",
        HOME: "/gone",
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "safe.directory",
        GIT_CONFIG_VALUE_0: "*",
      };
      const hooked = run(command, args, { cwd: repository.path, env });
      chmodSync(gitDir, 0o755);
      chmodSync(ours, 0o700);
      expect(hooked).toEqual(SILENT);
      expect([bells(ours), ringsOf(gitDir)]).toEqual([[], []]);
    }
  });
});

describe("mode detached", () => {
  test("gives git back at once, also to a reader of its output", async () => {
    const { repository, gitDir, ours } = await makeInstalled({ mode: "detached" });
    const gate = join(dirname(repository.path), "gate");
    const look = `existsSync(${JSON.stringify(gate)})`;
    const pause = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)";
    const wait = `for (let n = 0; n < 250 && !require("node:fs").${look}; n++) ${pause};\n`;
    writeFileSync(join(ours, "drain.cjs"), `${wait}${read(join(ours, "drain.cjs"))}`);
    writeFileSync(join(repository.path, TASK), "2\n");
    const committed = run("sh", ["-c", 'git "$@" 2>&1 | cat', "sh", ...COMMIT, "--all"], { cwd: repository.path });
    expect(committed).toEqual(SILENT);
    expect(bells(ours)).toHaveLength(1);
    expect(ringsOf(gitDir)).toEqual([]);
    writeFileSync(gate, "");
    await expect.poll(() => ringsOf(gitDir).length, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => existsSync(join(gitDir, "spec-kitty.tree")), { timeout: 10_000 }).toBe(true);
  });
});
