import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { queuedMoves } from "../helpers/capture.ts";
import { makeWorld, type SyncWorld } from "../helpers/sync-world.ts";
import { workPackage } from "../helpers/work-package.ts";

/** A repository whose work packages lie where its tracked configuration says. */
function makeElsewhere(config: string): SyncWorld {
  const world = makeWorld({ begin: false });
  world.commit("Plan elsewhere", {
    files: { ".spec-kittyrc.json": config, "docs/specs/002-search/tasks/WP07.md": workPackage({ id: "WP07" }) },
  });
  return world;
}

function moveThere(world: SyncWorld, lane: string): void {
  world.commit(lane, { files: { "docs/specs/002-search/tasks/WP07.md": workPackage({ id: "WP07", lane }) } });
}

const envOf = ({ folder }: SyncWorld): string[] => readFileSync(join(folder, "env"), "utf8").split("\n");

test("the specs root of a tracked configuration counts for commands, and for hooks once they are installed", async () => {
  const world = makeElsewhere('{ "specsRoot": "docs/specs" }');
  expect(await world.run("hooks install")).toMatchObject({ status: 0, stderr: "" });
  expect(envOf(world)).toContain("SK_ROOT=docs/specs");
  moveThere(world, "doing");
  world.git("rm", "-q", "--cached", "kitty-specs/001-login/tasks/WP01.md"); // no work package, seen from here
  world.commit("Others");
  await world.run("events list");
  expect(queuedMoves(world)).toEqual(["WP07 planned>doing"]);
  const { stdout } = await world.run("events infer --all --jsonl");
  expect(stdout).toContain("WP07");
  expect(stdout).not.toContain("001-login");
});

test("git's own configuration decides where both speak", async () => {
  const world = makeElsewhere('{ "specsRoot": "docs/specs" }');
  world.git("config", "spec-kitty.specsRoot", "kitty-specs");
  await world.run("hooks install");
  expect(envOf(world)).toContain("SK_ROOT=kitty-specs");
  world.git("config", "--unset", "spec-kitty.specsRoot");
  await world.run("events list"); // every command brings hooks up to date
  expect(envOf(world)).toContain("SK_ROOT=docs/specs");
});

test("what a branch may not set is refused with one warning; the rest counts, and the command goes on", async () => {
  const world = makeElsewhere('{ "specsRoot": "docs/specs", "server": "https://evil.invalid", "token": "x" }');
  const { status, stdout, stderr } = await world.run("sync status --json");
  expect([status, stderr]).toEqual([
    0,
    '.spec-kittyrc.json: it may set specsRoot and lanes alone, not "server", "token".\n',
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ server: null, login: null });
  expect((await world.run("doctor")).stdout).toContain("work packages in docs/specs/\n");
});

test("a bare repository carries no configuration, and is opened all the same", async () => {
  const world = makeElsewhere('{ "specsRoot": "docs/specs" }');
  const bare = world.beside("bare.git");
  world.git("clone", "--quiet", "--bare", ".", bare);
  const { status, stdout, stderr } = await world.run("doctor", { cwd: bare });
  expect([status, stderr]).toEqual([1, ""]);
  expect(stdout).toContain("work packages in kitty-specs/\n");
});

test("uninstalling with --purge leaves git's configuration byte for byte as it was", async () => {
  for (const own of ["", "[spec-kitty]\n\tserver = https://example.invalid # mine\n[alias]\n\tst = status\n"]) {
    const world = makeWorld({ begin: false });
    const file = join(world.path, ".git/config");
    const before = readFileSync(file, "utf8") + own;
    world.write(".git/config", before);
    await world.run("hooks install");
    expect(readFileSync(file, "utf8")).toMatch(/\n\tproject = [0-9a-f-]{36}\n/);
    expect(await world.run("hooks uninstall")).toMatchObject({ status: 0 });
    expect(readFileSync(file, "utf8")).toContain("\tproject = ");
    expect(await world.run("hooks uninstall --purge")).toEqual({
      status: 0,
      stdout: "Nothing of spec-kitty is left.\n",
      stderr: "",
    });
    expect(readFileSync(file, "utf8")).toBe(before);
  }
});
