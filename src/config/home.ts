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
