import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { impliedIds } from "../helpers/capture.ts";
import { compare, type Hooked, makeHooked, runCommand } from "../helpers/hooked.ts";

// Whatever is done to a history, and whether hooks were there to see it or not: what is queued is what follows from all
// that was to be seen when one of them ran, and at the end. See `compare` for the one thing that hooks may miss.
const FULL = process.env["SPEC_KITTY_TEST_STORM"] === "1";
const RUNS = { numRuns: FULL ? 60 : 6, ...(FULL ? {} : { seed: 20260101 }), endOnFailure: true };
const LONGEST = 12;

const BRANCHES = ["main", "topic", "other", "clash", "new"];
const LANES = ["planned", "doing", "for_review", "done"];

/** Scripts made of a branch, a work package and a lane; what git refuses, it refuses. */
const operations: Record<string, (branch: string, id: string, lane: string) => string> = {
  move: (_, id, lane) => `move ${id} ${lane}`,
  "move twice": (_, id, lane) => `move ${id} ${lane}; move ${id} doing`,
  amend: (_, id, lane) => `write ${id} ${lane}; git commit --amend -m x`,
  "amend of the message": () => "git commit --amend -m y",
  unrelated: (_, id, lane) => `echo ${id} ${lane} >>README.md; git commit -am x`,
  undo: () => "git revert --no-edit HEAD || git revert --abort",
  switch: (branch) => `git switch ${branch}`,
  branch: (branch) => `git switch -C new ${branch}`,
  detach: (branch) => `git switch --detach ${branch}~1`,
  "delete branch": (branch) => `git branch -D ${branch}`,
  merge: (branch) => `git merge --no-edit -X theirs ${branch} || git merge --abort`,
  squash: (branch) => `git merge --squash -X ours ${branch} && git commit -m Squashed || git reset --hard`,
  rebase: (branch) => `git rebase -X theirs ${branch} || git rebase --abort`,
  "rebase in the middle": (branch, id, lane) =>
    `git rebase ${branch} || { write ${id} ${lane}; GIT_EDITOR=true git rebase --continue; } || git rebase --abort`,
  "cherry-pick": (branch) => `git cherry-pick -X theirs ${branch} || git cherry-pick --abort`,
  reset: (branch) => `git reset --hard ${branch}`,
  back: () => "git reset --hard HEAD~1",
  stash: (_, id, lane) => `write ${id} ${lane}; git stash; git stash pop; git commit -am x`,
  "worktree add": (branch) => `git worktree add --detach ../w ${branch}`,
  "worktree move": (_, id, lane) => `if cd ../w; then move ${id} ${lane}; fi`,
  "worktree reset": (branch) => `if cd ../w; then git reset --hard ${branch}; fi`,
  "worktree merge": (branch) => `if cd ../w; then git merge --no-edit -X ours ${branch}; fi`,
  "worktree remove": () => "git worktree remove --force ../w",
  gc: () => "git gc -q", // what is pruned cannot be compared with
};

const step = fc.record({
  operation: fc.constantFrom(...Object.keys(operations)),
  branch: fc.constantFrom(...BRANCHES),
  id: fc.constantFrom("WP01", "WP02", "WP03", "WP06"),
  lane: fc.constantFrom(...LANES),
  /** Whether hooks see it, or a command of ours does afterwards, or nobody. */
  seen: fc.constantFrom("hooks", "hooks", "command", "nobody"),
});

/** Waits for a run that went on after git had returned. */
async function answered({ path }: Hooked): Promise<void> {
  const left = () => ["spool", "spool.taken"].some((name) => existsSync(join(path, ".git/spec-kitty", name)));
  for (let turn = 0; left(); turn++) {
    if (turn === 1000) throw new Error("a bell is never answered");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("queued is what was to be seen", { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: LONGEST }), async (steps) => {
      const repository = makeHooked();
      for (const [index, { operation, branch, id, lane, seen }] of steps.entries()) {
        const script = operations[operation]?.(branch, id, lane) ?? "";
        const env = { SPEC_KITTY_HOOKS: seen === "hooks" ? "1" : "0" };
        await repository.perform(script, { minute: 1000 + index * 10, env });
        await answered(repository);
        if (seen === "command") await runCommand(repository.path);
      }
      const { queued, implied, said } = await compare(repository.path);
      expect(said).toBe("");
      expect(queued).toEqual(implied);
      expect(queued).toEqual(expect.arrayContaining(await impliedIds(repository.path, "HEAD")));
    }),
    RUNS,
  );
});
