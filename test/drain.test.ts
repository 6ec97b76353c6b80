import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";

interface Metafile {
  readonly inputs: Record<string, { imports: { path: string; external?: boolean }[] }>;
}

/** Node's modules that reach a network. */
const NETWORK = ["http", "http2", "https", "net", "tls", "dgram", "dns"];

let folder: string;
let file: string;
let inputs: Metafile["inputs"];

beforeAll(async () => {
  folder = mkdtempSync(join(homedir(), "bundle-")); // the home of this test file alone
  file = join(folder, "drain.cjs");
  const { bundleDrain } = await import(new URL("../scripts/build.mjs", import.meta.url).href);
  ({ inputs } = await bundleDrain(file));
});

test("the drain is one small file that needs nothing beside it", () => {
  expect(readdirSync(folder)).toEqual(["drain.cjs"]);
  expect(statSync(file).size).toBeLessThan(300_000); // 283 kB in this release
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, join(folder, "no-repository")], {
    cwd: folder,
    encoding: "utf8",
  });
  expect([status, stdout, stderr]).toEqual([0, "", ""]);
});

test("of npm packages it has those that read YAML and make ids, and no other", () => {
  const packages = Object.keys(inputs).flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  expect([...new Set(packages)].sort()).toEqual([
    "extend-shallow",
    "gray-matter",
    "is-extendable",
    "kind-of",
    "section-matter",
    "strip-bom-string",
    "ulid",
    "yaml",
  ]);
});

test("nothing in it can reach the network", () => {
  const builtins = Object.values(inputs)
    .flatMap(({ imports }) => imports.filter(({ external }) => external))
    .map(({ path }) => path.replace(/^node:/, ""));
  expect(builtins).toContain("fs"); // the list is not empty by mistake
  expect(builtins.filter((name) => NETWORK.includes(name))).toEqual([]);
  // What `notify` says of the connection is read from hints; neither file does more than that.
  const ours = Object.keys(inputs).filter((path) => /^src\/(sync|collector|board)\//.test(path));
  expect(ours.sort()).toEqual(["src/sync/connection-state.ts", "src/sync/hints.ts"]);
});
