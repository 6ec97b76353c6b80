import { expect, test } from "vitest";
import { EMPTY_TREE, parseTree } from "../../src/git/parse-tree.ts";

const OID = "0123456789abcdef0123456789abcdef01234567";
const OTHER = "ff".repeat(20);

function entry(mode: string, name: string | Buffer, oid = OID): Buffer {
  return Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(oid, "hex")]);
}

function parse(...entries: Buffer[]) {
  return parseTree(Buffer.concat(entries), 20).entries.map(({ name, kind, oid }) => ({ name, kind, oid }));
}

test.each([
  ["40000", "tree"],
  ["040000", "tree"],
  ["100644", "blob"],
  ["100755", "blob"],
  ["100664", "blob"],
  ["120000", "other"],
  ["160000", "other"],
  ["0", "other"],
  ["banana", "other"],
] as const)("an entry of mode %s is a %s", (mode, kind) => {
  expect(parse(entry(mode, "name"))).toEqual([{ name: "name", kind, oid: OID }]);
});

test("oids may hold line breaks, spaces and zeros, and names may hold spaces", () => {
  const oid = "0a200d00".repeat(5);
  const entries = [entry("100644", "a b", oid), entry("40000", "c", "00".repeat(20))];
  expect(parse(...entries)).toEqual([
    { name: "a b", kind: "blob", oid },
    { name: "c", kind: "tree", oid: "00".repeat(20) },
  ]);
});

test("an oid of SHA-256 has 32 bytes", () => {
  const oid = "ab".repeat(32);
  expect(parseTree(entry("100644", "a", oid), 32).entries).toMatchObject([{ name: "a", oid }]);
});

test("two names are never read as one, whether they are UTF-8 or not", () => {
  const names = [
    "plain",
    "näme",
    "emoji 🎉",
    "\uFEFFmark",
    "back\\slash",
    "\\xff",
    "\\x5cxff",
    "\\x5c",
    Buffer.from([0xff]),
    Buffer.from("\\\xff", "latin1"),
    Buffer.from("\\x5c\xff", "latin1"),
    Buffer.from("n\xe4me", "latin1"),
    Buffer.from("nä\xe4", "latin1"),
  ];
  const read = parse(...names.map((name) => entry("40000", name))).map(({ name }) => name);
  expect(new Set(read).size).toBe(names.length);
  expect(read.slice(0, 5)).toEqual(names.slice(0, 5));
  expect(read[8]).toBe("\\xff");
});

test("an empty tree has no entries, and neither has one that is cut off", () => {
  const whole = entry("100644", "a");
  expect(parse()).toEqual([]);
  expect(parse(whole, entry("100644", "b").subarray(0, 12))).toEqual([]);
  expect(parse(whole, Buffer.from("100644 no end"))).toEqual([]);
});

test("what is read on top of another version is what is read alone", () => {
  const names = ["a", "b", "c", "d.md", "e", "f"];
  const plain = names.map((name) => entry("100644", name));
  const versions = [
    plain,
    names.map((name) => entry("100644", name, name === "c" ? OTHER : OID)),
    names.filter((name) => name !== "a" && name !== "d.md").map((name) => entry("100644", name)),
    ["0", "a", "b", "bb", "c", "z"].map((name) => entry("100644", name)),
    names.map((name) => entry("40000", name)),
    ["aa", "ba", "ca", "d.mda", "ea", "fa"].map((name) => entry("100644", name)),
    [...plain, ...plain],
    plain.slice(0, 1),
    [],
    [...plain, Buffer.from("100644 cut")],
  ].map((entries) => Buffer.concat(entries));
  for (const base of versions) {
    for (const version of versions) {
      expect(parseTree(version, 20, parseTree(base, 20))).toEqual(parseTree(version, 20));
    }
  }
});

test("entries that did not change are taken over as they are", () => {
  const version = (oid: string) =>
    Buffer.concat([entry("100644", "a"), entry("100644", "b", oid), entry("40000", "c")]);
  const base = parseTree(version(OID), 20);
  const next = parseTree(version(OTHER), 20, base);
  expect(next.entries.map((read, index) => read === base.entries[index])).toEqual([true, false, true]);
  expect(parseTree(Buffer.alloc(0), 20)).toEqual(EMPTY_TREE);
});
