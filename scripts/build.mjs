import { spawn } from "node:child_process";
import { chmod, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as esbuild } from "esbuild";
import { compileValidators } from "./compile-validators.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const validators = "src/events/compiled-validators.js";
const OPTIONS = {
  absWorkingDir: root,
  outdir: "dist",
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: ["libsql", "typescript"], // native; only wanted for configurations that are code
  plugins: [leaveOutJsYaml()],
  // Packages written as CommonJS require builtins of node, which an ES module can't do by itself.
  banner: {
    js: `import { createRequire as createRequireOfBundle } from "node:module";\nconst require = createRequireOfBundle(import.meta.url);`,
  },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};
const SHEBANG = "#!/usr/bin/env node\n";

/** gray-matter requires js-yaml and never calls it, as it is given another parser; cosmiconfig reads YAML with it. */
export function leaveOutJsYaml() {
  const path = join(root, "scripts/stubs/js-yaml.cjs");
  return {
    name: "leave-out-js-yaml",
    setup: ({ onResolve }) =>
      onResolve({ filter: /^js-yaml$/ }, ({ importer }) => (importer.includes("gray-matter") ? { path } : undefined)),
  };
}

/** Builds `dist/`: the CLI and the library with all npm packages inside, their licences and, unless told otherwise, the types. */
export async function build({ types = true } = {}) {
  await writeValidators();
  const [metafile] = await Promise.all([bundle(), types ? emitTypes() : undefined]);
  return metafile;
}

async function writeValidators() {
  const file = join(root, validators);
  const text = await compileValidators();
  const before = await readFile(file, "utf8").catch(() => undefined);
  if (text !== before) await writeFile(file, text);
}

async function bundle() {
  const entryPoints = ["src/cli.ts", "src/index.ts"];
  const [{ metafile }] = await Promise.all([
    esbuild({ ...OPTIONS, entryPoints, splitting: true, chunkNames: "chunk-[hash]" }),
    bundleDrain(),
  ]);
  await makeExecutable(join(dist, "cli.js"));
  await writeLicences(metafile);
  await removeOldChunks(metafile);
  return metafile;
}

/** What git hooks start: one file that needs nothing beside it, so that a copy of it in a repository outlives us. */
export async function bundleDrain(outfile = "dist/drain.cjs") {
  const { banner: _, outdir: __, ...others } = OPTIONS;
  const options = { ...others, outfile, format: "cjs", minify: true };
  const { metafile, outputFiles } = await esbuild({ ...options, entryPoints: ["src/drain.ts"], write: false });
  const DRAIN = JSON.stringify(`(function (require) {${outputFiles[0].text}})`);
  await esbuild({ ...options, entryPoints: ["src/load-drain.ts"], define: { DRAIN } });
  return metafile;
}

async function makeExecutable(file) {
  const text = await readFile(file, "utf8");
  if (!text.startsWith("#!")) await writeFile(file, SHEBANG + text);
  await chmod(file, 0o755);
}

/** The packages inside the bundle ask for their notices to travel with it. */
async function writeLicences(metafile) {
  // What the validators hold of ajv is already inlined; esbuild names each file above its text.
  const inlined = (await readFile(join(root, validators), "utf8")).match(/(?<=^\/\/ )node_modules\/.*/gm) ?? [];
  const files = [...Object.keys(metafile.inputs), ...inlined];
  const folders = files.map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean);
  const notices = await Promise.all([...new Set(folders)].sort().map(readLicence));
  await writeFile(join(dist, "THIRD-PARTY-LICENCES.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
}

async function readLicence(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  const file = (await readdir(join(root, folder))).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? await readFile(join(root, folder, file), "utf8") : "";
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}

/** Only after the new files are there: a running command may still load a chunk. */
async function removeOldChunks(metafile) {
  const written = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
  const old = (await readdir(dist)).filter((file) => file.startsWith("chunk-") && !written.has(file));
  await Promise.all(old.map((file) => rm(join(dist, file), { force: true })));
}

async function emitTypes() {
  const folder = join(dist, "types");
  await rm(folder, { recursive: true, force: true });
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const child = spawn(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (status !== 0) throw new Error("the types in dist/types are incomplete: see the errors of tsc above");
  await pointToJavaScript(folder);
}

/** tsc leaves `from "./x.ts"` as it is in declarations, and there is no such file beside them. */
async function pointToJavaScript(folder) {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".d.ts"));
  await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), "utf8");
      await writeFile(join(folder, file), text.replace(/(["'])(\.{1,2}\/[^"'\n]+)\.ts\1/g, "$1$2.js$1"));
    }),
  );
}

if (process.argv[1] && (await realpath(process.argv[1])) === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  await build({ types: !process.argv.includes("--no-types") });
  console.error(`built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
