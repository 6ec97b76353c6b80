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
  const { specsRoot, lanes: names, ...others } = values;
  const refused = Object.keys(others);
  const rootFits = typeof specsRoot === "string" && PATH_INSIDE.test(specsRoot);
  const { known, unknown } = sortLanes(names, lanes);
  const wrong = [
    ...(refused.length > 0 ? [`it may set specsRoot and lanes alone, not ${list(refused)}`] : []),
    ...(specsRoot === undefined || rootFits ? [] : ["specsRoot is no path inside the repository"]),
    ...(names === undefined || known.size + unknown.length > 0 ? [] : ["lanes is no map from names to lanes"]),
    ...(unknown.length > 0 ? [`${list(unknown)} is mapped to none of the lanes ${lanes.join(", ")}`] : []),
  ];
  return {
    specsRoot: rootFits ? specsRoot : undefined,
    lanes: known,
    warnings: wrong.length === 0 ? warnings : [`${basename(path ?? "")}: ${wrong.join("; ")}.`],
  };
}

/** Values come from anybody: none is turned into a text, as that of a nest of YAML aliases never ends. */
function sortLanes(names: unknown, lanes: readonly string[]): { known: Map<string, string>; unknown: string[] } {
  const known = new Map<string, string>();
  const unknown: string[] = [];
  const entries = typeof names === "object" && names !== null && !Array.isArray(names) ? Object.entries(names) : [];
  for (const [name, lane] of entries) {
    if (name !== "" && typeof lane === "string" && lanes.includes(lane)) known.set(name, lane);
    else unknown.push(name);
  }
  return { known, unknown };
}

/** Keys as a warning names them: quoted, since they come from a file that anybody may have written. */
function list(keys: readonly string[]): string {
  const named = keys.slice(0, MOST_NAMED).map((key) => JSON.stringify(key.slice(0, 60)));
  return named.join(", ") + (keys.length > MOST_NAMED ? ` and ${keys.length - MOST_NAMED} more` : "");
}
