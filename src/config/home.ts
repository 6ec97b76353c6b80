import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { Failure } from "../errors.ts";

/** Finds our folder in the user's home, which may not exist yet: `~/.spec-kitty`, or where `SPEC_KITTY_HOME` puts it. */
export function findHome(env: Readonly<Record<string, string | undefined>>): string {
  const home = env["SPEC_KITTY_HOME"] || join(homedir(), ".spec-kitty");
  if (!isAbsolute(home)) {
    throw new Failure("usage", {
      message: `SPEC_KITTY_HOME is "${home}", which depends on where you are.`,
      nextStep: "Set it to an absolute path, or unset it.",
    });
  }
  return home;
}

/** Creates the folder and ours in it, for the user alone, and gives ours; what is there keeps its mode. */
export function createHome(home: string): string {
  const folder = join(home, "git");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Failure("failed", {
      message: `The folder ${folder} cannot be created.`,
      nextStep: "Make its parent writable, or set SPEC_KITTY_HOME to a folder that is.",
      cause,
    });
  }
  return folder;
}
