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
    demo: {
      summary: "Show the events of a sample history",
      load: () => import("./demo.ts"),
    },
  },
};
