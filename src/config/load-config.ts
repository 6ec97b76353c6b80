import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import { cosmiconfigSync, defaultLoadersSync, type LoaderSync } from "cosmiconfig";
import { packageRoot } from "./package-root.ts";

/** The part of `process` that loading needs: cosmiconfig looks into the current directory, wherever it is told to look. */
export interface WorkingDirectory {
  cwd(): string;
  chdir(path: string): void;
}

interface ConfigPlaces {
  readonly folder: string;
  /** File names, the first one found counts; JSON and YAML only. */
  readonly names: readonly string[];
  /** Whether a symbolic link is followed: the user's own may, one from a branch may point anywhere. */
  readonly links: boolean;
  readonly directory: WorkingDirectory;
}

/** A configuration as it was written, not yet judged. */
export interface LoadedConfig {
  /** Undefined where there is none. */
  readonly path: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  /** At most one line: why a file that is there counts as empty. */
  readonly warnings: readonly string[];
}

const LARGEST = 64 * 1024;
const JSON_LOADER = deeper(defaultLoadersSync[".json"]);
const YAML_LOADER = deeper(defaultLoadersSync[".yaml"]);

/**
 * Loads the first file of these names; whatever is in it, it only ever gives data or a warning.
 *
 * cosmiconfig executes `.config/config.js` of the current directory when an explorer is created, whatever its options
 * say: so that happens in our own folder. And it follows `$import` at the top of a file to any other one: so each loader
 * hands it the content one level deeper, where it does not look.
 */
export function loadConfig({ folder, names, links, directory }: ConfigPlaces): LoadedConfig {
  for (const name of names) {
    const path = join(folder, name);
    try {
      const stats = (links ? statSync : lstatSync)(path, { throwIfNoEntry: false });
      if (stats === undefined) continue;
      if (!stats.isFile()) return ignored(path, "is no regular file");
      if (stats.size > LARGEST) return ignored(path, `is larger than ${LARGEST / 1024} KiB`);
      const content: unknown = createExplorer(name, directory).search(folder)?.config?.content ?? {};
      if (typeof content === "object" && content !== null && !Array.isArray(content)) {
        return { path, values: Object.fromEntries(Object.entries(content)), warnings: [] };
      }
      return ignored(path, "is no map of settings");
    } catch {
      return ignored(path, "cannot be read as JSON or YAML");
    }
  }
  return { path: undefined, values: {}, warnings: [] };
}

function createExplorer(name: string, directory: WorkingDirectory): ReturnType<typeof cosmiconfigSync> {
  const before = directory.cwd();
  directory.chdir(packageRoot());
  try {
    return cosmiconfigSync("spec-kitty", {
      searchPlaces: [name],
      searchStrategy: "none",
      cache: false,
      loaders: {
        ".json": JSON_LOADER,
        ".yaml": YAML_LOADER,
        ".yml": YAML_LOADER,
        noExt: YAML_LOADER,
        ".js": refuse,
        ".cjs": refuse,
        ".mjs": refuse,
        ".ts": refuse,
      },
    });
  } finally {
    directory.chdir(before);
  }
}

function deeper(load: LoaderSync): LoaderSync {
  return (path, text) => ({ content: load(path, text) });
}

function refuse(): never {
  throw new Error("a configuration is data, not code");
}

function ignored(path: string, why: string): LoadedConfig {
  return { path, values: {}, warnings: [`${JSON.stringify(path)} ${why}; it is ignored.`] };
}
