import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findTarget, type TargetFlags } from "../../src/commands/find-target.ts";
import { openHere } from "../../src/commands/open-here.ts";
import { makeFolder } from "../helpers/folder.ts";
import { makeRepository } from "../helpers/repository.ts";
import { makeContext } from "./cli-context.ts";

interface Places {
  readonly flags?: TargetFlags;
  readonly env?: Readonly<Record<string, string>>;
  /** `spec-kitty.*` of the repository and of the user. */
  readonly local?: Readonly<Record<string, string>>;
  readonly global?: Readonly<Record<string, string>>;
  /** The user's own file. */
  readonly user?: object;
}

/** Finds the target that these places name together, and what is said of them. */
async function find({ flags = {}, env = {}, local = {}, global = {}, user }: Places) {
  const { path, git } = makeRepository();
  const folder = makeFolder();
  const home = join(folder, "home");
  if (user !== undefined) {
    writeAt(join(home, "git/config.json"), JSON.stringify(user));
    chmodSync(join(home, "git/config.json"), 0o600);
  }
  for (const [name, value] of Object.entries(local)) git("config", `spec-kitty.${name}`, value);
  const lines = Object.entries(global).map(([name, value]) => `\t${name} = ${value}\n`);
  writeAt(join(folder, "gitconfig"), `[spec-kitty]\n${lines.join("")}`);
  const surroundings = { SPEC_KITTY_HOME: home, GIT_CONFIG_GLOBAL: join(folder, "gitconfig") };
  const { context, written } = makeContext({ cwd: path, env: { ...process.env, ...surroundings, ...env } });
  const found = await findTarget(await openHere(context), context, flags);
  return { ...found, from: [found.server?.from, found.team?.from, found.token?.from], said: written.stderr, home };
}

function writeAt(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const WHOLE = { server: "https://a.invalid/", team: "red", token: "t1" };
const TARGET = { server: "https://a.invalid", team: "red", token: "t1" };

test("one place with all three is a target, the server as it is compared and posted to", async () => {
  const local = await find({ local: WHOLE });
  const user = await find({ user: WHOLE });
  const env = await find({
    env: { SPEC_KITTY_SERVER_URL: WHOLE.server, SPEC_KITTY_TEAM: "red", SPEC_KITTY_TOKEN: "t1" },
  });
  const global = await find({ global: WHOLE });
  for (const found of [local, user, env, global]) {
    expect([found.target, found.missing, found.said]).toEqual([TARGET, undefined, ""]);
  }
  expect(local.from[0]).toBe("git config --local spec-kitty.server");
  expect(user.from[2]).toBe(join(user.home, "git/config.json"));
});

test("what is nearer counts: flags, the environment, the repository, the user", async () => {
  const { target, from } = await find({
    flags: { team: "of-flag" },
    env: { SPEC_KITTY_SERVER_URL: "https://b.invalid", SPEC_KITTY_TOKEN: "t2" },
    local: WHOLE,
    global: { ...WHOLE, token: "t3" },
  });
  expect(target).toEqual({ server: "https://b.invalid", team: "of-flag", token: "t2" });
  expect(from).toEqual(["SPEC_KITTY_SERVER_URL", "--team", "SPEC_KITTY_TOKEN"]);
});

test.each<[string, Places, RegExp]>([
  ["no server", { global: { team: "red", token: "t1" } }, /^No server is configured: /],
  ["no token", { local: { server: "https://a.invalid", team: "red" } }, /^No token for https:\/\/a\.invalid: set /],
  ["no team", { local: { server: "https://a.invalid", token: "t1" } }, /^No team is configured: /],
  [
    "a token for another server",
    { local: { server: "https://a.invalid", team: "red" }, user: { ...WHOLE, server: "https://b.invalid" } },
    /^The token of .*config\.json is not for the server of git config --local spec-kitty\.server; name both in one place\.$/,
  ],
])("%s is told, and there is no target", async (_, places, told) => {
  const { target, missing } = await find(places);
  expect([target, missing]).toEqual([undefined, expect.stringMatching(told)]);
});

test("what is wrong in the user's own file is said, and the rest counts", async () => {
  const { target, said, home } = await find({ user: { ...WHOLE, colour: "red" } });
  expect([target, said]).toEqual([TARGET, `${join(home, "git/config.json")}: "colour" is no setting.\n`]);
});

test("an address that would show the token is refused", async () => {
  expect(await find({ local: { ...WHOLE, server: "http://a.invalid" } })).toMatchObject({
    target: undefined,
    missing: expect.stringContaining("plain http would show your token"),
  });
});
