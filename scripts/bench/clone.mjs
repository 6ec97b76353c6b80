import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LANES = ["planned", "doing", "for_review", "done"];

/** Opens a clone in which commits are made and timed. */
export function openClone(world, { origin, name }) {
  const path = join(world.folder, name);
  world.run("git", ["clone", "-q", origin, path]);
  const taskFiles = world.git(path, "ls-files", "kitty-specs/*/tasks/*.md").toString().trim().split("\n");
  let moves = 0;

  function change(file, text) {
    writeFileSync(join(path, file), text);
    world.git(path, "add", file);
  }

  return {
    path,
    change,
    git: (...args) =>
      world
        .git(path, ...args)
        .toString()
        .trim(),
    /** Moves the next work package to its next lane, as the tools of the trade write it, and stages that. */
    move() {
      const file = taskFiles[(moves * 7) % taskFiles.length];
      const text = readFileSync(join(path, file), "utf8");
      const lane = LANES[(LANES.indexOf(/^lane: "(.*)"$/m.exec(text)?.[1]) + 1) % LANES.length];
      const time = new Date(Date.UTC(2026, 0, 1) + moves * 1000).toISOString();
      moves += 1;
      change(
        file,
        `${text.replace(/^lane: ".*"$/m, `lane: "${lane}"`).trimEnd()}\n- ${time} – claude – lane=${lane} – Moved on\n`,
      );
    },
    /** Runs a command and gives its wall time and the CPU time of it and its children, in ms; only bash's `time` counts so finely. */
    time(command, more = {}) {
      const script = `TIMEFORMAT="%U %S"; time "$@"`;
      const start = performance.now();
      const { stderr } = world.run("bash", ["-c", script, "bash", ...command], { cwd: path, stderr: "pipe", more });
      const wall = performance.now() - start;
      const [user, system] = stderr.toString().trim().split(" ").map(Number);
      if (Number.isNaN(user + system)) throw new Error(`${command.join(" ")} said: ${stderr}`);
      return { wall, cpu: (user + system) * 1000 };
    },
  };
}
