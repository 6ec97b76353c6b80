import type { UserConfig } from "./user-config.ts";

/** A setting, and where it was found. */
export interface Setting {
  readonly value: string;
  /** `--server`, `SPEC_KITTY_SERVER_URL`, `git config --local spec-kitty.server`, or the path of a file. */
  readonly from: string;
}

/** Where events go. Without a server, or without a token for it, nothing is ever sent. */
export interface Settings {
  readonly server: Setting | undefined;
  readonly team: Setting | undefined;
  readonly token: Setting | undefined;
  /** Why a token that was found is not used, with what to do; undefined if one is used or none was found. */
  readonly withheld: string | undefined;
}

interface Values {
  readonly server?: string | undefined;
  readonly team?: string | undefined;
  readonly token?: string | undefined;
}

/** All places a setting may come from; a file of the repository is none of them. */
export interface SettingSources {
  readonly flags: Values;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `spec-kitty.*` of one scope each, names in lower case; other scopes do not count. */
  readonly gitLocal: ReadonlyMap<string, string>;
  readonly gitGlobal: ReadonlyMap<string, string>;
  readonly user: UserConfig;
}

type Name = keyof Values;

/** One place: its values, what it calls them, and whether somebody chose them for this very run. */
interface Place {
  readonly values: Values;
  readonly call: (name: Name) => string;
  readonly explicit: boolean;
}

const VARIABLES: Readonly<Record<Name, string>> = {
  server: "SPEC_KITTY_SERVER_URL",
  team: "SPEC_KITTY_TEAM",
  token: "SPEC_KITTY_TOKEN",
};

/**
 * Resolves the settings: flags before the environment, git's configuration of the repository and of the user, and the
 * user's file.
 *
 * A token belongs to the server that its own place names, and goes to no other. A token whose place names no server goes
 * only to one that a flag or the environment names for this run. So a server from a repository's configuration never
 * gets the token that the user keeps for another one.
 */
export function resolveSettings(sources: SettingSources): Settings {
  const places = placesOf(sources);
  const server = find(places, "server");
  const found = places.flatMap((place) => settingOf(place, "token").map((token) => ({ place, token })));
  const fitting = found.find(({ place }) => server !== undefined && mayGo(place, server));
  const [first] = found;
  return {
    server: server?.setting,
    team: find(places, "team")?.setting,
    token: fitting?.token,
    withheld:
      fitting === undefined && first !== undefined && server !== undefined
        ? `The token of ${first.token.from} is not for the server of ${server.setting.from}; name both in one place.`
        : undefined,
  };
}

interface Found {
  readonly place: Place;
  readonly setting: Setting;
}

function find(places: readonly Place[], name: Name): Found | undefined {
  return places.flatMap((place) => settingOf(place, name).map((setting) => ({ place, setting })))[0];
}

function mayGo({ values }: Place, server: Found): boolean {
  if (values.server) return sameServer(values.server, server.setting.value);
  return server.place.explicit;
}

function sameServer(one: string, other: string): boolean {
  return addressOf(one) === addressOf(other);
}

function addressOf(server: string): string {
  return (URL.canParse(server) ? new URL(server).href : server).replace(/\/+$/, "");
}

/** A list of one or none; an empty text is none. */
function settingOf({ values, call }: Place, name: Name): Setting[] {
  const value = values[name];
  return value ? [{ value, from: call(name) }] : [];
}

/** From the most specific place to the least. */
function placesOf({ flags, env, gitLocal, gitGlobal, user }: SettingSources): Place[] {
  const valuesOf = (read: (name: Name) => string | undefined): Values => ({
    server: read("server"),
    team: read("team"),
    token: read("token"),
  });
  return [
    { values: flags, call: (name) => `--${name}`, explicit: true },
    { values: valuesOf((name) => env[VARIABLES[name]]), call: (name) => VARIABLES[name], explicit: true },
    ...[
      { scope: "local", map: gitLocal },
      { scope: "global", map: gitGlobal },
    ].map(({ scope, map }) => ({
      values: valuesOf((name) => map.get(`spec-kitty.${name}`)),
      call: (name: Name) => `git config --${scope} spec-kitty.${name}`,
      explicit: false,
    })),
    { values: user, call: () => user.path ?? "", explicit: false },
  ];
}
