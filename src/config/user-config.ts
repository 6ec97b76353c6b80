import { statSync } from "node:fs";
import { join, sep } from "node:path";
import { loadConfig, type WorkingDirectory } from "./load-config.ts";

/** What the user's own file sets. */
export interface UserConfig {
  readonly path: string | undefined;
  readonly server: string | undefined;
  readonly team: string | undefined;
  readonly token: string | undefined;
  readonly warnings: readonly string[];
}

/** Windows keeps access elsewhere than in the mode. */
function isOpenToOthers(path: string): boolean {
  return sep === "/" && (statSync(path).mode & 0o077) !== 0;
}

const NAMES = ["config.json", "config.yaml"];

/** Reads the user's own file, `git/config.json` or `git/config.yaml` in our home folder. */
export function readUserConfig({ home, directory }: { home: string; directory: WorkingDirectory }): UserConfig {
  const folder = join(home, "git");
  const { path, values, warnings } = loadConfig({ folder, names: NAMES, links: true, directory });
  const wrong: string[] = [];
  const { server, team, token, ...others } = values;
  const textOf = (name: string, value: unknown): string | undefined => {
    if (typeof value === "string" && value !== "") return value;
    if (value !== undefined) wrong.push(`${name} is no text`);
    return undefined;
  };
  const settings = { server: textOf("server", server), team: textOf("team", team), token: textOf("token", token) };
  if (settings.token !== undefined && path !== undefined && isOpenToOthers(path)) {
    wrong.push(`it holds a token and others may read it: chmod 600 ${JSON.stringify(path)}`);
  }
  wrong.push(...Object.keys(others).map((key) => `${JSON.stringify(key.slice(0, 60))} is no setting`));
  return { path, ...settings, warnings: [...warnings, ...wrong.map((what) => `${path}: ${what}.`)] };
}
