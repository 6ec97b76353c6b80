import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

// Every test file has a home of its own, and a git that knows neither the user, nor the machine, nor a hook it may run in.
const home = mkdtempSync(join(tmpdir(), "spec-kitty-home-"));
const gitConfig = join(home, ".gitconfig");
mkdirSync(join(home, ".config"));
writeFileSync(gitConfig, "");

for (const name of Object.keys(process.env)) {
  if (/^(GIT|XDG|SPEC_KITTY(?!_TEST))_/i.test(name) || name === "NODE_EXTRA_CA_CERTS") delete process.env[name];
}
Object.assign(process.env, {
  HOME: home,
  USERPROFILE: home,
  APPDATA: join(home, "AppData", "Roaming"),
  LOCALAPPDATA: join(home, "AppData", "Local"),
  XDG_CONFIG_HOME: join(home, ".config"),
  GIT_CONFIG_GLOBAL: gitConfig,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
});

afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
