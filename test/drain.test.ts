import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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

/** Runs it where no repository is: whatever it meets, it ends well and prints nothing. */
function run(): void {
  const args = [file, join(folder, "no-repository")];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  expect([status, stdout, stderr]).toEqual([0, "", ""]);
}

test("the drain is one small file that needs nothing beside it", () => {
  expect(readdirSync(folder)).toEqual(["drain.cjs"]);
  expect(statSync(file).size).toBeLessThan(300_000); // 283 kB in this release
  run();
});

test("a run takes over what an earlier one compiled, unless that is damaged or of another drain", () => {
  const cache = join(folder, "drain.cache");
  const written = (): bigint => statSync(cache, { bigint: true }).mtimeNs;
  run();
  const first = written();
  run();
  expect(written()).toBe(first);

  const bytes = readFileSync(cache);
  bytes.writeUInt8(bytes.readUInt8(1000) ^ 1, 1000);
  writeFileSync(cache, bytes);
  run();
  expect(readFileSync(cache).equals(bytes)).toBe(false);

  const mended = written();
  writeFileSync(file, readFileSync(file, "utf8").replace('"unknown"', '"unknowm"')); // as long as before
  run();
  expect(written()).not.toBe(mended);
});

test("compiled code that cannot be kept is made again", () => {
  rmSync(join(folder, "drain.cache"), { force: true });
  mkdirSync(join(folder, "drain.cache"));
  run();
  rmSync(join(folder, "drain.cache"), { recursive: true });
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
