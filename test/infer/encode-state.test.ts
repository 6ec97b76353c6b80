import { afterAll, describe, expect, test } from "vitest";
import { inferNews } from "../../src/commands/infer-news.ts";
import { openProject } from "../../src/commands/open-project.ts";
import { openObjects } from "../../src/git/object-reader.ts";
import { createSnapshotReader } from "../../src/git/read-snapshots.ts";
import { ENGINE_VERSION, isCheckpoint, LostState, readState, writeState } from "../../src/infer/encode-state.ts";
import {
  EMPTY_FEATURE,
  EMPTY_STATE,
  type FeatureState,
  type State,
  type WorkPackageState,
} from "../../src/infer/state.ts";
import { type ImportedCommit, importGraph } from "../helpers/import-graph.ts";
import { createMemoryStore, digest } from "../helpers/memory-store.ts";
import { makeRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const repository = makeRepository({ bare: true, onFinish: afterAll });
repository.git("config", "spec-kitty.project", "0f0e0d0c-0b0a-5908-8706-050403020100");

const FULL: WorkPackageState = {
  blob: "b1",
  present: true,
  layout: "event_log",
  lane: "for_review",
  written: "doing",
  moved: { idTime: 7, time: 5 },
  moves: new Map([["doing@1", 2]]),
  entries: new Map([["2026 – Zoë", "1 Zoë"]]),
  rows: new Set(["doing@1"]),
  agent: "claude",
  agents: { implementation: ["claude", "codex"], review: ["opus"] },
  dependencies: ["WP02", "WP01"],
  resolved: new Set(["WP02@3"]),
  unreadable: new Set(["b0"]),
};
const BARE: WorkPackageState = {
  ...FULL,
  present: false,
  layout: "lane_directory",
  written: undefined,
  moved: undefined,
  moves: new Map(),
  entries: new Map(),
  rows: new Set(),
  agent: undefined,
  agents: { implementation: [], review: [] },
  dependencies: [],
  resolved: new Set(),
  unreadable: new Set(),
};
const FEATURE: FeatureState = {
  tree: "t1",
  missionId: "01M",
  eventLog: true,
  complete: true,
  completions: new Set([3, 1]),
  workPackages: new Map([
    ["WP01", FULL],
    ["WP02", BARE],
  ]),
};

function stateOf(features: Record<string, FeatureState>, more: Partial<State> = {}): State {
  return { ...EMPTY_STATE, depth: 5, tree: "root", features: new Map(Object.entries(features)), ...more };
}

/** A state without anything lazy in it. */
function plain({ features, renames, ...rest }: State): unknown {
  return { ...rest, renames: [...renames], features: [...features].map(([name, feature]) => [name, { ...feature }]) };
}

/** A store that tells what was read and written since it was last asked. */
function createCountingStore() {
  const store = createMemoryStore();
  let names: string[] = [];
  return {
    ...store,
    read: (name: string) => {
      names.push(`read ${name.replace(/\/.*/, "")}`);
      return store.read(name);
    },
    write: (name: string, text: string) => {
      names.push(`write ${name.replace(/\/.*/, "")}`);
      store.write(name, text);
    },
    count(what: string): number {
      const count = names.filter((name) => name === what).length;
      names = names.filter((name) => name !== what);
      return count;
    },
  };
}

describe("a stored state", () => {
  test.each<[string, State]>([
    ["empty", EMPTY_STATE],
    ["full", stateOf({ "001-größe": { ...FEATURE } }, { renames: new Map([["a", "b"]]) })],
    ["of a feature without anything", stateOf({ f: { ...EMPTY_FEATURE }, g: { ...EMPTY_FEATURE, tree: "t2" } })],
    ["without a specs root", stateOf({ f: { ...FEATURE } }, { tree: undefined })],
  ])("%s is read as it was written", (_, state) => {
    const store = createMemoryStore();
    writeState(store, "c1", state, digest);
    const read = readState(store, "c1");
    expect(read && plain(read)).toEqual(plain(state));
  });

  test("that does not exist is undefined", () => {
    expect(readState(createMemoryStore(), "c1")).toBeUndefined();
  });

  test.each([
    ["of another engine", (text: string) => text.replace(`"v":${ENGINE_VERSION}`, `"v":${ENGINE_VERSION + 1}`)],
    ["cut off", (text: string) => text.slice(0, -3)],
    ["empty", () => ""],
    ["null", () => "null"],
    ["a list", () => "[]"],
    ["without a depth", (text: string) => text.replace('"depth":5', '"depth":"5"')],
    [
      "with a feature that has no shard",
      (text: string) => text.replace(/"features":\[\["f","t1","[^"]+"\]\]/, '"features":[["f","t1"]]'),
    ],
  ])("that is %s is none", (_, damage) => {
    const store = createMemoryStore();
    writeState(store, "c1", stateOf({ f: { ...FEATURE } }), digest);
    const text = store.texts.get("commits/c1") ?? "";
    expect(damage(text)).not.toBe(text);
    store.texts.set("commits/c1", damage(text));
    expect(readState(store, "c1")).toBeUndefined();
  });

  test.each([
    ["is gone", undefined],
    ["is damaged", "{"],
    ["is of another engine", JSON.stringify({ v: ENGINE_VERSION + 1, packages: [] })],
    ["has no work packages", JSON.stringify({ v: ENGINE_VERSION })],
    ["has an unknown lane", JSON.stringify({ v: ENGINE_VERSION, packages: [["WP01", { lane: "dong" }]] })],
    ["has a work package that is no pair", JSON.stringify({ v: ENGINE_VERSION, packages: ["WP01"] })],
  ])("whose shard %s is lost when it is looked at, and not before", (_, text) => {
    const store = createMemoryStore();
    writeState(store, "c1", stateOf({ f: { ...FEATURE } }), digest);
    for (const name of [...store.texts.keys()].filter((each) => each.startsWith("shards/"))) {
      if (text === undefined) store.texts.delete(name);
      else store.texts.set(name, text);
    }
    const read = readState(store, "c1");
    expect(read?.depth).toBe(5);
    expect(read?.features.get("f")?.tree).toBe("t1");
    expect(() => read?.features.get("f")?.workPackages).toThrow(LostState);
    expect(() => read?.features.get("f")?.complete).toThrow(LostState);
  });

  test("reads a feature at the first look, and once", () => {
    const store = createCountingStore();
    writeState(store, "c1", stateOf({ f: { ...FEATURE }, g: { ...FEATURE, tree: "t2" } }), digest);
    const read = readState(store, "c1");
    expect(store.count("read shards")).toBe(0);
    expect(read?.features.get("g")?.missionId).toBe("01M");
    expect(read?.features.get("g")?.workPackages.size).toBe(2);
    expect(store.count("read shards")).toBe(1);
  });

  test("shares the shards of features that did not change, which are not written again", () => {
    const store = createCountingStore();
    const kept = { ...FEATURE };
    writeState(store, "c1", stateOf({ f: kept, g: { ...FEATURE, tree: "t2" } }), digest);
    expect(store.count("write shards")).toBe(2);
    writeState(store, "c2", stateOf({ f: kept, g: { ...FEATURE, tree: "t3" } }), digest);
    expect(store.count("write shards")).toBe(1);
    const read = readState(store, "c2");
    if (read) writeState(store, "c3", read, digest);
    expect(store.count("write shards")).toBe(0);
    expect(store.count("read shards")).toBe(0);
    expect(store.texts.size).toBe(3 + 3);
  });

  test("lies at every 256th generation", () => {
    const depths = Array.from({ length: 1000 }, (_, depth) => depth);
    expect(depths.filter((depth) => isCheckpoint({ ...EMPTY_STATE, depth }))).toEqual([0, 256, 512, 768]);
  });
});

type Files = NonNullable<ImportedCommit["files"]>;

function task(feature: number, id: string, options: Parameters<typeof workPackage>[0] = {}): Files {
  return { [`kitty-specs/00${feature}-part/tasks/${id}-part.md`]: workPackage({ id, ...options }) };
}

/** Opens what inferring news of the shared repository needs. */
async function openNews(): Promise<
  Omit<Parameters<typeof inferNews>[0], "store" | "tips" | "seen"> & { close(): void }
> {
  const { repository: opened } = await openProject({ cwd: repository.path, env: process.env, repo: repository.path });
  const objects = openObjects(opened);
  const reader = createSnapshotReader(objects, { specsRoot: "kitty-specs", laneNames: new Map() });
  return { repository: opened, reader, digest, close: () => objects.close() };
}

describe("states of real histories", () => {
  test("every one is read as it was written", async () => {
    const row = (lane: string, minute: number) =>
      `${JSON.stringify({ actor: "claude", at: `2026-01-01T00:0${minute}:00Z`, from_lane: "planned", to_lane: lane, wp_id: "WP01" })}\n`;
    const line = logLine({ time: "2026-01-01T00:01:00Z", lane: "doing" });
    const log = "kitty-specs/002-part/status.events.jsonl";
    const oids = importGraph(repository, [
      { files: { ...task(1, "WP01"), ...task(1, "WP02", { dependencies: ["WP01"] }) } },
      { files: { ...task(1, "WP01", { lane: "done", log: [line], agent: "codex" }), ...task(2, "WP01") } },
      { files: { [log]: row("claimed", 1) } },
      { files: { [log]: row("claimed", 1) + row("in_progress", 2) } },
      { parents: [1], files: { "kitty-specs/001-part/tasks/WP02-part.md": "---\nlane: [\n---\n" } },
      { files: { "kitty-specs/001-part": null, ...task(3, "WP01", { lane: "done", log: [line], agent: "codex" }) } },
      {
        parents: [3, 5],
        files: { "kitty-specs/001-part": null, ...task(3, "WP01", { lane: "done", agent: "codex" }) },
      },
      { files: { "kitty-specs/002-part": null, "kitty-specs/004-part/tasks/done/WP01-x.md": workPackage() } },
      { files: { "kitty-specs": null } },
    ]);
    const news = await openNews();
    const store = createMemoryStore();
    let checked = 0;
    for await (const { commit, state } of inferNews({
      ...news,
      store: createMemoryStore(),
      tips: oids.slice(-1),
      seen: [],
    })) {
      writeState(store, commit.oid, state, digest);
      const read = readState(store, commit.oid);
      expect(read && plain(read)).toEqual(plain(state));
      checked += 1;
    }
    news.close();
    expect(checked).toBe(9);
  });

  test("folding a commit that touches one feature reads and writes one shard, whatever else there is", async () => {
    const features = Object.assign({}, ...[1, 2, 3, 4, 5, 6].map((feature) => task(feature, "WP01")));
    const [first = "", second = ""] = importGraph(repository, [
      { files: features },
      { files: task(3, "WP01", { lane: "doing" }) },
    ]);
    const store = createCountingStore();
    const news = await openNews();
    for await (const _ of inferNews({ ...news, store, tips: [first], seen: [] }));
    expect(store.count("write shards")).toBe(6);
    const drafts: string[] = [];
    store.count("read shards");
    for await (const step of inferNews({ ...news, store, tips: [second], seen: [first] }))
      drafts.push(...step.drafts.map(({ fact }) => fact.event_type));
    news.close();
    expect(drafts).toEqual(["WPStatusChanged"]);
    expect([store.count("read shards"), store.count("write shards")]).toEqual([1, 1]);
  });

  test("folding a merge of stored states reads and writes only the features it touches", async () => {
    const features = Object.assign({}, ...[1, 2, 3, 4, 5, 6].map((feature) => task(feature, "WP01")));
    const [, left = "", right = "", merge = ""] = importGraph(repository, [
      { files: features },
      { parents: [0], files: task(1, "WP01", { lane: "doing" }) },
      { parents: [0], files: task(2, "WP01", { lane: "doing" }) },
      { parents: [1, 2], files: task(2, "WP01", { lane: "doing" }) },
    ]);
    const store = createCountingStore();
    const news = await openNews();
    for await (const _ of inferNews({ ...news, store, tips: [left, right], seen: [] }));
    store.count("read shards");
    store.count("write shards");
    for await (const _ of inferNews({ ...news, store, tips: [merge], seen: [left, right] }));
    news.close();
    expect(store.count("read shards")).toBeLessThanOrEqual(4);
    expect(store.count("write shards")).toBeLessThanOrEqual(2);
  });

  test("of 300 commits in a row, the tip's and that of generation 256 are stored, and a branch from there goes on", async () => {
    const lane = (index: number) => (index % 2 === 0 ? "planned" : "doing");
    const commits = Array.from(
      { length: 300 },
      (_, index): ImportedCommit => ({ files: task(1, "WP01", { lane: lane(index) }) }),
    );
    const oids = importGraph(repository, [...commits, { parents: [260], files: task(1, "WP01", { lane: "done" }) }]);
    const [tip = "", branch = ""] = [oids[299], oids[300]];
    const store = createMemoryStore();
    const news = await openNews();
    let moves = 0;
    for await (const { drafts } of inferNews({ ...news, store, tips: [tip], seen: [] }))
      moves += drafts.filter(({ fact }) => fact.event_type === "WPStatusChanged").length;
    expect(moves).toBe(299);
    const stored = [...store.texts.keys()].filter((name) => name.startsWith("commits/")).sort();
    expect(stored).toEqual([`commits/${oids[255]}`, `commits/${tip}`].sort());
    expect(readState(store, oids[255] ?? "")?.depth).toBe(256);

    const told: string[] = [];
    for await (const { drafts } of inferNews({ ...news, store, tips: [branch], seen: [tip] }))
      told.push(
        ...drafts.map(({ fact }) => (fact.event_type === "WPStatusChanged" ? fact.payload.from_lane : fact.event_type)),
      );
    news.close();
    expect(told).toEqual(["planned", "FeatureCompleted"]);
  });

  test("a state whose shard is lost is said to be lost, and rebuilt from an empty store", async () => {
    const [first = "", second = ""] = importGraph(repository, [
      { files: task(1, "WP01") },
      { files: task(1, "WP01", { lane: "done" }) },
    ]);
    const store = createMemoryStore();
    const news = await openNews();
    const infer = async (): Promise<number> => {
      let count = 0;
      for await (const { drafts } of inferNews({ ...news, store, tips: [second], seen: [first] }))
        count += drafts.length;
      return count;
    };
    for await (const _ of inferNews({ ...news, store, tips: [first], seen: [] }));
    for (const name of [...store.texts.keys()].filter((each) => each.startsWith("shards/"))) store.texts.delete(name);
    await expect(infer()).rejects.toThrow(LostState);
    store.texts.clear();
    expect(await infer()).toBeGreaterThan(0);
    news.close();
  });
});
