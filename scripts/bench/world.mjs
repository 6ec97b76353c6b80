import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import { generateHistory } from "../../test/bench/generate-history.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What an ES module of bundled CommonJS packages needs. */
const BANNER = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
const GIT_CONFIG = `[user]
name = A
email = a@example.com
[gc]
auto = 0
[maintenance]
auto = false
[safe]
directory = *
[advice]
detachedHead = false
`;

/**
 * Opens a folder to measure in, with a home of its own: nothing counts that is set up on this machine, and above all not
 * NODE_EXTRA_CA_CERTS, which takes Node 20 longer to read than all else to start.
 */
export function openWorld() {
  const folder = mkdtempSync(join(tmpdir(), "spec-kitty-bench-"));
  const home = join(folder, "home");
  mkdirSync(home);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction"); // for what can't be bundled
  writeFileSync(join(home, ".gitconfig"), GIT_CONFIG);
  const inherited = Object.entries(process.env).filter(([name]) => !/^(NODE_|GIT_|SPEC_KITTY_|XDG_)/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    HOME: home,
    SPEC_KITTY_HOME: join(home, ".spec-kitty"),
    GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
  };

  /** Runs a command to its end; throws unless that is 0, or what `ends` allows. */
  function run(command, args, { input = "", stdout = "pipe", stderr = "inherit", cwd = folder, more = {} } = {}) {
    const stdio = ["pipe", stdout, stderr];
    const result = spawnSync(command, args, { cwd, input, env: { ...env, ...more }, stdio, maxBuffer: 2 ** 31 });
    if (result.error || result.status !== 0)
      throw result.error ?? new Error(`${command} ${args.join(" ")} ended with ${result.status}`);
    return result;
  }

  return {
    folder,
    root,
    cli: join(root, "dist/cli.js"),
    env,
    run,
    git: (path, ...args) => run("git", ["-C", path, ...args]).stdout,
    node: (...args) => run(process.execPath, args).stdout.toString(),
    start: (args, options) => spawn(process.execPath, args, { cwd: folder, env, ...options }),
    /** Generates a bare repository that knows its project's id, as one with installed hooks does. */
    async generate(name, size) {
      console.error(`generating a history of ${size.commits} commits and ${size.packages} work packages`);
      const path = join(folder, name);
      await generateHistory(path, size);
      run("git", ["-C", path, "config", "spec-kitty.project", "0f0e0d0c-0b0a-5908-8706-050403020100"]);
      return path;
    },
    /** Bundles a script of test/bench, and gives its path. */
    async bundle(name) {
      const outfile = join(folder, `${name}.mjs`);
      const entryPoints = [join(root, `test/bench/${name}.ts`)];
      const options = { bundle: true, platform: "node", format: "esm", banner: { js: BANNER }, logLevel: "error" };
      await bundle({ entryPoints, outfile, external: ["libsql"], ...options });
      return outfile;
    },
    close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}
