import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CLI } from "../helpers/built.ts";
import { compare, makeHooked } from "../helpers/hooked.ts";

// Every kind of thing git does to a history, with our hooks and without. With them git says and gives back the same, and
// after one more command everything is queued that was to be seen at any moment a hook or command ran, and nothing else.
const operations: readonly (readonly [operation: string, script: string])[] = [
  ["commit", "move WP01 doing"],
  ["commit -n", "write WP01 doing; git commit -n -m x"],
  ["commit of one path", "write WP01 doing; write WP02 doing; git commit -m x -- $tasks/WP02.md; git commit -m y"],
  ["commit of something else", "echo 3 >README.md; git commit -am x"],
  ["commit, then commit --amend with another move", "move WP01 doing; write WP01 done; git commit --amend -m x"],
  ["commit, then commit --amend of the message", "move WP01 doing; git commit --amend -m x"],
  [
    "commit, then commit --amend without the move",
    "move WP01 doing; git reset -q HEAD~1 -- $tasks; git commit --amend --allow-empty -m x",
  ],
  [
    "merge, fast-forward",
    "git switch topic; git switch -c ahead; move WP02 done; git switch topic; git merge --ff-only ahead",
  ],
  ["merge, a true one", "git merge --no-edit topic"],
  ["merge that changes nothing", "git merge --no-edit -s ours topic"],
  ["merge --squash, commit", "git merge --squash topic; git commit -m Squashed"],
  ["merge with a conflict, commit", "git merge clash; write WP06 done; git commit -m Merged"],
  ["merge with a conflict, merge --abort", "git merge clash; git merge --abort"],
  ["rebase of three", "git rebase main topic"],
  ["rebase --apply of three", "git rebase --apply main topic"],
  ["rebase where all is upstream already", "git rebase topic main~2"],
  [
    "rebase -i with a fixup",
    `git switch topic
     todo=$(command git log --reverse --format='pick %H' main..topic | sed '2s/pick/fixup/')
     GIT_SEQUENCE_EDITOR="printf '%s\\n' '$todo' >" git rebase -i main`,
  ],
  ["rebase with a conflict, --abort", "git rebase main clash; git rebase --abort"],
  [
    "rebase with a conflict, --continue",
    "git rebase main clash; write WP06 done; GIT_EDITOR=true git rebase --continue",
  ],
  [
    "rebase with a conflict, another branch's commit in between",
    "git rebase main clash; git worktree add ../w other; cd ../w; move WP01 done; cd -; git rebase --skip",
  ],
  ["pull --rebase with a commit of our own", "move WP01 doing; git pull --rebase . other"],
  [
    "pull --rebase without one",
    "git branch -f ahead; git switch ahead; move WP01 done; git switch main; git pull --rebase . ahead",
  ],
  ["cherry-pick", "git cherry-pick other"],
  ["cherry-pick of three", "git cherry-pick main..topic"],
  ["revert", "move WP01 doing; git revert --no-edit HEAD"],
  ["revert of a revert", "move WP01 doing; git revert --no-edit HEAD; git revert --no-edit HEAD"],
  ["am", "command git format-patch -q --stdout main..topic | git am"],
  ["switch", "git switch topic; git switch main; git switch --detach other"],
  ["checkout -b", "git checkout -b new; move WP01 doing; git checkout main"],
  ["checkout --orphan", "git checkout --orphan empty; write WP01 doing; git commit -m x"],
  ["checkout of a file, commit", "git checkout topic -- $tasks/WP02.md; git commit -m x"],
  ["bisect", "git bisect start topic main~2; git bisect good; git bisect reset"],
  ["clone", "git clone . ../copy; cd ../copy; git switch topic; move WP01 done"],
  [
    "worktree add, commit there, worktree remove",
    "git worktree add ../w topic; cd ../w; move WP02 done; cd -; git worktree remove ../w",
  ],
  ["worktree add --no-checkout", "git worktree add --no-checkout --detach ../w topic"],
  ["commit on a detached HEAD, then away from it", "git switch --detach; move WP01 doing; git switch main"],
  ["reset --hard", "move WP01 doing; git reset --hard HEAD~1; git reset --hard topic"],
  ["stash, stash pop", "write WP01 doing; git stash; git switch other; git stash pop; git commit -am x"],
  ["branch, branch -D, tag", "git switch -c x; move WP01 doing; git switch main; git branch -D x; git tag -f t topic"],
  ["update-ref, symbolic-ref", "git update-ref refs/heads/main topic; git symbolic-ref HEAD refs/heads/other"],
  [
    "fetch, push",
    "git fetch . topic:fetched; git clone --bare . ../origin.git; git push ../origin.git +other:main; git fetch ../origin.git",
  ],
  [
    "status, add, gc",
    "move WP01 doing; move WP02 done; write WP01 done; git status; git add --all; git gc -q --prune=now; git commit -m x",
  ],
  [
    "commit with --git-dir",
    'dir=$PWD; write WP01 doing; cd /; git --git-dir="$dir/.git" --work-tree="$dir" commit -m x',
  ],
  [
    "commit with GIT_DIR and another index",
    "write WP01 doing; export GIT_DIR=$PWD/.git GIT_WORK_TREE=$PWD GIT_INDEX_FILE=$PWD/.git/index; git commit -m x",
  ],
  [
    "commit that deletes, commit that brings back",
    "git rm -q $tasks/WP01.md; git commit -m x; git revert --no-edit HEAD",
  ],
  [
    "commit that a hook of the user refuses",
    "printf '#!/bin/sh\\nexit 1\\n' >.git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; move WP01 doing",
  ],
];

test.concurrent.each(operations)("%s", async (_, script) => {
  const [hooked, twin] = [makeHooked({ onFinish: afterAll }), makeHooked({ onFinish: afterAll, twin: true })];
  expect(await hooked.perform(script)).toEqual(await twin.perform(script));
  const { queued, implied, said } = await compare(hooked.path);
  expect(queued).toEqual(implied);
  expect(said).toBe("");
});

test("a submodule has a queue of its own, and hooks of its own", async () => {
  const [hooked, twin] = [makeHooked(), makeHooked({ twin: true })];
  const add =
    "git init -q ../p; cd ../p; git -c protocol.file.allow=always submodule add ../my\\ project s; git commit -m s";
  const install = `cd ../p/s; "${process.execPath}" "${CLI}" hooks install --backfill >/dev/null`;
  const work = "cd ../p/s; move WP01 doing; git switch -c x origin/topic; cd ..; git add s; git commit -m t";
  expect(await hooked.perform(add)).toEqual(await twin.perform(add));
  await hooked.perform(install);
  expect(await hooked.perform(work)).toEqual(await twin.perform(work));
  const submodule = join(dirname(hooked.path), "p/s");
  const { queued, said } = await compare(submodule, { gitDir: join(dirname(hooked.path), "p/.git/modules/s") });
  expect(said).toBe("");
  const own = await compare(hooked.path);
  expect(own.queued).toEqual(own.implied);
  expect(queued.filter((id) => !own.queued.includes(id))).not.toEqual([]);
});
