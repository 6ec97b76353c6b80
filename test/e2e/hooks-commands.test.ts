import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../src/commands/run-cli.ts";
import { HOOKS } from "../../src/git/hooks/block.ts";
import { makeContext } from "../commands/cli-context.ts";
import { CLI as cli, ensureBuilt } from "../helpers/built.ts";
import { run, snapshotOf } from "../helpers/hook-repository.ts";
import { makeRepository } from "../helpers/repository.ts";

beforeAll(ensureBuilt);

/** Runs a command line in a directory; gives its status and all it wrote. */
async function spec(cwd: string, line: string, env: Record<string, string> = {}) {
  const { context, written } = makeContext({ cwd, env: { ...process.env, CI: undefined, ...env } });
  const status = await runCli(line.split(" "), context);
  return { status, ...written };
}

const files = (...lines: string[]) => `${lines.join("\n")}\n`;

describe("hooks install", () => {
  test("says what became of each hook, and that all fire", async () => {
    const { path } = makeRepository();
    expect(await spec(path, "hooks install")).toEqual({
      status: 0,
      stdout: files(
        "post-commit    created   .git/hooks/post-commit",
        "post-merge     created   .git/hooks/post-merge",
        "post-checkout  created   .git/hooks/post-checkout",
        "post-rewrite   created   .git/hooks/post-rewrite",
        "All hooks fire.",
      ),
      stderr: "",
    });
    expect((await spec(path, "hooks install")).stdout).toContain("post-merge     unchanged .git/hooks/post-merge");
  });

  test("upgrades an older block, adds to a hook, and says how to mend one it leaves alone", async () => {
    const { path } = makeRepository();
    const hook = (name: string) => join(path, ".git/hooks", name);
    await spec(path, "hooks install");
    writeFileSync(hook("post-commit"), readFileSync(hook("post-commit"), "utf8").replace(" v1 ", " v0 "));
    writeFileSync(hook("post-merge"), "#!/bin/sh\ntrue\n");
    writeFileSync(hook("post-checkout"), "#!/usr/bin/python3\n");
    const { status, stdout } = await spec(path, "hooks install");
    expect(status).toBe(0);
    expect(stdout).toBe(
      files(
        "post-commit    upgraded  .git/hooks/post-commit",
        "post-merge     added     .git/hooks/post-merge",
        "post-checkout  refused   .git/hooks/post-checkout: it is no sh script (#!/usr/bin/python3).",
        `  Mend that, or start this from it: _sk_hook=post-checkout sh '${path}/.git/spec-kitty/hook' "$@"`,
        "post-rewrite   unchanged .git/hooks/post-rewrite",
        `Silent in ${path}: post-checkout: it is no sh script (#!/usr/bin/python3).`,
        "Until then every spec-kitty command catches up. See `spec-kitty hooks status`.",
      ),
    );
  });

  test("changes no tracked file unless told where, and prints the lines to commit", async () => {
    const repository = makeRepository();
    repository.git("config", "core.hooksPath", ".githooks");
    const before = snapshotOf(repository.path);
    const { status, stdout } = await spec(repository.path, "hooks install");
    expect(status).toBe(0);
    expect(stdout).toContain(
      "core.hooksPath (local) leads to .githooks, whose files your team tracks; nothing was written there.\n",
    );
    expect(stdout).toContain(
      "Run `spec-kitty hooks install --into .githooks` and commit, or add these lines to post-commit",
    );
    expect(stdout).toMatch(/\n# >>> spec-kitty hooks v1 [0-9a-f]{8}\n_sk_hook=post-commit /);
    expect(stdout).toContain(`Silent in ${repository.path}: ${HOOKS.join(", ")}: core.hooksPath (local) leads to`);
    expect(snapshotOf(repository.path)).toEqual(before);
    const into = await spec(repository.path, "hooks install --into .githooks");
    expect(into.stdout).toContain("post-commit    created   .githooks/post-commit\n");
    expect(into.stdout).toContain("All hooks fire.");
    expect(Object.keys(snapshotOf(join(repository.path, ".githooks")))).toHaveLength(4);
  });

  test("never writes outside the repository", async () => {
    const repository = makeRepository();
    const shared = join(dirname(repository.path), "shared");
    mkdirSync(shared);
    repository.git("config", "core.hooksPath", shared);
    const { status, stdout } = await spec(repository.path, "hooks install");
    expect(status).toBe(0);
    expect(stdout).toContain(
      `leads to ${shared}, outside this repository; nothing was written there.\nYou may add these`,
    );
    expect(readdirSync(shared)).toEqual([]);
    const into = await spec(repository.path, `hooks install --into ${shared}`);
    expect(into).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`${shared} is not in the working tree of`),
    });
    expect(readdirSync(shared)).toEqual([]);
  });

  test("says what an empty core.hooksPath means", async () => {
    const repository = makeRepository();
    repository.git("config", "core.hooksPath", "");
    const { status, stdout } = await spec(repository.path, "hooks install");
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining("is empty, so git runs no hook; nothing was written."),
    ]);
  });

  test("says what a bare repository without a worktree means", async () => {
    const { path } = makeRepository({ bare: true });
    expect((await spec(path, "hooks install")).stdout).toContain(
      "This repository has no worktree: hooks fire once one is added",
    );
    expect(await spec(path, "hooks status")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("so no hook fires"),
    });
    expect(await spec(path, "hooks install --into x")).toMatchObject({ status: 2 });
  });

  test("keeps quiet in a prepare script, does nothing in CI and never fails", async () => {
    const { path } = makeRepository();
    const silent = { status: 0, stdout: "", stderr: "" };
    expect(await spec(path, "hooks install --quiet", { CI: "true" })).toEqual(silent);
    expect(existsSync(join(path, ".git/spec-kitty"))).toBe(false);
    expect(await spec(dirname(path), "hooks install --quiet", { GIT_CEILING_DIRECTORIES: "/" })).toEqual(silent);
    writeFileSync(join(path, ".git/spec-kitty"), "in the way");
    expect(await spec(path, "hooks install --quiet")).toEqual(silent);
    rmSync(join(path, ".git/spec-kitty"));
    expect(await spec(path, "hooks install --quiet")).toEqual(silent);
    expect(existsSync(join(path, ".git/hooks/post-commit"))).toBe(true);
  });

  test("says which file it could not write", async () => {
    const { path } = makeRepository();
    writeFileSync(join(path, ".git/spec-kitty"), "in the way");
    const { status, stderr } = await spec(path, "hooks install");
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`${path}/.git/spec-kitty cannot be written: EEXIST.`),
    ]);
  });

  test("by many at once gives the same bytes as by one", async () => {
    const one = makeRepository();
    const many = makeRepository();
    for (const { path } of [one, many])
      writeFileSync(join(path, ".git/hooks/post-commit"), "#!/bin/sh\nexec true\n", { mode: 0o755 });
    await spec(one.path, "hooks install");
    const install = () => spawn(process.execPath, [cli, "hooks", "install"], { cwd: many.path, stdio: "ignore" });
    const ended = Array.from({ length: 6 }, install).map(
      (child) => new Promise((resolve) => child.on("close", resolve)),
    );
    expect(await Promise.all(ended)).toEqual([0, 0, 0, 0, 0, 0]);
    const hooksOf = (path: string) => Object.values(snapshotOf(join(path, ".git/hooks")));
    expect(hooksOf(many.path)).toEqual(hooksOf(one.path));
    expect(readdirSync(join(many.path, ".git/spec-kitty")).filter((name) => /\.[0-9a-f]{12}$/.test(name))).toEqual([]);
  });
});

describe("hooks status", () => {
  test("exits with 1 and names what mends it until hooks fire in every worktree", async () => {
    const repository = makeRepository();
    repository.commit("Start");
    const before = await spec(repository.path, "hooks status");
    expect([before.status, before.stdout]).toEqual([
      1,
      expect.stringContaining("silent: not installed\n                 spec-kitty hooks install\n"),
    ]);
    await spec(repository.path, "hooks install");
    expect(await spec(repository.path, "hooks status")).toEqual({
      status: 0,
      stdout: files(
        repository.path,
        ...HOOKS.map((hook) => `  ${hook.padEnd(14)} fires (v1)`),
        "mode: sync",
        `node: ${process.execPath}`,
      ),
      stderr: "",
    });
    chmodSync(join(repository.path, ".git/hooks/post-merge"), 0o644);
    const after = await spec(repository.path, "hooks status");
    expect(after.status).toBe(1);
    expect(after.stdout).toContain(
      `post-merge     silent (v1): it is not executable, so git ignores it\n                 chmod +x '${repository.path}/.git/hooks/post-merge'\n`,
    );
  });

  test("tells the mode and the last error, and finds a node where the recorded one is gone", async () => {
    const { path } = makeRepository();
    await spec(path, "hooks install");
    writeFileSync(join(path, ".git/spec-kitty/env"), "SK_NODE=/gone/node\n");
    run("git", ["config", "spec-kitty.mode", "off"], { cwd: path });
    writeFileSync(join(path, ".git/spec-kitty/hook.log"), "old\nnewest error\n");
    const { status, stdout } = await spec(path, "hooks status");
    expect(status).toBe(1);
    expect(stdout).toContain("mode: off, nothing is captured (git config --unset spec-kitty.mode)\n");
    expect(stdout).toContain(`node: ${process.execPath}\nlast error: newest error\n`);
  });

  test("--json is one object", async () => {
    const { path } = makeRepository();
    await spec(path, "hooks install");
    const { status, stdout } = await spec(path, "hooks status --json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      captured: true,
      installed: true,
      mode: "sync",
      node: { path: process.execPath, exists: true },
      worktrees: [
        {
          worktree: path,
          place: expect.objectContaining({ kind: "own" }),
          hooks: HOOKS.map((hook) => ({
            hook,
            path: join(path, ".git/hooks", hook),
            installed: "current",
            version: 1,
            fires: true,
          })),
        },
      ],
    });
  });
});

describe("hooks uninstall", () => {
  test("says what became of each hook and keeps the queue, --purge keeps nothing", async () => {
    const repository = makeRepository();
    const ours = join(repository.path, ".git/spec-kitty");
    writeFileSync(join(repository.path, ".git/hooks/post-merge"), "#!/bin/sh\ntrue\n", { mode: 0o755 });
    await spec(repository.path, "hooks install");
    writeFileSync(join(ours, "queue.jsonl"), "\n");
    expect(await spec(repository.path, "hooks uninstall")).toEqual({
      status: 0,
      stdout: files(
        "removed   .git/hooks/post-commit",
        "restored  .git/hooks/post-merge",
        "removed   .git/hooks/post-checkout",
        "removed   .git/hooks/post-rewrite",
        "What is queued is kept; --purge removes it.",
      ),
      stderr: "",
    });
    expect(readdirSync(ours)).toEqual(["queue.jsonl", "seen.json"]);
    writeFileSync(join(repository.path, ".git/spec-kitty.tree"), "none\n");
    expect((await spec(repository.path, "hooks uninstall --purge")).stdout).toBe("Nothing of spec-kitty is left.\n");
    expect([existsSync(ours), existsSync(join(repository.path, ".git/spec-kitty.tree"))]).toEqual([false, false]);
  });

  test.each(["hooks uninstall", "sh"])("leaves a block that lost its end to the user's eyes: %s", async (way) => {
    const repository = makeRepository();
    const hook = join(repository.path, ".git/hooks/post-commit");
    await spec(repository.path, "hooks install");
    const torn = readFileSync(hook, "utf8").replace("# <<< spec-kitty\n", "");
    writeFileSync(hook, torn);
    const { status, stderr } =
      way === "sh"
        ? run("sh", [".git/spec-kitty/uninstall"], { cwd: repository.path })
        : await spec(repository.path, way);
    expect([status, stderr]).toEqual([1, expect.stringContaining("the end of the spec-kitty block is missing")]);
    expect(readFileSync(hook, "utf8")).toBe(torn);
    expect(existsSync(join(repository.path, ".git/spec-kitty/uninstall"))).toBe(true);
    expect((await spec(repository.path, "hooks install")).stdout).toContain("its spec-kitty block has no end");
  });
});
