import { type Lane, type LaneNames, parseLane } from "../model/lane.ts";
import { parseFeatureMeta } from "../model/parse-feature-meta.ts";
import { parseWorkPackage } from "../model/parse-work-package.ts";
import type { FeatureSnapshot, ListedFeature, Listing, WorkPackageFile } from "../model/snapshot.ts";
import type { WorkPackageFacts } from "../model/work-package.ts";
import { createCache } from "./cache.ts";
import type { ObjectReader } from "./object-reader.ts";
import { EMPTY_TREE, parseTree, type TreeEntry } from "./parse-tree.ts";
import { createRowReader } from "./read-rows.ts";

/** Reads what trees say; every object is content-addressed, so none is read twice while it is remembered. */
export interface SnapshotReader {
  /** Lists the features of commits, given their whole trees. */
  list(trees: readonly string[]): Promise<Listing[]>;
  /** Reads features by name and tree. */
  readFeatures(features: readonly ListedFeature[]): Promise<FeatureSnapshot[]>;
}

/** A Markdown file below `tasks/`. */
interface TaskFile {
  readonly path: string;
  /** The work package its name begins with. */
  readonly id: string | undefined;
  readonly blob: string;
  readonly directory: Lane | undefined;
}

/** A directory whose files are task files: `tasks/` of a feature, or one below it. */
interface TaskFolder {
  /** Oid of the `tasks/` it lies in. */
  readonly tasks: string;
  readonly path: string;
  readonly tree: string;
  readonly directory: Lane | undefined;
  readonly files: TaskFile[];
}

const DIRECTORY_LANES = ["planned", "doing", "for_review", "done"];
const ID_IN_NAME = /^(WP\d{2})(?!\d)/;
/** Longer files are no work packages anybody reads; only their head is looked at. */
const LONGEST_FILE = 4 * 1024 * 1024;
const NO_FEATURES: Listing = { tree: undefined, features: [] };

/** How a project lays out its work packages. */
export interface SpecsLayout {
  /** Path of the specs root inside the repository. */
  readonly specsRoot: string;
  /** What the team calls lanes in its files. */
  readonly laneNames: LaneNames;
}

/** Creates a reader of the trees below a specs root. */
export function createSnapshotReader(objects: ObjectReader, { specsRoot, laneNames }: SpecsLayout): SnapshotReader {
  const readTrees = createTreeReader(objects);
  const readMetas = createReader(objects, 512, (bytes) => bytes.toString());
  const readFacts = createFactsReader(objects, laneNames);
  const readRows = createRowReader(objects);
  const listings = createCache<Listing>(512);
  const workPackages = createCache<readonly WorkPackageFile[]>(512);
  let newest = EMPTY_TREE;

  /** Finds the specs root in each of some trees. */
  async function findRoots(trees: readonly string[]): Promise<(string | undefined)[]> {
    let found: (string | undefined)[] = [...trees];
    for (const name of specsRoot.split("/")) {
      const entries = await readTrees(found.flatMap((tree) => tree ?? []));
      found = found.map((tree) => (tree === undefined ? undefined : find(entries.get(tree), name, "tree")));
    }
    return found;
  }

  /** Walks trees of `tasks/` level by level, since each level has to be read before the next is known. */
  async function listTaskFiles(trees: readonly string[]): Promise<ReadonlyMap<string, TaskFile[]>> {
    const found = new Map(trees.map((tree): [string, TaskFile[]] => [tree, []]));
    let level = [...found].map(
      ([tasks, files]): TaskFolder => ({ tasks, path: "tasks", tree: tasks, directory: undefined, files }),
    );
    while (level.length > 0) {
      const entries = await readTrees(level.map(({ tree }) => tree));
      level = onePerTree(level.flatMap((folder) => enterFolder(folder, entries.get(folder.tree) ?? [])));
    }
    return found;
  }

  /** Reads the work packages below trees of `tasks/`; half of a feature's versions differ in other files alone. */
  async function readWorkPackages(trees: readonly string[]): Promise<ReadonlyMap<string, readonly WorkPackageFile[]>> {
    const known = new Map(trees.map((tree) => [tree, workPackages.peek(tree)]));
    const files = await listTaskFiles([...known].flatMap(([tree, found]) => (found ? [] : [tree])));
    const facts = await readFacts([...files.values()].flat().map(({ blob }) => blob));
    return new Map(
      [...known].map(([tree, found]) => {
        const all = found ?? findWorkPackages(files.get(tree) ?? [], facts);
        workPackages.set(tree, all);
        return [tree, all];
      }),
    );
  }

  return {
    async list(trees) {
      const roots = await findRoots(trees);
      const unread = [...new Set(roots)].flatMap((tree) => (tree === undefined || listings.peek(tree) ? [] : [tree]));
      await objects.readEach(unread, (bytes, tree) => {
        newest = parseTree(bytes, tree.length / 2, newest);
        listings.set(tree, { tree, features: newest.entries.filter(({ kind }) => kind === "tree") });
      });
      return roots.map((tree) => (tree === undefined ? undefined : listings.peek(tree)) ?? NO_FEATURES);
    },

    async readFeatures(features) {
      const entries = await readTrees(features.map(({ oid }) => oid));
      const parts = features.map(({ name, oid }) => {
        const list = entries.get(oid);
        const [tasks, meta] = [find(list, "tasks", "tree"), find(list, "meta.json", "blob")];
        return { name, tree: oid, tasks, meta, log: find(list, "status.events.jsonl", "blob") };
      });
      const [found, rows, metas] = await Promise.all([
        readWorkPackages(parts.flatMap(({ tasks }) => tasks ?? [])),
        readRows(parts.map(({ name, log }) => [name, log])),
        readMetas(parts.flatMap(({ meta }) => meta ?? [])),
      ]);
      return parts.map(({ name, tree, tasks, meta }, index) => ({
        tree,
        workPackages: found.get(tasks ?? "") ?? [],
        rows: rows[index],
        meta: parseFeatureMeta(metas.get(meta ?? "") ?? "{}", name),
      }));
    },
  };
}

function find(entries: readonly TreeEntry[] | undefined, name: string, kind: TreeEntry["kind"]): string | undefined {
  return entries?.find((entry) => entry.name === name && entry.kind === kind)?.oid;
}

/** Takes a folder's Markdown files, and gives the folders below it that hold task files, too. */
function enterFolder(folder: TaskFolder, entries: readonly TreeEntry[]): TaskFolder[] {
  const { path: above, directory, files } = folder;
  return entries.flatMap(({ name, kind, oid }): TaskFolder[] => {
    const path = `${above}/${name}`;
    if (kind === "blob" && name.endsWith(".md")) files.push({ path, id: idInName(name), blob: oid, directory });
    const isLane = directory === undefined && DIRECTORY_LANES.includes(name);
    if (kind !== "tree" || !(isLane || name.startsWith("phase-"))) return [];
    return [{ ...folder, path, tree: oid, directory: isLane ? parseLane(name) : directory }];
  });
}

/**
 * Keeps of folders with the same content and lane the one with the later path, whose files would win anyway: a few
 * trees that hold one another twenty times over would else be more folders than can be counted.
 */
function onePerTree(folders: readonly TaskFolder[]): TaskFolder[] {
  const byTree = new Map<string, TaskFolder>();
  for (const folder of folders) {
    const key = `${folder.tasks} ${folder.directory} ${folder.tree}`;
    if (folder.path > (byTree.get(key)?.path ?? "")) byTree.set(key, folder);
  }
  return [...byTree.values()];
}

/** The work package a file is named after: `WP` and two digits, no more. */
function idInName(name: string): string | undefined {
  return name.startsWith("WP") ? ID_IN_NAME.exec(name)?.[1] : undefined;
}

const NO_WORK_PACKAGE = /^(readme|review-cycle)/i;

/**
 * Names the work packages of task files: by the file's name, else by the frontmatter where no file is named so. A README,
 * a review or a note that only speaks of a work package is none. Ordered by id, one file each: of two, the one further
 * down the board, else the later path.
 */
function findWorkPackages(files: readonly TaskFile[], facts: ReadonlyMap<string, WorkPackageFacts>): WorkPackageFile[] {
  const named = new Set(files.map(({ id }) => id));
  const rank = ({ directory }: WorkPackageFile) => DIRECTORY_LANES.indexOf(directory ?? "");
  const byId = new Map<string, WorkPackageFile>();
  for (const { id: idInPath, path, blob, directory } of files) {
    const read = facts.get(blob);
    const spoken = NO_WORK_PACKAGE.test(baseName(path)) || named.has(read?.id) ? undefined : read?.id;
    const id = idInPath ?? spoken;
    if (read === undefined || id === undefined) continue;
    const file = { id, path, blob, directory, facts: read };
    const other = byId.get(id);
    if (!other || rank(file) > rank(other) || (rank(file) === rank(other) && path > other.path)) byId.set(id, file);
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Reads what `parse` makes of objects; what is remembered is not read again. */
function createReader<Value>(objects: ObjectReader, limit: number, parse: (bytes: Buffer, oid: string) => Value) {
  const remembered = createCache<Value>(limit);
  return async (oids: readonly string[]): Promise<ReadonlyMap<string, Value>> => {
    const values = new Map<string, Value>();
    const unread: string[] = [];
    for (const oid of new Set(oids)) {
      const known = remembered.peek(oid);
      if (known === undefined) unread.push(oid);
      else values.set(oid, known);
    }
    await objects.readEach(unread, (bytes, oid) => {
      const value = parse(bytes, oid);
      remembered.set(oid, value);
      values.set(oid, value);
    });
    return values;
  };
}

/** Reads trees; each is parsed on top of the one before, as versions of one folder come one after the other. */
function createTreeReader(objects: ObjectReader) {
  let before = EMPTY_TREE;
  return createReader(objects, 2048, (bytes, oid) => {
    before = parseTree(bytes, oid.length / 2, before);
    return before.entries;
  });
}

/** Reads task files; the decoder for frontmatter that takes one is loaded with the first. */
function createFactsReader(objects: ObjectReader, names: LaneNames) {
  const read = createReader(objects, 1024, (bytes) => {
    const text = bytes.toString("utf8", 0, LONGEST_FILE);
    return parseWorkPackage(text, { names }) ?? decodeWorkPackage(text, names);
  });
  return async (oids: readonly string[]): Promise<ReadonlyMap<string, WorkPackageFacts>> => {
    const facts = new Map<string, WorkPackageFacts>();
    for (const [oid, known] of await read(oids)) facts.set(oid, known instanceof Promise ? await known : known);
    return facts;
  };
}

async function decodeWorkPackage(text: string, names: LaneNames): Promise<WorkPackageFacts> {
  const { decodeFrontmatter } = await import("../model/frontmatter.ts");
  const facts = parseWorkPackage(text, { decode: decodeFrontmatter, names });
  if (!facts) throw new Error("a work package was neither read nor refused");
  return facts;
}
