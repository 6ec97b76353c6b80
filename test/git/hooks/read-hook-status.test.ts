import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { addBlock, HOOKS } from "../../../src/git/hooks/block.ts";
import { lineToAdd } from "../../../src/git/hooks/explain-silence.ts";
import { readHookStatus } from "../../../src/git/hooks/read-hook-status.ts";
import { installAt, makePackage, openAt, ringsOf, run } from "../../helpers/hook-repository.ts";
import { makeRepository } from "../../helpers/repository.ts";

async function makeInstalled() {
  const repository = makeRepository();
  repository.commit("Start");
  await installAt(repository.path, { packageRoot: makePackage(repository) });
  const read = async (env = {}) => readHookStatus(await openAt(repository.path), { ...process.env, ...env });
  const hookPath = join(repository.path, ".git/hooks/post-commit");
  return { repository, read, hookPath, ours: join(repository.path, ".git/spec-kitty") };
}

describe("the probe", () => {
  test("runs nobody's hook, rings no bell and leaves nothing behind", async () => {
    const { repository, read, ours } = await makeInstalled();
    const trace = join(dirname(repository.path), "trace");
    for (const hook of HOOKS) {
      const path = join(repository.path, ".git/hooks", hook);
      writeFileSync(path, `${readFileSync(path, "utf8")}touch '${trace}'\n`);
    }
    writeFileSync(join(repository.path, ".git/hooks/pre-commit"), `#!/bin/sh\ntouch '${trace}'\n`, { mode: 0o755 });
    const [status] = await read();
    expect(status?.hooks.map(({ fires }) => fires)).toEqual([true, true, true, true]);
    expect(existsSync(trace)).toBe(false);
    expect([existsSync(join(ours, "spool")), existsSync(join(ours, "probe"))]).toEqual([false, false]);
    expect(ringsOf(join(repository.path, ".git"))).toEqual([]);
  });

  test("does not run a hook in which our lines are not", async () => {
    const { repository, read, hookPath } = await makeInstalled();
    const trace = join(dirname(repository.path), "trace");
    writeFileSync(hookPath, `#!/bin/sh\ntouch '${trace}'\n`);
    const [status] = await read();
    expect(status?.hooks[0]).toMatchObject({
      hook: "post-commit",
      installed: "no",
      fires: false,
      problem: "not installed",
      mend: "spec-kitty hooks install",
    });
    expect(existsSync(trace)).toBe(false);
  });

  test("works inside a hook, before the first commit and in a worktree that is gone", async () => {
    const repository = makeRepository();
    await installAt(repository.path, { packageRoot: makePackage(repository) });
    const read = async () => readHookStatus(await openAt(repository.path), { ...process.env, SPEC_KITTY_IN_HOOK: "1" });
    expect((await read())[0]?.hooks.every(({ fires }) => fires)).toBe(true);
    repository.commit("Start");
    const gone = join(dirname(repository.path), "gone");
    repository.git("worktree", "add", "--quiet", "--detach", gone);
    expect(await read()).toHaveLength(2);
    rmSync(gone, { recursive: true });
    expect((await read()).map(({ worktree }) => worktree)).toEqual([repository.path]);
  });

  test("runs hook files by itself where git is older than 2.36", async () => {
    const { repository, read, hookPath } = await makeInstalled();
    const bin = join(dirname(repository.path), "bin");
    mkdirSync(bin);
    const git = run("sh", ["-c", "command -v git"], { cwd: "/" }).stdout.trim();
    const refuse = `case " $* " in *" hook run "*) echo "git: 'hook' is not a git command. See 'git --help'." >&2; exit 1 ;; *" -z "*worktree*|*"worktree list --porcelain -z"*) exit 129 ;; esac`;
    writeFileSync(join(bin, "git"), `#!/bin/sh\n${refuse}\nexec '${git}' "$@"\n`, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env["PATH"]}` };
    expect((await read(env))[0]?.hooks.map(({ fires }) => fires)).toEqual([true, true, true, true]);
    chmodSync(hookPath, 0o644);
    expect((await read(env))[0]?.hooks.map(({ fires }) => fires)).toEqual([false, true, true, true]);
  });
});

describe("a hook is", () => {
  test("outdated or edited, and still fires", async () => {
    const { read, hookPath } = await makeInstalled();
    writeFileSync(hookPath, readFileSync(hookPath, "utf8").replace("rings when", "rings if"));
    expect((await read())[0]?.hooks[0]).toMatchObject({ installed: "edited", version: 1, fires: true });
    const body = "_sk_hook=post-commit\n. .git/spec-kitty/hook\n";
    const sum = createHash("sha256").update(body).digest("hex").slice(0, 8);
    writeFileSync(hookPath, `#!/bin/sh\n# >>> spec-kitty hooks v0 ${sum}\n${body}# <<< spec-kitty\n`);
    expect((await read())[0]?.hooks[0]).toMatchObject({ installed: "outdated", version: 0, fires: true });
  });

  test("a script in another language that starts ours", async () => {
    const { repository, read, hookPath } = await makeInstalled();
    const line = lineToAdd(join(repository.path, ".git"), "post-commit").replace(' "$@"', "");
    writeFileSync(hookPath, `#!/usr/bin/env node\nrequire("child_process").execSync(${JSON.stringify(line)});\n`);
    expect((await read())[0]?.hooks[0]).toEqual({
      hook: "post-commit",
      path: hookPath,
      installed: "by hand",
      fires: true,
    });
    repository.commit("Next");
    expect(ringsOf(join(repository.path, ".git"))).toHaveLength(1);
  });

  test.each([
    ["that is switched off in this environment", { SPEC_KITTY_HOOKS: "0" }, "SPEC_KITTY_HOOKS=0 is set here"],
    ["that ends before our lines", {}, "git ran it, and it ended before our lines"],
    ["whose script is gone", {}, "not installed"],
  ])("silent where it is one %s", async (name, env, problem) => {
    const { read, hookPath, ours } = await makeInstalled();
    if (name.includes("ends")) writeFileSync(hookPath, addBlock("", "post-commit").replace(/^/, "#!/bin/sh\nexit 0\n"));
    if (name.includes("gone")) rmSync(join(ours, "hook"));
    expect((await read(env))[0]?.hooks[0]).toMatchObject({ fires: false, problem });
  });
});
