import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createGit } from "../../src/git/git.ts";
import { readScopedSettings } from "../../src/git/read-settings.ts";
import { makeFolder } from "../helpers/folder.ts";
import { makeRepository } from "../helpers/repository.ts";

const read = (path: string, env: Readonly<Record<string, string | undefined>> = process.env) =>
  readScopedSettings(createGit(path, { env, explicit: true }));

test("settings come by scope, names in lower case, and those of a worktree are the repository's", async () => {
  const repository = makeRepository();
  const file = `${makeFolder()}/gitconfig`;
  writeFileSync(
    file,
    '[spec-kitty]\n\tserver = https://global.invalid\n\ttoken = "a\\nb"\n[spec-kittyx]\n\tteam = no\n',
  );
  repository.git("config", "spec-kitty.Server", "https://local.invalid");
  repository.git("config", "spec-kitty.worktreeGrace", "5");
  repository.git("config", "extensions.worktreeConfig", "true");
  repository.git("config", "--worktree", "spec-kitty.worktreeGrace", "7");
  repository.git("config", "--add", "spec-kitty.team", "");
  const { local, global } = await read(repository.path, { ...process.env, GIT_CONFIG_GLOBAL: file });
  expect(Object.fromEntries(local)).toEqual({
    "spec-kitty.server": "https://local.invalid",
    "spec-kitty.worktreegrace": "7",
    "spec-kitty.team": "",
  });
  expect(Object.fromEntries(global)).toEqual({
    "spec-kitty.server": "https://global.invalid",
    "spec-kitty.token": "a\nb",
  });
});

test("a key without a value is an empty one, the last of several counts", async () => {
  const repository = makeRepository();
  writeFileSync(`${repository.path}/.git/config`, "[spec-kitty]\n\tteam\n\tmode = off\n\tmode = sync\n", { flag: "a" });
  const { local } = await read(repository.path);
  expect(Object.fromEntries(local)).toEqual({ "spec-kitty.team": "", "spec-kitty.mode": "sync" });
});

test("settings that a command line or the system gives do not count", async () => {
  const { path } = makeRepository();
  const system = `${makeFolder()}/gitconfig`;
  writeFileSync(system, "[spec-kitty]\n\ttoken = of-the-system\n");
  const env = {
    ...process.env,
    GIT_CONFIG_NOSYSTEM: "0",
    GIT_CONFIG_SYSTEM: system,
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "spec-kitty.server",
    GIT_CONFIG_VALUE_0: "https://command.invalid",
  };
  expect(await read(path, env)).toEqual({ local: new Map(), global: new Map() });
});

test("outside any repository, as without settings, there are none", async () => {
  expect(await read(makeFolder())).toEqual({ local: new Map(), global: new Map() });
});
