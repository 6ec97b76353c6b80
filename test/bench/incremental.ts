// Times one new commit on top of a history whose state is stored, and prints {"commits", "features", "milliseconds"} a run.
import { createHash } from "node:crypto";
import { inferNews } from "../../src/commands/infer-news.ts";
import { openProject } from "../../src/commands/open-project.ts";
import { openObjects } from "../../src/git/object-reader.ts";
import { createSnapshotReader } from "../../src/git/read-snapshots.ts";
import type { TextStore } from "../../src/infer/encode-state.ts";

const [path = "", newest = "", before = "", rounds = "1"] = process.argv.slice(2);
const texts = new Map<string, string>();
const store: TextStore = { read: (name) => texts.get(name), write: (name, text) => void texts.set(name, text) };
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** One run as a hook would do it: find the repository, list what is new, fold it onto the stored state. */
async function inferOnce(tips: string[], seen: string[]): Promise<number> {
  const start = performance.now();
  const { repository, project } = await openProject({ cwd: path, env: process.env, repo: path });
  const objects = openObjects(repository);
  const reader = createSnapshotReader(objects, project);
  for await (const { commit } of inferNews({ repository, reader, store, digest, tips, seen })) void commit;
  objects.close();
  return performance.now() - start;
}

await inferOnce([before], []);
const times: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  texts.delete(`commits/${newest}`);
  times.push(await inferOnce([newest], [before]));
}
process.stdout.write(`${JSON.stringify(times)}\n`);
