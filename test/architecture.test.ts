import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";

const PURE = ["model", "events", "infer", "board"];
const LIBRARY = [...PURE, "git", "capture", "queue", "sync", "config", "collector"];
// Who may import whom, besides errors.ts. A folder imports only from those above it, so that there are no cycles.
const RULES: Record<string, string[]> = {
  "errors.ts": [],
  model: [],
  events: ["model"],
  infer: ["model", "events"],
  board: ["model", "events"],
  git: ["model"],
  capture: [],
  queue: ["events"],
  sync: ["events"],
  config: [],
  collector: ["events", "board"],
  commands: LIBRARY,
  "index.ts": [...LIBRARY, "commands"],
  "cli.ts": [...LIBRARY, "commands"],
  "drain.ts": [...LIBRARY, "commands"],
  "load-drain.ts": [],
};

const src = new URL("../src/", import.meta.url);
const top = (url: URL) => url.href.slice(src.href.length).replace(/\/.*/, "");
const packageOf = (name: string) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0];
const paths = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
const files = paths.map((file) => ({ file, url: new URL(file.replaceAll("\\", "/"), src) }));
const imports = files.flatMap(({ file, url }) => {
  const found = ts.preProcessFile(readFileSync(url, "utf8")).importedFiles;
  return found.map(({ fileName: name }) => ({ file, name, from: top(url), to: top(new URL(name, url)) }));
});
test("folders import only what they may, and in no cycle", () => {
  const wrong = ({ from, to }: { from: string; to: string }) =>
    ![from, "errors.ts", ...(RULES[from] ?? [])].includes(to);
  expect(imports.filter((found) => found.name.startsWith(".") && wrong(found))).toEqual([]);
  const rank = (folder: string) => Object.keys(RULES).indexOf(folder);
  expect(Object.entries(RULES).filter(([from, allowed]) => allowed.some((to) => rank(to) >= rank(from)))).toEqual([]);
});
test("pure folders use nothing of node, and an npm package is imported by one file alone", () => {
  expect(imports.filter(({ from, name }) => PURE.includes(from) && name.startsWith("node:"))).toEqual([]);
  const packages = imports.filter(({ name }) => !/^(\.|node:)/.test(name));
  const wrappers = new Map(packages.map(({ name, file }) => [packageOf(name), file]));
  expect(packages.filter(({ name, file }) => wrappers.get(packageOf(name)) !== file)).toEqual([]);
});
test("only the programs touch the process and the console", () => {
  const use = /^(?!\s*(\/\/|\/?\*)).*\b(process|console)\.\w|["'](node:)?(process|console)["']/m;
  expect(
    files.filter(
      ({ file, url }) => !["cli.ts", "drain.ts", "load-drain.ts"].includes(file) && use.test(readFileSync(url, "utf8")),
    ),
  ).toEqual([]);
});
