import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Git } from "./git.ts";
import { gitFailure } from "./git.ts";

/**
 * Creates a bare repository in the empty directory `git` runs in, from a file that `git fast-export` wrote.
 * @see https://git-scm.com/docs/git-fast-import
 */
export async function importHistory(git: Git, file: string): Promise<void> {
  await git.run(["-c", "init.templateDir=", "init", "--quiet", "--bare", "--initial-branch=main", "."]);
  const args = ["fast-import", "--quiet"];
  const child = git.spawn(args);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdout.resume();
  const closed = new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject));
  const fed = pipeline(createReadStream(file), child.stdin);
  fed.catch(() => {}); // thrown where it is awaited: a git that took no more has said why
  if ((await closed) !== 0) throw gitFailure(said, args);
  await fed;
}
