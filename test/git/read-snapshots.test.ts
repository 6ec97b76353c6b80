import { expect, onTestFinished, test } from "vitest";
import { createGit } from "../../src/git/git.ts";
import { openObjects } from "../../src/git/object-reader.ts";
import { createSnapshotReader } from "../../src/git/read-snapshots.ts";
import { openRepository } from "../../src/git/repository.ts";
import { makeRepository } from "../helpers/repository.ts";
import { workPackage } from "../helpers/work-package.ts";

test("no object is read twice, however many trees hold it", async () => {
  const repository = makeRepository();
  const feature = "kitty-specs/001-a";
  repository.write(`${feature}/meta.json`, '{"target_branch": "next"}');
  repository.write(`${feature}/tasks/WP01.md`, workPackage({ id: "WP01", lane: "planned" }));
  const trees = ["one", "two", "three"].map((text) => {
    repository.write(`${feature}/plan.md`, text);
    repository.commit(text);
    return repository.git("rev-parse", "HEAD^{tree}");
  });
  const objects = openObjects(await openRepository(createGit(repository.path, { env: process.env, explicit: true })));
  onTestFinished(() => objects.close());
  const asked: string[] = [];
  const reader = createSnapshotReader(
    {
      ...objects,
      readEach(oids, visit) {
        asked.push(...oids);
        return objects.readEach(oids, visit);
      },
    },
    { specsRoot: "kitty-specs", laneNames: new Map() },
  );
  for (const tree of trees) {
    const [listing] = await reader.list([tree]);
    const [snapshot] = await reader.readFeatures(listing?.features ?? []);
    expect(snapshot?.meta.targetBranch).toBe("next");
    expect(snapshot?.workPackages.map(({ id }) => id)).toEqual(["WP01"]);
  }
  // A commit's tree, its specs root and its feature each time; tasks/, the work package and meta.json once.
  expect(asked).toHaveLength(3 * 3 + 3);
  expect(new Set(asked).size).toBe(asked.length);
});
