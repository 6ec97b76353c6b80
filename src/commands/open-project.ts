import { createGit } from "../git/git.ts";
import { openObjects } from "../git/object-reader.ts";
import { type Project, readProject } from "../git/read-project.ts";
import { openRepository, type Repository } from "../git/repository.ts";

/** A repository and who its project is. */
export interface OpenProject {
  readonly repository: Repository;
  readonly project: Project;
}

/** Where a command looks for its repository. */
export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The directory the user named with --repo; `cwd` and `GIT_DIR` count without it. */
  readonly repo?: string | undefined;
}

/** Opens the repository a command is about. */
export async function openProject({ cwd, env, repo }: Place): Promise<OpenProject> {
  const git = createGit(repo ?? cwd, { env, explicit: repo !== undefined });
  const repository = await openRepository(git);
  const objects = openObjects(repository);
  return { repository, project: await readProject(repository, { objects }).finally(objects.close) };
}
