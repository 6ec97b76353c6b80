import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { installAt, makePackage, ringsOf, run } from "../helpers/hook-repository.ts";
import { makeRepository } from "../helpers/repository.ts";

// What git really fires, and when our script then starts the drain: the tree of the specs root is another one than the
// drain noted, or HEAD is a merge. Where nothing rings, the next hook or command catches up.
const repository = makeRepository({ onFinish: afterAll });
const gitDir = join(repository.path, ".git");

const VOCABULARY = `
export GIT_EDITOR=true
tasks=kitty-specs/001-x/tasks
quietly() { SPEC_KITTY_HOOKS=0 git "$@"; }
forget() { rm -f .git/spec-kitty/rings; }
write() { mkdir -p $tasks; echo "$2" >$tasks/$1.md; git add --all; }
change() { write WP01 changed; }
save() { git commit -q -m "$*"; }
move() { change; save move; }
ahead() { git branch -qf ahead $(git commit-tree -p main -m ahead topic^{tree}); }
`;

/** main has WP01, topic three commits more, other one more; clash and main have both written WP06. */
const HISTORY = `
write WP01 1; save WP01
for name in WP02 WP03 WP04; do git switch -q -C topic; write $name 1; save $name; done
git switch -q -C other main; write WP05 1; save WP05
git switch -q -C clash main; write WP06 1; save WP06
git switch -q main; write WP06 2; save WP06; echo 1 >README.md; git add --all; save 'No work package'
git tag base
git clone -q --bare . ../origin.git
git remote add origin ../origin.git
git fetch -q origin
`;

const RESET = `
rm -rf .git/rebase-merge .git/rebase-apply
quietly checkout -q --force -B main base
quietly reset -q --hard base
for branch in topic other clash; do git branch -qf $branch origin/$branch; done
git clean -qfd
git rev-parse HEAD:kitty-specs >.git/spec-kitty.tree
`;

const operations: readonly (readonly [operation: string, script: string, ...rings: string[]])[] = [
  ["commit", "change; git commit -qm x", "post-commit"],
  ["commit -n", "change; git commit -nqm x", "post-commit"],
  ["commit of one path", "change; git commit -qm x -- $tasks/WP01.md", "post-commit"],
  ["commit of something else", "echo 2 >README.md; git commit -qam x"],
  ["commit --amend with a change", "change; git commit -q --amend -m x", "post-commit"],
  ["commit --amend of the message", "git commit -q --amend -m x"],
  ["merge --ff", "ahead; git merge -q --ff-only ahead", "post-merge"],
  ["merge", "git merge -q --no-edit other", "post-merge"],
  ["merge that changes nothing", "git merge -q --no-edit -s ours other", "post-merge"],
  ["merge --squash", "git merge -q --squash other"],
  ["merge --squash, commit", "git merge -q --squash other; save x", "post-commit"],
  ["merge with a conflict, commit", "! git merge -q clash; write WP06 3; save x", "post-commit"],
  ["pull --ff", "ahead; git pull -q --ff-only . ahead", "post-merge"],
  ["rebase of three", "git rebase -q main topic", "post-rewrite"],
  ["rebase --apply of three", "git rebase -q --apply main topic", "post-rewrite"],
  ["rebase where all is upstream already", "git rebase -q topic main~2"],
  [
    "rebase -i with a fixup",
    `quietly switch -q topic
     todo=$(git log --reverse --format='pick %H' other..topic | sed '2s/pick/fixup/')
     GIT_SEQUENCE_EDITOR="printf '%s\\n' '$todo' >" git rebase -q -i other`,
    "post-rewrite",
  ],
  ["rebase with a conflict, --abort", "! git rebase -q main clash; git rebase --abort"],
  [
    "rebase with a conflict, --continue",
    "! git rebase -q main clash; write WP06 3; git rebase --continue",
    "post-rewrite",
  ],
  ["pull --rebase", "move; forget; git pull -q --rebase . other", "post-rewrite"],
  ["pull --rebase, nothing of our own", "ahead; git pull -q --rebase . ahead", "post-merge"],
  ["am", "git format-patch -q --stdout -1 other | git am -q"],
  ["cherry-pick", "git cherry-pick other", "post-commit"],
  ["cherry-pick of three", "git cherry-pick topic~3..topic", "post-commit", "post-commit", "post-commit"],
  ["revert", "git revert --no-edit HEAD~1", "post-commit"],
  ["switch", "git switch -q topic", "post-checkout"],
  ["switch to the same specs", "git switch -q --detach HEAD~1"],
  ["checkout -b", "git checkout -q -B new"],
  ["checkout --orphan", "git checkout -q --orphan empty", "post-checkout"],
  ["checkout of a file", "git checkout -q topic -- $tasks/WP02.md"],
  ["restore of a file", "git restore -s topic -- $tasks/WP02.md"],
  ["bisect", "git bisect start topic topic~3; git bisect reset", "post-checkout", "post-checkout"],
  ["worktree add", "git worktree add -q --detach ../a topic; git worktree remove ../a", "post-checkout"],
  ["worktree add --no-checkout", "git worktree add -q --no-checkout --detach ../b topic"],
  ["reset --hard", "git reset -q --hard topic"],
  ["stash, stash pop", "change; git stash -q; git stash pop -q"],
  ["branch, branch -D, tag", "git branch -f x topic; git branch -qD x; git tag -f t topic"],
  ["update-ref, symbolic-ref", "git update-ref refs/heads/main topic; git symbolic-ref HEAD refs/heads/other"],
  ["fetch", "git fetch -q . +topic:fetched"],
  ["push", "git push -qf origin topic:pushed"],
  ["status, add, gc", "change; git status -s; git add --all; git gc -q"],
];

function perform(script: string): void {
  const { status, stderr } = run("sh", ["-euc", VOCABULARY + script], { cwd: repository.path });
  if (status !== 0) throw new Error(stderr);
}

beforeAll(async () => {
  perform(HISTORY);
  await installAt(repository.path, { packageRoot: makePackage(repository) });
});

beforeEach(() => {
  perform(RESET);
  rmSync(join(gitDir, "spec-kitty/rings"), { force: true });
});

test.each(operations)("%s", (_, script, ...rings) => {
  perform(script);
  expect(ringsOf(gitDir).map(({ hook }) => hook)).toEqual(rings);
});

test("a clone has no hooks, and its hooks are installed anew", () => {
  perform("git clone -q . ../copy; cd ../copy; git switch -q topic");
  expect(ringsOf(join(dirname(repository.path), "copy/.git"))).toEqual([]);
});
