import { existsSync, readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStateFiles } from "../../src/capture/state-files.ts";
import { makeFolder } from "../helpers/folder.ts";

test("texts are read back by name, nothing else lies beside them", () => {
  const folder = join(makeFolder(), "state");
  const files = openStateFiles(folder);
  expect(files.read("commits/a")).toBeUndefined();
  files.write("commits/a", "one");
  files.write("commits/a", "two");
  expect(files.read("commits/a")).toBe("two");
  expect(readdirSync(join(folder, "commits"))).toEqual(["a"]);
  expect(statSync(join(folder, "commits/a")).mode & 0o777).toBe(0o600);
  files.clear();
  expect(existsSync(folder)).toBe(false);
});

test("a sweep waits until many states have gathered, then leaves those wanted, the newest that may serve, and what they name", () => {
  const folder = join(makeFolder(), "state");
  const files = openStateFiles(folder);
  for (let index = 0; index < 256; index++) {
    files.write(`shards/shard-${index}.`, "…");
    files.write(`commits/commit-${index}`, `[["001-x","tree","shard-${index}."]]`);
    utimesSync(join(folder, "commits", `commit-${index}`), index, index);
  }
  const listed = (kind: string): string[] => readdirSync(join(folder, kind)).sort();
  const all = listed("commits");
  files.sweep(new Set(), () => true);
  expect(listed("commits")).toEqual(all);
  files.write("commits/commit-256", "[]");
  files.sweep(new Set(["commit-0", "commit-256"]), (text) => /-\d*[05]\./.test(text));
  const serving = all.filter((oid) => /[05]$/.test(oid));
  expect(listed("commits")).toEqual([...serving, "commit-256"].sort());
  expect(listed("shards")).toEqual(serving.map((oid) => `${oid.replace("commit", "shard")}.`).sort());
  expect(serving.length).toBeLessThan(128);
});
