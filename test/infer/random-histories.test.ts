import fc from "fast-check";
import { expect, test } from "vitest";
import { inferHistory } from "../../src/commands/infer-history.ts";
import { inferNews } from "../../src/commands/infer-news.ts";
import { type OpenProject, openProject } from "../../src/commands/open-project.ts";
import { ALL_HISTORY, type ListedCommit, listCommits } from "../../src/git/list-commits.ts";
import { openObjects } from "../../src/git/object-reader.ts";
import { createSnapshotReader } from "../../src/git/read-snapshots.ts";
import { LANES } from "../../src/model/lane.ts";
import { idsOf, inferAll } from "../helpers/infer.ts";
import { createMemoryStore, digest } from "../helpers/memory-store.ts";
import { makeRepository, type TestRepository } from "../helpers/repository.ts";
import { logLine, workPackage } from "../helpers/work-package.ts";

const PROJECT = "0f0e0d0c-0b0a-5908-8706-050403020100";
const RUNS = { numRuns: 12 };

type Operation =
  | { kind: "move"; feature: number; id: number; lane: number; recorded: boolean }
  | { kind: "note"; feature: number; id: number }
  | { kind: "row"; id: number; lane: number }
  | { kind: "branch" | "merge"; pick: number; theirs: boolean }
  | { kind: "revert" | "delete" | "rename" | "unrelated" };

const small = fc.nat({ max: 2 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("move" as const),
      feature: small,
      id: small,
      lane: fc.nat({ max: 8 }),
      recorded: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("note" as const), feature: small, id: small }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("row" as const), id: small, lane: fc.nat({ max: 8 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("branch" as const, "merge" as const),
      pick: fc.nat(),
      theirs: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("revert" as const, "delete" as const, "rename" as const, "unrelated" as const),
    }),
  },
);

/** Plays operations on a real repository; those git refuses (nothing to revert, a conflict it cannot solve) are left out. */
function play(operations: readonly Operation[], { noise = false } = {}): TestRepository {
  const repository = makeRepository();
  repository.git("config", "spec-kitty.project", PROJECT);
  repository.commit("Start", { files: { "README.md": "hello\n" } });
  const logs = new Map<string, string[]>();
  let clock = Date.parse("2026-01-01T01:00:00Z");
  const attempt = (...args: string[]): boolean => {
    try {
      repository.git(...args);
      return true;
    } catch {
      return false;
    }
  };
  for (const [index, step] of operations.entries()) {
    clock += 60_000;
    const date = new Date(clock).toISOString();
    const commit = (message: string, files: Record<string, string>) => repository.commit(message, { files, date });
    if (noise) {
      commit("Noise", { [`src/noise-${index % 3}.ts`]: `${index}\n`, "kitty-specs/README.md": `${index}\n` });
      if (index % 3 === 0) repository.git("branch", `noise-${index}`);
    }
    switch (step.kind) {
      case "move":
      case "note": {
        const path = `kitty-specs/00${step.feature}-feature/tasks/WP0${step.id}-part.md`;
        const log = logs.get(path) ?? [];
        const lane = step.kind === "move" ? LANES[step.lane] : undefined;
        const time = date.replace(".000Z", "Z");
        if (step.kind === "note" || step.recorded)
          log.push(logLine({ time, ...(lane && { lane }), text: `line ${index}` }));
        logs.set(path, log);
        const dependencies = step.id > 0 ? ["WP00"] : [];
        commit(`Step ${index}`, {
          [path]: workPackage({
            id: `WP0${step.id}`,
            ...(lane && { lane }),
            log,
            dependencies,
            agent: lane === "doing" ? `agent-${index % 2}` : "",
          }),
        });
        break;
      }
      case "row": {
        const path = "kitty-specs/003-log/status.events.jsonl";
        const rows = logs.get(path) ?? [];
        rows.push(
          JSON.stringify({
            actor: "claude",
            at: date,
            from_lane: "planned",
            to_lane: LANES[step.lane],
            wp_id: `WP0${step.id}`,
          }),
        );
        logs.set(path, rows);
        commit(`Row ${index}`, {
          [path]: `${rows.join("\n")}\n`,
          [`kitty-specs/003-log/tasks/WP0${step.id}-part.md`]: workPackage({ id: `WP0${step.id}`, lane: undefined }),
        });
        break;
      }
      case "branch":
        attempt("switch", "-q", "-c", `branch-${index}`, `HEAD~${step.pick % 3}`) || attempt("switch", "-q", "main");
        break;
      case "merge": {
        const branches = repository.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split("\n");
        const other = branches[step.pick % branches.length] ?? "main";
        const merged = attempt("merge", "-q", "--no-ff", "--no-edit", "-X", step.theirs ? "theirs" : "ours", other);
        if (!merged) attempt("merge", "--abort");
        break;
      }
      case "revert":
        if (!attempt("revert", "--no-edit", "HEAD")) attempt("revert", "--abort");
        break;
      case "delete":
        if (attempt("rm", "-q", "-r", "kitty-specs/000-feature")) commit(`Delete ${index}`, {});
        break;
      case "rename":
        if (attempt("mv", "kitty-specs/001-feature", "kitty-specs/009-renamed")) commit(`Rename ${index}`, {});
        break;
      case "unrelated":
        commit(`Unrelated ${index}`, { "src/code.ts": `${index}\n` });
    }
  }
  return repository;
}

async function openWalk(repository: TestRepository): Promise<{ open: OpenProject; commits: ListedCommit[] }> {
  const open = await openProject({ cwd: repository.path, env: process.env, repo: repository.path });
  const commits: ListedCommit[] = [];
  for await (const commit of listCommits(open.repository, ALL_HISTORY)) commits.push(commit);
  return { open, commits };
}

test("inferring in one go is inferring commit by commit, in any split, with states dropped anywhere", async () => {
  const splits = fc.array(
    fc.record({ size: fc.integer({ min: 1, max: 9 }), drop: fc.constantFrom("none", "half", "all") }),
    { minLength: 40, maxLength: 40 },
  );
  const property = fc.asyncProperty(
    fc.array(operation, { minLength: 8, maxLength: 24 }),
    splits,
    async (operations, parts) => {
      const repository = play(operations);
      const { open, commits } = await openWalk(repository);
      const objects = openObjects(open.repository);
      const reader = createSnapshotReader(objects, { specsRoot: "kitty-specs", laneNames: new Map() });
      const once = new Map<string, unknown>();
      for await (const { commit, drafts } of inferHistory({ commits, reader, shallow: new Set() }))
        once.set(commit.oid, drafts);

      const inParts = new Map<string, unknown>();
      const store = createMemoryStore();
      let seen: string[] = [];
      let from = 0;
      for (const { size, drop } of parts) {
        const known = commits.slice(0, from + size);
        const parents = new Set(known.flatMap((commit) => commit.parents));
        const tips = known.map(({ oid }) => oid).filter((oid) => !parents.has(oid));
        const news = { repository: open.repository, reader, store, digest, tips, seen };
        for await (const { commit, drafts } of inferNews(news)) inParts.set(commit.oid, drafts);
        const names = [...store.texts.keys()].filter((name) => name.startsWith("commits/"));
        if (drop !== "none")
          for (const [index, name] of names.entries()) if (drop === "all" || index % 2 === 0) store.texts.delete(name);
        seen = tips;
        from += size;
      }
      objects.close();
      expect([...inParts.keys()].sort()).toEqual([...once.keys()].sort());
      for (const [oid, drafts] of once) expect(inParts.get(oid)).toEqual(drafts);
    },
  );
  await fc.assert(property, RUNS);
});

test("unrelated commits, files and branches change nothing", async () => {
  const property = fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 12 }), async (operations) => {
    const linear = operations.filter(({ kind }) => kind === "move" || kind === "note" || kind === "row");
    const plain = await inferAll(play(linear).path);
    const noisy = await inferAll(play(linear, { noise: true }).path);
    expect(idsOf(noisy)).toEqual(idsOf(plain));
  });
  await fc.assert(property, RUNS);
});

test("clones, rebase, cherry-pick, amend and squash with log lines give the ids the first history gave", async () => {
  const recorded = fc.record({
    kind: fc.constant("move" as const),
    feature: small,
    id: small,
    lane: fc.nat({ max: 8 }),
    recorded: fc.constant(true),
  });
  const property = fc.asyncProperty(
    fc.array(recorded, { minLength: 2, maxLength: 8 }),
    fc.nat(),
    async (operations, pick) => {
      const repository = play(operations);
      const first = idsOf(await inferAll(repository.path));
      const root = repository.git("rev-list", "--max-parents=0", "HEAD");
      const date = repository.git("log", "-1", "--format=%aI");
      const after = async (): Promise<string[]> => idsOf(await inferAll(repository.path));
      const rest = operations.length - 1 > 0 ? pick % operations.length : 0;

      repository.git("switch", "-q", "-c", "other", root);
      repository.commit("Elsewhere", { files: { "other.txt": "1\n" } });
      repository.git("rebase", "-q", "other", "main");
      expect(await after()).toEqual(first);
      repository.git("commit", "-q", "--amend", "-m", "Other words", "--date", date);
      expect(await after()).toEqual(first);
      repository.git("switch", "-q", "-c", "picked", root);
      repository.git("cherry-pick", "--allow-empty", "other..main");
      expect(await after()).toEqual(first);
      repository.git("reset", "-q", "--soft", `HEAD~${rest}`);
      repository.gitWith({ date }, "commit", "-q", "--allow-empty", "-m", "Squashed");
      expect(await after()).toEqual(first);
    },
  );
  await fc.assert(property, RUNS);
});

test("any bytes in a task file: no crash, no hang", async () => {
  const repository = makeRepository();
  repository.git("config", "spec-kitty.project", PROJECT);
  const heads = ["", "---\n", "---\nlane: doing\n", "---js\n", "\uFEFF---\r\n", "---\nlane: [\n"].map((text) =>
    Buffer.from(text),
  );
  const bytes = fc.tuple(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 4000 }), fc.constantFrom(...heads));
  let count = 0;
  const property = fc.asyncProperty(fc.array(bytes, { minLength: 20, maxLength: 20 }), async (files) => {
    for (const [head, middle, tail] of files) {
      repository.write("kitty-specs/001-any/tasks/WP01-any.md", Buffer.concat([head, middle, tail]));
      repository.write("kitty-specs/001-any/meta.json", Buffer.from(middle));
      repository.write("kitty-specs/001-any/status.events.jsonl", Buffer.from(middle));
      repository.commit(`Bytes ${count++}`);
    }
    const events = await inferAll(repository.path);
    expect(events.filter((event) => event.event_type === "WPCreated")).toHaveLength(1);
  });
  await fc.assert(property, { numRuns: 5 });
});
