import { basename } from "node:path";
import { loadConfig, type WorkingDirectory } from "./load-config.ts";

/** What a file that everybody of a project shares may set: how work packages are laid out, and nothing that acts. */
export interface ProjectConfig {
  /** Path of the specs root inside the repository; undefined where it is not set. */
  readonly specsRoot: string | undefined;
  /** Lanes by the names a team has for them. */
  readonly lanes: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

interface ProjectPlace {
  /** Root of the working tree. */
  readonly root: string;
  /** The lanes there are. */
  readonly lanes: readonly string[];
  readonly directory: WorkingDirectory;
}

const NAMES = [".spec-kittyrc", ".spec-kittyrc.json", ".spec-kittyrc.yaml", ".spec-kittyrc.yml"];
const PATH_INSIDE = /^(?!\.{1,2}(\/|$))[^/\n\0]+(\/(?!\.{1,2}(\/|$))[^/\n\0]+)*$/;
const MOST_NAMED = 5;

/**
 * Reads the configuration that a repository carries. It comes with whatever branch is checked out, so it may describe
 * and not decide: a key that is not ours is refused with a warning, the rest counts, and the command goes on.
 */
export function readProjectConfig({ root, lanes, directory }: ProjectPlace): ProjectConfig {
  const { path, values, warnings } = loadConfig({ folder: root, names: NAMES, links: false, directory });
  const file = basename(path ?? "");
  const { specsRoot, lanes: names, ...others } = values;
  const wrong: string[] = [];
  const refused = Object.keys(others);
  if (refused.length > 0) wrong.push(`may set specsRoot and lanes alone; ${list(refused)} is refused`);
  const rootFits = typeof specsRoot === "string" && PATH_INSIDE.test(specsRoot);
  if (specsRoot !== undefined && !rootFits) wrong.push("specsRoot is no path inside the repository");
  const entries = Object.entries(typeof names === "object" && names !== null && !Array.isArray(names) ? names : {});
  const known = entries.filter((entry): entry is [string, string] => lanes.includes(String(entry[1])));
  const unknown = entries.filter((entry) => !lanes.includes(String(entry[1]))).map(([name]) => name);
  if (unknown.length > 0) wrong.push(`lanes: ${list(unknown)} is not mapped to one of: ${lanes.join(", ")}`);
  if (names !== undefined && entries.length === 0) wrong.push("lanes is no map from names to lanes");
  return {
    specsRoot: rootFits ? specsRoot : undefined,
    lanes: new Map(known),
    warnings: [...warnings, ...wrong.map((what) => `${file}: ${what}.`)],
  };
}

/** Keys as a warning names them: quoted, since they come from a file that anybody may have written. */
function list(keys: readonly string[]): string {
  const named = keys.slice(0, MOST_NAMED).map((key) => JSON.stringify(key.slice(0, 60)));
  return named.join(", ") + (keys.length > MOST_NAMED ? ` and ${keys.length - MOST_NAMED} more` : "");
}
