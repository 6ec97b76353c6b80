import { packageRoot } from "../config/package-root.ts";
import { readProjectConfig } from "../config/project-config.ts";
import { readHookMode } from "../git/hooks/hook-settings.ts";
import { refreshHookFiles } from "../git/hooks/refresh-hook-files.ts";
import { LANES, parseLaneNames } from "../model/lane.ts";
import type { Context } from "./command.ts";
import { type OpenProject, openProject } from "./open-project.ts";

/**
 * Opens the repository a command runs in, with the layout that its tracked configuration describes; what of that is
 * refused is said on stderr. Git's own configuration decides where both speak.
 */
export async function openHere(
  { cwd, env, stderr, directory }: Pick<Context, "cwd" | "env" | "stderr" | "directory">,
  repo?: string,
): Promise<OpenProject> {
  const { repository, project } = await openProject({ cwd, env, repo });
  const root = repository.bare ? undefined : await repository.git.ask(["rev-parse", "--show-toplevel"]);
  if (!root) return { repository, project };
  const { specsRoot, lanes, warnings } = readProjectConfig({ root, lanes: LANES, directory });
  for (const warning of warnings) await stderr.write(`${warning}\n`);
  const decided = project.settings.has("specsroot") ? undefined : specsRoot;
  const layout = { specsRoot: decided ?? project.specsRoot, laneNames: parseLaneNames(lanes) };
  return { repository, project: { ...project, ...layout } };
}

/** What hooks run in a repository is brought up to date with this version; where none are installed nothing is written. */
export async function refreshHooks(
  { repository, project }: OpenProject,
  { execPath }: Pick<Context, "execPath">,
): Promise<void> {
  const settings = { node: execPath, specsRoot: project.specsRoot, mode: await readHookMode(repository.git) };
  refreshHookFiles({ commonDir: repository.commonDir, packageRoot: packageRoot(), settings });
}
