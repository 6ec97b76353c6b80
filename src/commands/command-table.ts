import type { Command } from "./command.ts";

/** A command before it is loaded. */
export interface CommandEntry {
  /** The command's own summary, so that help need not load it. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** A word that other words follow. */
export interface CommandGroup {
  readonly summary: string;
  /** True where the next `spec-kitty` on PATH has commands of the same group; those we do not know are passed on. */
  readonly shared?: boolean;
}

/** Commands and their groups by path, such as `events infer`. */
export interface CommandTable {
  readonly commands: Readonly<Record<string, CommandEntry>>;
  readonly groups: Readonly<Record<string, CommandGroup>>;
}

/** All commands; each is loaded only when it is called. */
export const commandTable: CommandTable = {
  groups: {
    events: { summary: "Events inferred from git history" },
    sync: { summary: "Deliver events to a collector" },
    hooks: { summary: "Git hooks that notice when work packages move" },
    collector: { summary: "The self-hosted collector and its board" },
  },
  commands: {
    "events infer": {
      summary: "Print the events that git history implies",
      load: () => import("./events-infer.ts"),
    },
    "events validate": {
      summary: "Check events against the contract",
      load: () => import("./events-validate.ts"),
    },
    "events backfill": {
      summary: "Queue the events of history that is already there",
      load: () => import("./events-backfill.ts"),
    },
    "events list": {
      summary: "List the events of the queue and its archive with their state",
      load: () => import("./events-list.ts"),
    },
    "events tail": {
      summary: "Print the newest events of the queue, and those to come",
      load: () => import("./events-tail.ts"),
    },
    "sync now": {
      summary: "Deliver what waits in the queue",
      load: () => import("./sync-now.ts"),
    },
    "sync status": {
      summary: "Show what waits, what was delivered, and where to",
      load: () => import("./sync-status.ts"),
    },
    "sync preview": {
      summary: "Print the bytes that the next delivery would post first",
      load: () => import("./sync-preview.ts"),
    },
    "sync retry": {
      summary: "Put dead letters back into the queue",
      load: () => import("./sync-retry.ts"),
    },
    "hooks install": {
      summary: "Let git itself tell when work packages move",
      load: () => import("./hooks-install.ts"),
    },
    "hooks uninstall": {
      summary: "Take the hooks out again; every other byte stays",
      load: () => import("./hooks-uninstall.ts"),
    },
    "hooks status": {
      summary: "Prove in every worktree that hooks fire, and say what mends those that don't",
      load: () => import("./hooks-status.ts"),
    },
    "collector serve": {
      summary: "Run the self-hosted collector and its board",
      load: () => import("./collector-serve.ts"),
    },
    completion: {
      summary: "Print a script that completes commands and options: bash, zsh, fish",
      load: async () => ({ command: (await import("./completion.ts")).createCompletion(commandTable) }),
    },
    doctor: {
      summary: "Say what is wrong, and the command that mends it",
      load: () => import("./doctor.ts"),
    },
    demo: {
      summary: "Show git, hooks, queue, sync and the board at work on a scratch repository",
      load: () => import("./demo.ts"),
    },
  },
};
