import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { answerHook } from "./commands/answer-hook.ts";

/**
 * What the git hook starts: `drain.cjs <git dir> <hook> <specs root>`. It looks at the repository and queues what happened, in the
 * time a commit may take; longer work goes on in a process of its own. It prints nothing and always ends with 0.
 */
const [gitDir = ".git", hook = "unknown", specsRoot = "kitty-specs"] = process.argv.slice(2);
const DETACHED = "detached";
/** How long git waits for us, in ms; the bell stays, and a detached run answers it. */
const DEADLINE = 1000;
/** How long a detached run may take, in ms. */
const LIFETIME = 10 * 60 * 1000;
/** Where the hook's script leaves its stderr open. */
const TERMINAL = 3;

if (hook === DETACHED) setTimeout(() => process.exit(0), LIFETIME).unref();
else setTimeout(handOn, DEADLINE).unref();
void answerHook({
  gitDir: resolve(gitDir),
  hook,
  specsRoot,
  wait: hook === DETACHED ? LIFETIME : 0,
  terminal: TERMINAL,
  env: process.env,
  pid: process.pid,
});

/** Ends at once: nothing is half done, as every step is durable or is done again. */
function handOn(): void {
  const self = process.argv.slice(1, 2);
  const options = { cwd: "/", detached: true, stdio: "ignore", windowsHide: true } as const;
  spawn(process.execPath, [...self, resolve(gitDir), DETACHED, specsRoot], options).unref();
  process.exit(0);
}
