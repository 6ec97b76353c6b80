// npm run bench [-- infer | hooks | append | delivery]... [<repository>] [--save]: our figures beside the physical limit,
// measured in turn in one run. A repository that is named is the one whose whole history is inferred.
import { writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { benchAppend } from "./bench/append.mjs";
import { benchDelivery } from "./bench/delivery.mjs";
import { benchHooks } from "./bench/hooks.mjs";
import { benchFull, benchIncremental } from "./bench/infer.mjs";
import { openWorld } from "./bench/world.mjs";
import { build } from "./build.mjs";

const args = process.argv.slice(2);
const words = args.filter((arg) => !arg.startsWith("--"));
const world = openWorld();
const parts = {
  infer: async () => [...(await benchFull(world, given)), ...(await benchIncremental(world))],
  hooks: () => benchHooks(world),
  append: () => benchAppend(world),
  delivery: () => benchDelivery(world),
};
const given = words.find((word) => !Object.hasOwn(parts, word));
const chosen = words.filter((word) => Object.hasOwn(parts, word));
try {
  await build({ types: false });
  const rows = [];
  for (const name of chosen.length > 0 ? chosen : Object.keys(parts)) {
    console.error(`measuring ${name}`);
    rows.push(...(await parts[name]()));
  }
  const text = renderTable(rows);
  process.stdout.write(`\n${text}`);
  if (args.includes("--save")) writeFileSync(join(world.root, "docs/benchmarks.md"), text);
} finally {
  world.close();
}

function renderTable(rows) {
  const date = new Date().toISOString().slice(0, 10);
  const git = world.run("git", ["--version"]).stdout.toString().trim();
  const lines = rows.map(
    ({ what, limit, ours, ratio, budget }) => `| ${what} | ${limit} | ${ours} | ${ratio} | ${budget} |`,
  );
  return `# Benchmarks

\`npm run bench -- --save\` on ${date}: ${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()},
Node ${process.version} without NODE_EXTRA_CA_CERTS, ${git}. Each figure beside its limit, measured in turn in one run: medians (and
quartiles); the ratio is the median of the rounds' ratios, for added times the ratio of the medians. CPU time includes git and all its children.

| what | limit | ours | ratio | budget |
| --- | --- | --- | --- | --- |
${lines.join("\n")}
`;
}
