import fc from "fast-check";
import { expect, test } from "vitest";
import { resolveSettings, type SettingSources } from "../../src/config/settings.ts";

const ONE = "https://one.example";
const TWO = "https://two.example";
const NO_FILE = { path: undefined, server: undefined, team: undefined, token: undefined, warnings: [] };

interface Given {
  flags?: Record<string, string>;
  env?: Record<string, string>;
  local?: Record<string, string>;
  global?: Record<string, string>;
  user?: Record<string, string>;
}

function resolve({ flags = {}, env = {}, local = {}, global = {}, user }: Given) {
  const scope = (values: Record<string, string>) =>
    new Map(Object.entries(values).map(([name, value]) => [`spec-kitty.${name}`, value]));
  const sources: SettingSources = {
    flags,
    env,
    gitLocal: scope(local),
    gitGlobal: scope(global),
    user: user === undefined ? NO_FILE : { ...NO_FILE, path: "/home/k/.spec-kitty/git/config.json", ...user },
  };
  return resolveSettings(sources);
}

test("without any source there is no server, and nothing to send with", () => {
  expect(resolve({})).toEqual({ server: undefined, team: undefined, token: undefined, withheld: undefined });
  expect(resolve({ env: { SPEC_KITTY_SERVER_URL: "", SPEC_KITTY_TEAM: "" } })).toMatchObject({ server: undefined });
  expect(resolve({ env: { SPEC_KITTY_TOKEN: "t" } })).toMatchObject({ server: undefined, token: undefined });
});

test("flags come before the environment, that before git's local and global configuration, and the user's file is last", () => {
  const all: Required<Given> = {
    flags: { server: "https://a.example", team: "a" },
    env: { SPEC_KITTY_SERVER_URL: "https://b.example", SPEC_KITTY_TEAM: "b" },
    local: { server: "https://c.example", team: "c" },
    global: { server: "https://d.example", team: "d" },
    user: { server: "https://e.example", team: "e" },
  };
  const froms = [
    "--server",
    "SPEC_KITTY_SERVER_URL",
    "git config --local spec-kitty.server",
    "git config --global spec-kitty.server",
    "/home/k/.spec-kitty/git/config.json",
  ];
  const places = ["flags", "env", "local", "global", "user"] as const;
  const left: Given = { ...all };
  for (const [index, place] of places.entries()) {
    const letter = "abcde"[index] ?? "";
    expect(resolve(left)).toMatchObject({
      server: { value: `https://${letter}.example`, from: froms[index] },
      team: { value: letter },
    });
    delete left[place];
  }
});

test.each<{ name: string; given: Given; token: string | undefined }>([
  {
    name: "both from the environment",
    given: { env: { SPEC_KITTY_SERVER_URL: ONE, SPEC_KITTY_TOKEN: "t" } },
    token: "t",
  },
  { name: "both from git's local configuration", given: { local: { server: ONE, token: "t" } }, token: "t" },
  { name: "both from git's global configuration", given: { global: { server: ONE, token: "t" } }, token: "t" },
  { name: "both from the user's file", given: { user: { server: ONE, token: "t" } }, token: "t" },
  {
    name: "the same server, written otherwise",
    given: { local: { server: `${ONE}:443/` }, user: { server: ONE, token: "t" } },
    token: "t",
  },
  {
    name: "a token without a server, and a server for this run",
    given: { flags: { server: TWO }, env: { SPEC_KITTY_TOKEN: "t" } },
    token: "t",
  },
  {
    name: "a file's token without a server, and a server for this run",
    given: { env: { SPEC_KITTY_SERVER_URL: ONE }, user: { token: "t" } },
    token: "t",
  },
  {
    name: "of two tokens the one that is this server's",
    given: { env: { SPEC_KITTY_TOKEN: "other" }, local: { server: ONE }, user: { server: ONE, token: "t" } },
    token: "t",
  },
  {
    name: "a repository's server, and the token of the user's other one",
    given: { local: { server: TWO }, user: { server: ONE, token: "t" } },
    token: undefined,
  },
  {
    name: "a repository's server, and a global token",
    given: { local: { server: TWO }, global: { server: ONE, token: "t" } },
    token: undefined,
  },
  {
    name: "a repository's server, and a token of nobody",
    given: { local: { server: TWO }, user: { token: "t" } },
    token: undefined,
  },
  {
    name: "a repository's server, and the environment's token of nobody",
    given: { local: { server: TWO }, env: { SPEC_KITTY_TOKEN: "t" } },
    token: undefined,
  },
  {
    name: "a server for this run, and the token of the user's other one",
    given: { flags: { server: TWO }, user: { server: ONE, token: "t" } },
    token: undefined,
  },
  {
    name: "a server for this run, and the environment's token of another one",
    given: { flags: { server: TWO }, env: { SPEC_KITTY_SERVER_URL: ONE, SPEC_KITTY_TOKEN: "t" } },
    token: undefined,
  },
  {
    name: "one server inside the name of another",
    given: { local: { server: `${ONE}.evil.example` }, user: { server: ONE, token: "t" } },
    token: undefined,
  },
  {
    name: "a server that is no URL",
    given: { local: { server: "one" }, user: { server: ONE, token: "t" } },
    token: undefined,
  },
])("$name: $token", ({ given, token }) => {
  const settings = resolve(given);
  expect(settings.token?.value).toBe(token);
  expect(settings.withheld === undefined).toBe(token !== undefined);
});

test("a token that is withheld is named by its place, not by its value", () => {
  const { withheld } = resolve({ local: { server: TWO }, user: { server: ONE, token: "hunter2" } });
  expect(withheld).toBe(
    "The token of /home/k/.spec-kitty/git/config.json is not for the server of git config --local spec-kitty.server; name both in one place.",
  );
});

test("a token never goes to a server that its own place does not name, but for one named for this run", () => {
  const place = fc.record({
    server: fc.option(fc.constantFrom(ONE, TWO), { nil: undefined }),
    token: fc.option(fc.constantFrom("t1", "t2"), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.tuple(place, place, place, place, place), ([flags, env, local, global, user]) => {
      const places = [flags, env, local, global, user].map((one, index) => ({
        ...one,
        token: one.token && `${one.token}-${index}`,
      }));
      const [a, b, c, d, e] = places;
      const defined = (values: object = {}) =>
        Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
      const given = { flags: defined(a), local: defined(c), global: defined(d), user: defined(e) };
      const inEnv = defined({ SPEC_KITTY_SERVER_URL: b?.server, SPEC_KITTY_TOKEN: b?.token });
      const { server, token } = resolve({ ...given, env: inEnv });
      if (token === undefined) return;
      const own = places[Number(token.value.at(-1))]?.server;
      const forThisRun = a?.server ?? b?.server;
      expect(own ?? forThisRun).toBe(server?.value);
    }),
  );
});
