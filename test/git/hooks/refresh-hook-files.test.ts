import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readHookMode, readHookSettings } from "../../../src/git/hooks/hook-settings.ts";
import { refreshHookFiles } from "../../../src/git/hooks/refresh-hook-files.ts";
import { installAt, makePackage, openAt } from "../../helpers/hook-repository.ts";
import { makeRepository } from "../../helpers/repository.ts";

const settings = { node: process.execPath, specsRoot: "kitty-specs", mode: "sync" } as const;

async function makeInstalled(node?: string) {
  const repository = makeRepository();
  const packageRoot = makePackage(repository);
  const commonDir = join(repository.path, ".git");
  await installAt(repository.path, { packageRoot, ...(node && { node }) });
  const refresh = (changes = {}) => refreshHookFiles({ commonDir, packageRoot, settings: { ...settings, ...changes } });
  return { repository, packageRoot, commonDir, ours: join(commonDir, "spec-kitty"), refresh };
}

describe("files that hooks run", () => {
  test("are for their owner alone", async () => {
    const { ours } = await makeInstalled();
    const modes = readdirSync(ours).map((name) => [name, (statSync(join(ours, name)).mode & 0o777).toString(8)]);
    expect((statSync(ours).mode & 0o777).toString(8)).toBe("700");
    expect(Object.fromEntries(modes)).toEqual({ "drain.cjs": "700", env: "600", hook: "700", uninstall: "700" });
  });

  test("are written anew only where they differ", async () => {
    const { ours, packageRoot, refresh } = await makeInstalled();
    const inodes = () => Object.fromEntries(readdirSync(ours).map((name) => [name, statSync(join(ours, name)).ino]));
    const before = inodes();
    refresh();
    expect(inodes()).toEqual(before);
    writeFileSync(join(packageRoot, "dist/drain.cjs"), "// newer\n");
    refresh();
    expect(inodes()).toEqual({ ...before, "drain.cjs": expect.any(Number) });
    expect(inodes()["drain.cjs"]).not.toBe(before["drain.cjs"]);
    expect(readFileSync(join(ours, "drain.cjs"), "utf8")).toBe("// newer\n");
    expect(readdirSync(ours)).toHaveLength(4);
  });

  test("are mended when somebody damaged them", async () => {
    const { ours, refresh, packageRoot } = await makeInstalled();
    writeFileSync(join(ours, "hook"), "broken(");
    chmodSync(join(ours, "hook"), 0o777);
    refresh();
    expect(readFileSync(join(ours, "hook"))).toEqual(readFileSync(join(packageRoot, "hooks/spec-kitty.sh")));
    expect(statSync(join(ours, "hook")).mode & 0o777).toBe(0o700);
  });

  test("stay away where hooks were never installed", () => {
    const repository = makeRepository();
    const commonDir = join(repository.path, ".git");
    refreshHookFiles({ commonDir, packageRoot: makePackage(repository), settings });
    expect(existsSync(join(commonDir, "spec-kitty"))).toBe(false);
    expect(readHookSettings(join(commonDir, "spec-kitty"))).toEqual({ ...settings, node: "" });
  });

  test("keep the recorded node while it is there", async () => {
    const { commonDir, refresh } = await makeInstalled();
    refresh({ node: "/other/node", mode: "detached", specsRoot: "docs/it's a 'spec'" });
    expect(readHookSettings(join(commonDir, "spec-kitty"))).toEqual({
      node: process.execPath,
      mode: "detached",
      specsRoot: "docs/it's a 'spec'",
    });
  });

  test("get another node once the recorded one is gone", async () => {
    const { commonDir, refresh } = await makeInstalled("/gone/node");
    refresh();
    expect(readHookSettings(join(commonDir, "spec-kitty")).node).toBe(process.execPath);
  });

  test("know a node of Windows by a path that sh understands, and none with a line break", async () => {
    const windows = await makeInstalled("C:\\Program Files\\nodejs\\node.exe");
    expect(readHookSettings(windows.ours).node).toBe("C:/Program Files/nodejs/node.exe");
    const broken = await makeInstalled("/a\nSK_MODE=off/node");
    expect(readHookSettings(broken.ours)).toEqual({ ...settings, node: "" });
  });
});

describe("the mode", () => {
  test("comes from git's configuration", async () => {
    const repository = makeRepository();
    const { git } = await openAt(repository.path);
    expect(await readHookMode(git)).toBe("sync");
    repository.git("config", "spec-kitty.mode", "detached");
    expect(await readHookMode(git)).toBe("detached");
    repository.git("config", "spec-kitty.mode", "fast");
    await expect(readHookMode(git)).rejects.toMatchObject({
      message: 'git config spec-kitty.mode is "fast", which is no mode.',
      nextStep: "Set it to one of: sync, detached, off.",
    });
  });
});
