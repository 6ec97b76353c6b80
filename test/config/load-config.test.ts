import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { readProjectConfig } from "../../src/config/project-config.ts";
import { readUserConfig } from "../../src/config/user-config.ts";

const LANES = ["planned", "doing", "for_review", "done"];
const cwd = process.cwd();
let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "spec-kitty-config-"));
  onTestFinished(() => {
    process.chdir(cwd);
    rmSync(root, { recursive: true, force: true });
  });
});

function write(path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const read = () => readProjectConfig({ root, lanes: LANES, directory: process });

describe("the configuration that a repository carries", () => {
  test("is nothing where there is no file", () => {
    expect(read()).toEqual({ specsRoot: undefined, lanes: new Map(), warnings: [] });
  });

  test.each([
    [".spec-kittyrc", "specsRoot: docs/specs\nlanes:\n  wip: doing\n"],
    [".spec-kittyrc", '{"specsRoot":"docs/specs","lanes":{"wip":"doing"}}'],
    [".spec-kittyrc.json", '{"specsRoot":"docs/specs","lanes":{"wip":"doing"}}'],
    [".spec-kittyrc.yaml", "specsRoot: docs/specs\nlanes: { wip: doing }\n"],
    [".spec-kittyrc.yml", "specsRoot: docs/specs\nlanes: { wip: doing }\n"],
  ])("is read from %s: %j", (name, text) => {
    write(name, text);
    expect(read()).toEqual({ specsRoot: "docs/specs", lanes: new Map([["wip", "doing"]]), warnings: [] });
  });

  test.each([
    "package.json",
    ".spec-kittyrc.js",
    ".spec-kittyrc.cjs",
    ".spec-kittyrc.ts",
    "spec-kitty.config.js",
    ".config/spec-kittyrc.json",
  ])("is not read from %s", (name) => {
    write(name, '{"specsRoot":"elsewhere","spec-kitty":{"specsRoot":"elsewhere"}}');
    expect(read()).toMatchObject({ specsRoot: undefined, warnings: [] });
  });

  test("comes from the first file, and the others are not looked at", () => {
    write(".spec-kittyrc.json", '{"specsRoot":"one"}');
    write(".spec-kittyrc.yaml", "specsRoot: two\nserver: https://evil.example\n");
    expect(read()).toMatchObject({ specsRoot: "one", warnings: [] });
  });

  test("is not looked for above the repository's root", () => {
    write(".spec-kittyrc", "specsRoot: above");
    mkdirSync(join(root, "inner"));
    expect(
      readProjectConfig({ root: join(root, "inner"), lanes: LANES, directory: process }).specsRoot,
    ).toBeUndefined();
  });

  test("may set nothing that acts: another key is one warning, and the rest counts", () => {
    write(
      ".spec-kittyrc.json",
      '{"server":"https://evil.example","token":"x","lanes":{"wip":"doing"},"specsRoot":"specs"}',
    );
    expect(read()).toEqual({
      specsRoot: "specs",
      lanes: new Map([["wip", "doing"]]),
      warnings: ['.spec-kittyrc.json: it may set specsRoot and lanes alone, not "server", "token".'],
    });
  });

  test("names a few of many refused keys, and none of their control characters", () => {
    const keys = Array.from({ length: 2000 }, (_, index) => [`k${index}\u001b[2J\n`, 1]);
    write(".spec-kittyrc.json", JSON.stringify(Object.fromEntries(keys)));
    const { warnings } = read();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^[\x20-\x7e]{1,250}$/);
    expect(warnings[0]).toContain("and 1995 more");
  });

  test.each(["/etc", "..", "../x", "a/../b", "./a", "a/", "a//b", "", "a\nb", 7, null, ["a"], { a: 1 }])(
    "refuses the specs root %j",
    (specsRoot) => {
      write(".spec-kittyrc.json", JSON.stringify({ specsRoot }));
      expect(read()).toMatchObject({
        specsRoot: undefined,
        warnings: [".spec-kittyrc.json: specsRoot is no path inside the repository."],
      });
    },
  );

  test.each([7, "doing", ["doing"], null, {}])("refuses the lanes %j", (lanes) => {
    write(".spec-kittyrc.json", JSON.stringify({ lanes }));
    expect(read().lanes).toEqual(new Map());
    expect(read().warnings).toEqual([".spec-kittyrc.json: lanes is no map from names to lanes."]);
  });

  test("maps the lanes it can, and names the others", () => {
    write(".spec-kittyrc.json", '{"lanes":{"wip":"doing","fun":"party","ever":["done"],"__proto__":"done","":"done"}}');
    const { lanes, warnings } = read();
    expect([...lanes]).toEqual([
      ["wip", "doing"],
      ["__proto__", "done"],
    ]);
    expect(warnings).toEqual([
      '.spec-kittyrc.json: "fun", "ever", "" is mapped to none of the lanes planned, doing, for_review, done.',
    ]);
  });
});

describe("a hostile file only ever gives one warning", () => {
  const bomb = `${Array.from({ length: 30 }, (_, index) => `a${index}: &a${index} [${`*a${index - 1},`.repeat(index > 0 ? 9 : 0)}]`).join("\n")}\n`;
  test.each<{ name: string; text: string | Buffer }>([
    { name: "!!js", text: "specsRoot: !!js/function 'function () { throw 1 }'" },
    { name: "an unknown tag", text: "specsRoot: !evil x" },
    { name: "a bomb of aliases", text: `${bomb}specsRoot: *a29` },
    { name: "a bomb of aliases among the lanes", text: `x: 1\nlanes: {wip: doing}\n${bomb}` },
    { name: "a bomb of aliases as a lane", text: `${bomb}lanes: { wip: *a29 }` },
    { name: "an alias of itself", text: "specsRoot: &a [*a]" },
    { name: "deep nesting", text: "[".repeat(30_000) },
    { name: "deep nesting in JSON", text: `{"x":${"[".repeat(30_000)}` },
    { name: "a key twice", text: "specsRoot: a\nspecsRoot: b" },
    { name: "a list", text: "- specsRoot" },
    { name: "a text", text: "specsRoot" },
    { name: "10 MB", text: `specsRoot: docs\n${"#".repeat(10 * 1024 * 1024)}` },
    { name: "bytes that are no text", text: Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]) },
  ])("$name", ({ text }) => {
    write(".spec-kittyrc", text);
    const { warnings } = read();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain("\n");
  });

  test.each(["", "   \n", "# nothing\n", "null", "{}"])("but %j is simply empty", (text) => {
    write(".spec-kittyrc", text);
    expect(read()).toEqual({ specsRoot: undefined, lanes: new Map(), warnings: [] });
  });

  test("a directory", () => {
    mkdirSync(join(root, ".spec-kittyrc"));
    expect(read().warnings).toEqual([expect.stringContaining("is no regular file; it is ignored.")]);
  });

  test.each(["/etc/passwd", "/dev/zero", "specs.json", "missing"])("a link to %s", (target) => {
    write("specs.json", '{"specsRoot":"linked"}');
    symlinkSync(target, join(root, ".spec-kittyrc"));
    expect(read()).toMatchObject({ specsRoot: undefined, warnings: [expect.stringContaining("is no regular file")] });
  });
});

describe("nothing of a checked-out branch is executed", () => {
  const code = (name: string) =>
    `require("node:fs").writeFileSync(${JSON.stringify(join(root, name))}, "ran"); module.exports = {};`;
  const ran = () => readdirSync(root).filter((name) => name.startsWith("ran-"));

  test("not by a meta configuration in the current directory", () => {
    write(".config/config.js", code("ran-js"));
    write(".config/config.cjs", code("ran-cjs"));
    write(".config/config.mjs", 'import { writeFileSync } from "node:fs"; writeFileSync("ran-mjs", "");');
    write(".spec-kittyrc", "specsRoot: specs");
    process.chdir(root);
    expect(read().specsRoot).toBe("specs");
    expect(process.cwd()).toBe(root);
    expect(ran()).toEqual([]);
  });

  test("nor does one change where we look", () => {
    write("evil.cjs", code("ran-evil"));
    write(".config/config.yaml", "cosmiconfig:\n  searchPlaces: [evil.cjs]\n  mergeSearchPlaces: false\n");
    write("package.json", '{"cosmiconfig":{"searchPlaces":["evil.cjs"],"mergeSearchPlaces":false}}');
    write(".spec-kittyrc", "specsRoot: specs");
    process.chdir(root);
    expect(read()).toMatchObject({ specsRoot: "specs", warnings: [] });
    expect(ran()).toEqual([]);
  });

  test.each([".spec-kittyrc", ".spec-kittyrc.json", ".spec-kittyrc.yaml", ".spec-kittyrc.yml"])(
    "nor by $import in %s",
    (name) => {
      write("evil.cjs", code("ran-evil"));
      write("more.json", '{"lanes":{"wip":"doing"}}');
      write(name, JSON.stringify({ $import: [join(root, "evil.cjs"), "more.json"], specsRoot: "specs" }));
      expect(read()).toEqual({
        specsRoot: "specs",
        lanes: new Map(),
        warnings: [`${name}: it may set specsRoot and lanes alone, not "$import".`],
      });
      expect(ran()).toEqual([]);
    },
  );

  test("and the current directory is the old one again, even if it is gone", () => {
    write(".spec-kittyrc", "specsRoot: specs");
    const moves: string[] = [];
    const directory = { cwd: () => "/before", chdir: (path: string) => void moves.push(path) };
    expect(readProjectConfig({ root, lanes: LANES, directory }).specsRoot).toBe("specs");
    expect(moves).toEqual([cwd, "/before"]);
    const gone = () => {
      throw new Error("ENOENT");
    };
    expect(readProjectConfig({ root, lanes: LANES, directory: { cwd: gone, chdir: gone } }).warnings).toHaveLength(1);
  });
});

describe("the user's own file", () => {
  const readUser = () => readUserConfig({ home: root, directory: process });
  const settings = { server: "https://one.example", team: "red", token: "t" };

  test.each([
    ["git/config.json", JSON.stringify(settings)],
    ["git/config.yaml", "server: https://one.example\nteam: red\ntoken: t\n"],
  ])("%s sets server, team and token", (name, text) => {
    write(name, text);
    const open = expect.stringContaining("others may read it");
    expect(readUser()).toEqual({ ...settings, path: join(root, name), warnings: [open] });
    chmodSync(join(root, name), 0o600);
    expect(readUser()).toEqual({ ...settings, path: join(root, name), warnings: [] });
  });

  test("may be a link, as those who keep their settings elsewhere have it", () => {
    write("dotfiles/kitty.json", JSON.stringify(settings));
    mkdirSync(join(root, "git"));
    symlinkSync(join(root, "dotfiles/kitty.json"), join(root, "git/config.json"));
    expect(readUser()).toMatchObject(settings);
  });

  test("is nothing where there is none", () => {
    expect(readUser()).toMatchObject({ path: undefined, server: undefined, warnings: [] });
  });

  test("warns of what it cannot use, never with a value in it", () => {
    write("git/config.json", '{"server":"","team":7,"tokn":"hunter2","token":["hunter2"]}');
    const { warnings, ...values } = readUser();
    expect(values).toMatchObject({ server: undefined, team: undefined, token: undefined });
    expect(warnings.map((warning) => warning.slice(root.length))).toEqual([
      "/git/config.json: server is no text.",
      "/git/config.json: team is no text.",
      "/git/config.json: token is no text.",
      '/git/config.json: "tokn" is no setting.',
    ]);
    write("git/config.json", '{"token": hunter2');
    expect(readUser().warnings).toHaveLength(1);
    expect(readUser().warnings[0]).not.toContain("hunter2");
  });
});
