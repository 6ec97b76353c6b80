import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createGit, type Git } from "../git/git.ts";

/** One thing somebody does in the story's repository. */
export interface Scene {
  /** What happens, as the demo tells it. */
  readonly text: string;
  play(): Promise<unknown>;
}

const FEATURE = "001-login";
const MINUTE = 60_000;
const PACKAGES = [
  { id: "WP01", title: "Session store", dependencies: [] },
  { id: "WP02", title: "Login form", dependencies: ["WP01"] },
  { id: "WP03", title: "Rate limit", dependencies: ["WP01"] },
];

/**
 * A team of one person and two agents builds a feature in `folder`: plain git commands, nothing of ours. What happens ends
 * at `end`, in ms since the epoch.
 */
export function tellStory({ folder, env, end }: { folder: string; env: NodeEnv; end: number }): readonly Scene[] {
  let clock = end - 150 * MINUTE;
  const at = (): string => new Date(clock).toISOString().replace(/\.\d+Z$/, "Z");
  const git = (who: string, cwd = folder): Git => {
    const date = at();
    const person = { NAME: who, EMAIL: `${who}@example.invalid`, DATE: date };
    const roles = ["AUTHOR", "COMMITTER"].flatMap((role) =>
      Object.entries(person).map(([field, value]) => [`GIT_${role}_${field}`, value]),
    );
    return createGit(cwd, { env, explicit: true, extra: Object.fromEntries(roles) });
  };
  const later = (minutes: number): void => {
    clock += minutes * MINUTE;
  };
  const path = (id: string): string => `kitty-specs/${FEATURE}/tasks/${id}.md`;

  async function commit(who: string, message: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) await write(join(folder, name), content);
    await git(who).run(["add", "--all"]);
    await git(who).run(["commit", "--quiet", "-m", message]);
  }

  /** As the workflow's commands do it: the lane, the agent, a line in the Activity Log. */
  async function moved(id: string, { who, lane, note }: { who: string; lane: string; note: string }): Promise<string> {
    const before = await readFile(join(folder, path(id)), "utf8");
    const edited = before.replace(/^lane: .*$/m, `lane: "${lane}"`).replace(/^agent: .*$/m, `agent: "${who}"`);
    return `${edited}- ${at()} – ${who} – lane=${lane} – ${note}\n`;
  }

  async function move(id: string, step: { who: string; lane: string; note: string }): Promise<void> {
    await commit(step.who, `chore: Move ${id} to ${step.lane}`, { [path(id)]: await moved(id, step) });
  }

  const scenes: (Scene & { readonly minutes: number })[] = [
    {
      minutes: 0,
      text: "mara plans a feature of three work packages",
      play: async () => {
        const tasks = PACKAGES.map((workPackage): [string, string] => [path(workPackage.id), plan(workPackage)]);
        await commit("mara", `Add tasks for feature ${FEATURE}`, {
          ".gitignore": ".worktrees/\n",
          ...Object.fromEntries(tasks),
        });
      },
    },
    {
      minutes: 9,
      text: "claude takes WP01 in a worktree of its own",
      play: async () => {
        const folderOf = join(folder, `.worktrees/${FEATURE}-WP01`);
        await git("claude").run(["worktree", "add", "--quiet", "-b", `${FEATURE}-WP01`, folderOf]);
        await move("WP01", { who: "claude", lane: "doing", note: "Started implementation" });
      },
    },
    {
      minutes: 26,
      text: "claude commits code there and hands WP01 over for review",
      play: async () => {
        const worktree = join(folder, `.worktrees/${FEATURE}-WP01`);
        await write(join(worktree, "src/session.js"), "export const sessions = new Map();\n");
        await git("claude", worktree).run(["add", "--all"]);
        await git("claude", worktree).run(["commit", "--quiet", "-m", "feat: keep sessions"]);
        await move("WP01", { who: "claude", lane: "for_review", note: "Ready for review: 14 tests" });
      },
    },
    {
      minutes: 8,
      text: "codex reviews it and sends it back",
      play: async () => {
        await move("WP01", { who: "codex", lane: "doing", note: "Started review" });
        later(7);
        await move("WP01", { who: "codex", lane: "planned", note: "Changes requested: sessions never expire" });
      },
    },
    {
      minutes: 5,
      text: "claude mends it on a branch; three commits are squashed into one, and no move is lost",
      play: async () => {
        await git("claude").run(["switch", "--quiet", "-c", "mend"]);
        await move("WP01", { who: "claude", lane: "doing", note: "Expire sessions after an hour" });
        later(12);
        await move("WP01", { who: "claude", lane: "for_review", note: "Sessions expire" });
        later(6);
        await move("WP01", { who: "codex", lane: "done", note: "Approved" });
        await git("claude").run(["switch", "--quiet", "main"]);
        await git("claude").run(["merge", "--quiet", "--squash", "mend"]);
        await git("claude").run(["commit", "--quiet", "-m", "Mend WP01 (#1)"]);
        await git("claude").run(["branch", "--quiet", "-D", "mend"]);
      },
    },
    {
      minutes: 7,
      text: "the worktree's branch is merged, WP02 and WP03 start",
      play: async () => {
        await git("mara").run(["merge", "--quiet", "--no-edit", `${FEATURE}-WP01`]);
        await move("WP02", { who: "claude", lane: "doing", note: "Started implementation" });
        later(2);
        await move("WP03", { who: "codex", lane: "doing", note: "Started implementation" });
      },
    },
    {
      minutes: 21,
      text: "codex amends its last commit twice and rebases it: still one move",
      play: async () => {
        await move("WP03", { who: "codex", lane: "for_review", note: "Ready for review" });
        later(1);
        await git("codex").run(["commit", "--quiet", "--amend", "-m", "chore: Hand WP03 over"]);
        await git("codex").run(["commit", "--quiet", "--amend", "-m", "chore: Hand WP03 over for review"]);
        await git("codex").run(["rebase", "--quiet", "--force-rebase", "HEAD~2"]);
      },
    },
    {
      minutes: 6,
      text: "mara moves WP02 by hand, without a word in its log",
      play: async () => {
        const text = await readFile(join(folder, path("WP02")), "utf8");
        await commit("mara", "WP02 is ready", { [path("WP02")]: text.replace(/^lane: .*$/m, "lane: for_review") });
      },
    },
  ];
  return scenes.map(({ minutes, text, play }) => ({
    text,
    play: () => {
      later(minutes);
      return play();
    },
  }));

  function plan({ id, title, dependencies }: (typeof PACKAGES)[number]): string {
    return `---
work_package_id: ${id}
title: ${title}
lane: "planned"
dependencies: [${dependencies.join(", ")}]
agent: ""
---

# ${id}: ${title}

## Activity Log

- ${at()} – mara – lane=planned – Prompt created.
`;
  }
}

type NodeEnv = Readonly<Record<string, string | undefined>>;

async function write(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
