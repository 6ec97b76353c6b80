import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createGit } from "../../src/git/git.ts";
import { type ObjectReader, openObjects } from "../../src/git/object-reader.ts";
import { openRepository } from "../../src/git/repository.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";

async function open(repository: TestRepository): Promise<ObjectReader> {
  const git = createGit(repository.path, { env: process.env, explicit: true });
  const objects = openObjects(await openRepository(git));
  onTestFinished(() => objects.close());
  return objects;
}

function store(repository: TestRepository, content: string | Buffer): string {
  return repository.gitWith({ input: content }, "hash-object", "-w", "--stdin");
}

test("objects of any bytes and size are read in the order asked for", async () => {
  const repository = makeRepository();
  const contents = ["", "\n", "no line break", "a missing\n", "\0\n\0", "x".repeat(300_000), "ä\r\n"].map((text) =>
    Buffer.from(text),
  );
  const oids = contents.map((content) => store(repository, content));
  const objects = await open(repository);
  expect(await objects.read(oids)).toEqual(contents);
  expect(await objects.read([...oids].reverse())).toEqual([...contents].reverse());
});

test("requests that overlap get their own objects", async () => {
  const repository = makeRepository();
  const oids = Array.from({ length: 20 }, (_, index) => store(repository, `${index}`.repeat(index * 500)));
  const objects = await open(repository);
  const requests = oids.map((oid, index) => objects.read([oid, oids[0] ?? "", oid].slice(0, 1 + (index % 3))));
  const read = await Promise.all(requests);
  expect(read.map(([first]) => first?.length)).toEqual(oids.map((_, index) => `${index}`.length * index * 500));
});

test("no oids are no objects", async () => {
  const objects = await open(makeRepository());
  expect(await objects.read([])).toEqual([]);
});

test("each object is handed over with its oid before the next one is needed", async () => {
  const repository = makeRepository();
  const oids = ["a", "b".repeat(200_000), "c"].map((content) => store(repository, content));
  const objects = await open(repository);
  const seen: [oid: string, length: number][] = [];
  const both = objects.readEach(oids, (bytes, oid) => seen.push([oid, bytes.length]));
  const [last] = await Promise.all([objects.read(oids.slice(2)), both]);
  expect(seen).toEqual(oids.map((oid, index) => [oid, [1, 200_000, 1][index]]));
  expect(last?.toString()).toBe("c");
});

test("what a visitor throws is thrown where it is awaited", async () => {
  const repository = makeRepository();
  const oid = store(repository, "there");
  const objects = await open(repository);
  const visit = (): void => {
    throw new Error("not to be read");
  };
  await expect(objects.readEach([oid, oid], visit)).rejects.toThrow("not to be read");
  await expect(objects.read([oid])).rejects.toThrow("not to be read");
});

test("a missing object is a Failure that names it, and nothing more is read", async () => {
  const repository = makeRepository();
  const there = store(repository, "there");
  const missing = "12".repeat(20);
  const objects = await open(repository);
  const wanted = [objects.read([there]), objects.read([there, missing]), objects.read([there])];
  const [first, second, third] = await Promise.allSettled(wanted);
  expect(first).toMatchObject({ status: "fulfilled" });
  const reason = { code: "failed", message: `Object ${missing} cannot be read: it is missing.` };
  expect(second).toMatchObject({ status: "rejected", reason });
  expect(third).toMatchObject({ status: "rejected", reason });
  await expect(objects.read([there])).rejects.toMatchObject(reason);
});

test("a damaged object is a Failure that names it and says what git said", async () => {
  const repository = makeRepository();
  const oid = store(repository, "soon damaged");
  const file = join(repository.path, ".git/objects", oid.slice(0, 2), oid.slice(2));
  rmSync(file);
  writeFileSync(file, "no zlib stream");
  const objects = await open(repository);
  await expect(objects.read([oid])).rejects.toMatchObject({
    code: "failed",
    message: expect.stringMatching(new RegExp(`^Object ${oid} cannot be read: .*\\.$`)),
    nextStep: expect.stringContaining("git fsck"),
  });
});

test("after its end a reader fails every request", async () => {
  const repository = makeRepository();
  const oid = store(repository, "there");
  const objects = await open(repository);
  objects.close();
  await expect(objects.read([oid])).rejects.toMatchObject({ code: "failed" });
  await expect(objects.read([oid])).rejects.toMatchObject({ code: "failed" });
});

test("a git that does not start is a Failure", async () => {
  const repository = makeRepository();
  const opened = await openRepository(createGit(repository.path, { env: process.env, explicit: true }));
  rmSync(repository.path, { recursive: true });
  await expect(openObjects(opened).read(["12".repeat(20)])).rejects.toMatchObject({
    code: "failed",
    message: expect.stringContaining("git could not be started"),
  });
});
