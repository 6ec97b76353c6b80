import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { HOOKS } from "../../../src/git/hooks/block.ts";
import { readHookStatus } from "../../../src/git/hooks/read-hook-status.ts";
import { uninstallHooks } from "../../../src/git/hooks/uninstall-hooks.ts";
import { installAt, makePackage, openAt, ringsOf, run, snapshotOf } from "../../helpers/hook-repository.ts";
import { makeRepository, type TestRepository } from "../../helpers/repository.ts";

const husky = join(import.meta.dirname, "../../../node_modules/husky/bin.js");

/** A repository with somebody's hooks in it. */
interface Scene {
  /** Where hooks are installed from and commits are made; the repository itself without it. */
  readonly worktree?: string;
  readonly into?: string;
  /** Hooks that fire here and in a new worktree; all four without it. */
  readonly fires?: readonly string[];
  readonly firesElsewhere?: readonly string[];
  /** Somebody's own hook says so at each commit; false where their hook was never going to run. */
  readonly others?: boolean;
  readonly problem?: RegExp;
  /** What git runs with, besides what it always has. */
  readonly env?: Record<string, string>;
}

interface Stage {
  readonly repository: TestRepository;
  /** A line of sh that leaves a trace of somebody's own hook. */
  readonly trace: string;
  /** Writes an executable file. */
  write(path: string, content: string, mode?: number): void;
}

const SAMPLE = "#!/bin/sh\n";
const none: readonly string[] = [];

const situations: Record<string, (stage: Stage) => Scene> = {
  "no hooks": () => ({}),
  "no hooks directory": ({ repository }) => {
    run("rm", ["-rf", join(repository.path, ".git/hooks")], { cwd: repository.path });
    return {};
  },
  "a hand-written hook that ends with exec": ({ trace, write }) => {
    write(".git/hooks/post-commit", `${SAMPLE}# ours\n${trace}\nexec true\nnever\n`);
    return { others: true };
  },
  "a hook for bash with set -eu and no last line break": ({ trace, write }) => {
    write(".git/hooks/post-commit", `#!/usr/bin/env bash\nset -euo pipefail\n${trace}`);
    return { others: true };
  },
  "a hook without a shebang": ({ trace, write }) => {
    write(".git/hooks/post-commit", `${trace}\n`);
    return { others: true };
  },
  "a hook in another language": ({ trace, write }) => {
    const command = trace.replace(/^echo ran >>/, "").replaceAll("'", '"');
    write(".git/hooks/post-commit", `#!/usr/bin/env node\nrequire("fs").appendFileSync(${command}, "ran\\n");\n`);
    return {
      others: true,
      fires: HOOKS.slice(1),
      firesElsewhere: HOOKS.slice(1),
      problem: /no sh script \(#!\/usr\/bin\/env node\)/,
    };
  },
  "a hook of bytes that are no UTF-8": ({ trace, repository }) => {
    const file = join(repository.path, ".git/hooks/post-commit");
    writeFileSync(file, Buffer.concat([Buffer.from(`${SAMPLE}# caf\xe9 \xff\n`, "latin1"), Buffer.from(`${trace}\n`)]));
    chmodSync(file, 0o755);
    return { others: true };
  },
  "a hook that is not executable": ({ trace, write }) => {
    write(".git/hooks/post-commit", `${SAMPLE}${trace}\n`, 0o644);
    return { fires: HOOKS.slice(1), firesElsewhere: HOOKS.slice(1), problem: /not executable/ };
  },
  "a hook that only its owner may read": ({ trace, write }) => {
    write(".git/hooks/post-commit", `${SAMPLE}${trace}\n`, 0o700);
    return { others: true };
  },
  "a hook that is a link inside the git directory": ({ trace, write, repository }) => {
    write(".git/shared-hook", `${SAMPLE}${trace}\n`);
    symlinkSync("../shared-hook", join(repository.path, ".git/hooks/post-commit"));
    return { others: true };
  },
  "a hook that is a link to a tracked file": ({ trace, write, repository }) => {
    write("scripts/post-commit", `${SAMPLE}${trace}\n`);
    symlinkSync("../../scripts/post-commit", join(repository.path, ".git/hooks/post-commit"));
    return { others: true, fires: HOOKS.slice(1), firesElsewhere: HOOKS.slice(1), problem: /a link to .*scripts/ };
  },
  "a hook that is a link to nothing": ({ repository }) => {
    symlinkSync("../gone", join(repository.path, ".git/hooks/post-commit"));
    return { fires: HOOKS.slice(1), firesElsewhere: HOOKS.slice(1), problem: /leads nowhere/ };
  },
  "husky 9, nothing tracked is touched": ({ repository, trace, write }) => {
    run(process.execPath, [husky], { cwd: repository.path });
    write(".husky/post-commit", `${trace}\n`, 0o644);
    return { others: true, fires: none, firesElsewhere: none, problem: /core\.hooksPath \(local\) leads to .*\.husky/ };
  },
  "husky 9 with --into": ({ repository, trace, write }) => {
    run(process.execPath, [husky], { cwd: repository.path });
    write(".husky/post-commit", `${trace}\n`, 0o644);
    return { others: true, into: ".husky", firesElsewhere: none, problem: /_, which does not exist/ };
  },
  "husky 9 with --into, and CRLF line ends": ({ repository, trace, write }) => {
    run(process.execPath, [husky], { cwd: repository.path });
    write(".husky/post-commit", `${trace} #\r\n`, 0o644);
    return { others: true, into: ".husky", firesElsewhere: none };
  },
  "a hook with CRLF line ends, which only Windows starts": ({ trace, write }) => {
    write(".git/hooks/post-commit", `#!/bin/sh\r\n${trace} #\r\n`);
    return { fires: HOOKS.slice(1), firesElsewhere: HOOKS.slice(1), problem: /the CR at the end of its first line/ };
  },
  "git-lfs": (stage) => {
    const missing = `{ echo >&2 "\\nThis repository is configured for Git LFS.\\n"; exit 2; }`;
    for (const hook of ["post-commit", "post-checkout", "post-merge"]) {
      const guard = `command -v git-lfs >/dev/null 2>&1 || ${missing}`;
      stage.write(`.git/hooks/${hook}`, `#!/bin/sh\n${guard}\ngit lfs ${hook} "$@"\n`);
    }
    return withTool(stage, "git-lfs");
  },
  lefthook: (stage) => {
    const off = `if [ "$LEFTHOOK" = "0" ]; then\n  exit 0\nfi\n`;
    const call = `call_lefthook()\n{\n  lefthook "$@"\n}\n\ncall_lefthook run "post-commit" "$@"\n`;
    stage.write(".git/hooks/post-commit", `#!/bin/sh\n\n${off}\n${call}`);
    return withTool(stage, "lefthook");
  },
  "pre-commit": (stage) => {
    const head = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n\n# start templated\n";
    const args = `ARGS=(hook-impl --config=.pre-commit-config.yaml --hook-type=post-commit)\n# end templated\n`;
    const here = `HERE="$(cd "$(dirname "$0")" && pwd)"\nARGS+=(--hook-dir "$HERE" -- "$@")\n`;
    stage.write(".git/hooks/post-commit", `${head}${args}${here}exec pre-commit "\${ARGS[@]}"\n`);
    return withTool(stage, "pre-commit");
  },
  "core.hooksPath in the working tree": ({ repository, trace, write }) => {
    repository.git("config", "core.hooksPath", ".githooks");
    write(".githooks/post-commit", `${SAMPLE}${trace}\n`);
    return {
      others: true,
      fires: none,
      firesElsewhere: none,
      problem: /leads to .*\.githooks, whose files are tracked/,
    };
  },
  "core.hooksPath in the working tree with --into": ({ repository, trace, write }) => {
    repository.git("config", "core.hooksPath", ".githooks");
    write(".githooks/post-commit", `${SAMPLE}${trace}\n`);
    return { others: true, into: ".githooks" };
  },
  "core.hooksPath outside the repository": ({ repository, trace, write }) => {
    const shared = join(dirname(repository.path), "shared hooks");
    write("../shared hooks/post-commit", `${SAMPLE}${trace}\n`);
    repository.git("config", "core.hooksPath", shared);
    return { others: true, fires: none, firesElsewhere: none, problem: /outside the repository/ };
  },
  "core.hooksPath in the git directory": ({ repository, trace, write }) => {
    repository.git("config", "core.hooksPath", join(repository.path, ".git/my hooks"));
    write(".git/my hooks/post-commit", `${SAMPLE}${trace}\n`);
    return { others: true };
  },
  "an empty core.hooksPath": ({ repository }) => {
    repository.git("config", "core.hooksPath", "");
    return { fires: none, firesElsewhere: none, problem: /core\.hooksPath \(local\) is empty/ };
  },
  "a linked worktree": ({ repository }) => {
    const worktree = join(dirname(repository.path), "linked tree");
    repository.git("worktree", "add", "--quiet", "-b", "linked", worktree);
    return { worktree };
  },
  "a subdirectory": ({ repository, write }) => {
    write("deep/er/file", "");
    return { worktree: join(repository.path, "deep/er") };
  },
  "a submodule": ({ repository }) => {
    const inner = makeRepository();
    inner.commit("Inner");
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.path, "sub");
    return { worktree: join(repository.path, "sub") };
  },
  "a bare repository with a worktree": ({ repository }) => {
    const bare = join(dirname(repository.path), "bare.git");
    repository.git("clone", "--quiet", "--bare", ".", bare);
    const worktree = join(dirname(repository.path), "of bare");
    repository.git("-C", bare, "worktree", "add", "--quiet", "-b", "of-bare", worktree);
    return { worktree };
  },
  "a separate git directory": ({ repository }) => {
    const worktree = join(dirname(repository.path), "apart");
    repository.git(
      "clone",
      "--quiet",
      "--separate-git-dir",
      join(dirname(repository.path), "git of apart"),
      ".",
      worktree,
    );
    return { worktree };
  },
};

/** Puts a tool on PATH that only leaves a trace. */
function withTool({ repository, trace, write }: Stage, name: string): Scene {
  write(`../bin/${name}`, `#!/bin/sh\n${trace}\n`);
  return { others: true, env: { PATH: `${dirname(repository.path)}/bin:${process.env["PATH"]}` } };
}

describe.each(Object.entries(situations))("%s", (_, arrange) => {
  test("hooks fire or say why not, others still run, and every byte comes back", async () => {
    const repository = makeRepository();
    const packageRoot = makePackage(repository);
    repository.commit("Start");
    const ran = join(dirname(repository.path), "ran");
    const scene = arrange({
      repository,
      trace: `echo ran >>'${ran}'`,
      write(path, content, mode = 0o755) {
        repository.write(path, content);
        chmodSync(join(repository.path, path), mode);
      },
    });
    const { worktree = repository.path, fires = HOOKS, firesElsewhere = HOOKS, others, problem } = scene;
    const { commonDir } = await openAt(worktree);
    const paths = [
      join(commonDir, "hooks"),
      join(commonDir, "my hooks"),
      join(commonDir, "config"),
      dirname(repository.path),
    ];
    const seen = () => withoutGit(snapshotOf(...paths));
    const before = seen();
    const into = scene.into === undefined ? undefined : join(repository.path, scene.into);

    await installAt(worktree, { packageRoot, into });
    const installed = seen();
    await installAt(worktree, { packageRoot, into });
    expect(seen()).toEqual(installed);
    if (fires.length > 0) expect(installed).not.toEqual(before);

    if (scene.into) run("git", ["add", scene.into], { cwd: worktree });
    const commit = [
      "-c",
      "user.name=T",
      "-c",
      "user.email=t@example.invalid",
      "commit",
      "--quiet",
      "--allow-empty",
      "-mX",
    ];
    const committed = run("git", commit, { cwd: worktree, ...(scene.env && { env: scene.env }) });
    expect(committed).toEqual({ status: 0, stdout: "", stderr: expect.not.stringContaining("spec-kitty") });
    expect(ringsOf(commonDir).map(({ hook }) => hook)).toEqual(fires.filter((hook) => hook === "post-commit"));
    if (others) expect(readFileSync(ran, "utf8")).toBe("ran\n");

    const added = join(dirname(repository.path), "added tree");
    run("git", ["worktree", "add", "--quiet", "--detach", added], { cwd: worktree });
    const statuses = await readHookStatus(await openAt(worktree), process.env);
    const here = statuses.find((status) => worktree.startsWith(status.worktree));
    const there = statuses.find((status) => status.worktree === added);
    expect(here?.hooks.filter((hook) => hook.fires).map(({ hook }) => hook)).toEqual(fires);
    expect(there?.hooks.filter((hook) => hook.fires).map(({ hook }) => hook)).toEqual(firesElsewhere);
    if (problem) expect(statuses.flatMap(({ hooks }) => hooks.map((hook) => hook.problem)).join()).toMatch(problem);
    if (others) expect(readFileSync(ran, "utf8")).toBe("ran\n");
    run("git", ["worktree", "remove", "--force", added], { cwd: worktree });

    uninstallHooks(commonDir, { purge: false });
    expect(seen()).toEqual(before);
    await installAt(worktree, { packageRoot, into });
    expect(seen()).toEqual(installed);
    const undone = run("sh", [join(commonDir, "spec-kitty/uninstall"), "--purge"], {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
    });
    expect(undone).toMatchObject({ status: 0, stderr: "" });
    expect(seen()).toEqual(before);
    expect(snapshotOf(join(commonDir, "spec-kitty/..")).toString()).not.toContain("spec-kitty");
  });
});

/** What git itself writes as it works is not ours. */
function withoutGit(files: Record<string, string>): Record<string, string> {
  const own =
    /\/(objects|logs|refs|worktrees|package|index|HEAD|ORIG_HEAD|COMMIT_EDITMSG|packed-refs|spec-kitty(\.tree)?|ran)(\/|$)/;
  return Object.fromEntries(Object.entries(files).filter(([path]) => !own.test(path)));
}

describe("beside the real tool", () => {
  const config = "repos:\n- repo: local\n  hooks:\n";
  const hook = "always_run: true, stages: [post-commit], pass_filenames: false, language: system";
  const tools: Record<string, { install: string[]; files?: (ran: string) => Record<string, string> }> = {
    lefthook: {
      install: ["install"],
      files: (ran) => ({ "lefthook.yml": `post-commit:\n  commands:\n    mark:\n      run: touch '${ran}'\n` }),
    },
    "pre-commit": {
      install: ["install", "--hook-type", "post-commit"],
      files: (ran) => ({
        ".pre-commit-config.yaml": `${config}  - {id: mark, name: mark, entry: touch '${ran}', ${hook}}\n`,
      }),
    },
    "git-lfs": { install: ["install", "--local"] },
  };

  test.each(Object.entries(tools))("%s keeps working, and is told when it drops our lines", async (name, tool) => {
    if (run("sh", ["-c", `command -v ${name}`], { cwd: "/" }).status !== 0) {
      console.log(`${name} is not on PATH: only its hook file, as it writes it, was tried`);
      return;
    }
    const repository = makeRepository();
    const packageRoot = makePackage(repository);
    const ran = join(dirname(repository.path), "ran");
    repository.commit("Start", { files: tool.files?.(ran) ?? {} });
    expect(run(name, tool.install, { cwd: repository.path })).toMatchObject({ status: 0 });
    const hooks = join(repository.path, ".git/hooks");
    const before = snapshotOf(hooks);
    await installAt(repository.path, { packageRoot });
    repository.commit("Next");
    expect(ringsOf(join(repository.path, ".git"))).toMatchObject([{ hook: "post-commit" }]);
    if (tool.files) expect(existsSync(ran)).toBe(true);
    const fires = async () => {
      const [status] = await readHookStatus(await openAt(repository.path), process.env);
      return status?.hooks.filter((each) => each.fires).map((each) => each.hook);
    };
    expect(await fires()).toEqual(HOOKS);
    if (tool.files) {
      run(name, [...tool.install, "-f"], { cwd: repository.path }); // writes its own file anew
      expect(await fires()).toEqual(HOOKS.slice(1));
      await installAt(repository.path, { packageRoot });
      expect(await fires()).toEqual(HOOKS);
    }
    uninstallHooks(join(repository.path, ".git"), { purge: true });
    expect(snapshotOf(hooks)).toEqual(before);
  });
});
