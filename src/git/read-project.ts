import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { Failure } from "../errors.ts";
import { NO_NAMES } from "../model/lane.ts";
import type { Git } from "./git.ts";
import type { ObjectReader } from "./object-reader.ts";
import { parseTree } from "./parse-tree.ts";
import type { SpecsLayout } from "./read-snapshots.ts";
import type { Repository } from "./repository.ts";

/** Who the project is, as one clone knows it. */
export interface Project extends SpecsLayout {
  /** UUIDv5 of the default branch's root commit: the same in every clone; empty before the first commit. */
  readonly seed: string;
  /** `project.uuid` of the committed `.kittify/config.yaml`; undefined without one. */
  readonly uuid: string | undefined;
  /** Name of the origin's repository in kebab case, else of the directory. */
  readonly slug: string;
  /** `owner/repo[/sub]` from the origin's URL; undefined without one. */
  readonly repoSlug: string | undefined;
  /** Short branch name, `HEAD` when detached. */
  readonly branch: string | undefined;
  /** Oid of HEAD; undefined before the first commit. */
  readonly head: string | undefined;
  /** The team events are for, from git's configuration; undefined where it is not set. */
  readonly team: string | undefined;
  /** True where the seed is in git's configuration already. */
  readonly recorded: boolean;
  /** How long a new worktree's claim waits for a commit, in ms. */
  readonly worktreeGrace: number;
  /** `spec-kitty.*` of git's configuration, names in lower case without the prefix. */
  readonly settings: ReadonlyMap<string, string>;
}

/** Namespace of project seeds, ours and fixed for ever. */
const NAMESPACE = "5b0d5e0b-3a52-5c1f-9d1d-7f3f6f0f6c55";
const PREFIX = "spec-kitty.";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const CONFIG_UUID = /^project:[ \t]*\n(?:[ \t].*\n|\n)*?[ \t]+uuid:[ \t]*["']?([0-9a-fA-F-]{36})["']?[ \t]*(?:#.*)?$/m;

/** Where a worktree is; what `readProject` need not ask for. */
export interface Head {
  readonly oid: string | undefined;
  readonly branch: string | undefined;
}

/** Reads who the project is; undefined seed facts are asked of git, nothing is written. */
export async function readProject(
  repository: Repository,
  { at, objects }: { at?: Promise<Head>; objects: ObjectReader },
): Promise<Project> {
  const { git, commonDir, shallow } = repository;
  const [settings, { oid: head, branch }] = await Promise.all([readSettings(repository), at ?? readHead(git)]);
  const committedConfig = await readCommittedConfig(objects, head);
  const origin = settings.get("remote.origin.url");
  const repoSlug = origin === undefined ? undefined : parseRepoSlug(origin);
  const gitName = basename(commonDir); // `.git` says nothing; `app.git` of a bare or a moved git directory does
  const directory = gitName.startsWith(".") ? basename(dirname(commonDir)) : gitName.replace(/\.git$/, "");
  return {
    seed: settings.get("spec-kitty.project")?.toLowerCase() ?? (await deriveSeed()),
    uuid: CONFIG_UUID.exec(committedConfig)?.[1]?.toLowerCase(),
    slug: kebab(repoSlug?.split("/").at(-1) ?? directory),
    repoSlug,
    branch: head === undefined ? undefined : branch,
    head,
    team: settings.get("spec-kitty.team") || undefined,
    specsRoot: settings.get("spec-kitty.specsroot") ?? "kitty-specs",
    laneNames: NO_NAMES,
    recorded: settings.has("spec-kitty.project"),
    worktreeGrace: parseGrace(settings.get("spec-kitty.worktreegrace") ?? "10"),
    settings: ownSettings(settings),
  };

  async function deriveSeed(): Promise<string> {
    const remote = await git.ask(["rev-parse", "-q", "--verify", "refs/remotes/origin/HEAD^{commit}"]);
    const start = remote ?? head;
    // On a branch without a commit the oldest root of the others counts, else all such projects were one.
    const from = start === undefined ? ["--date-order", "--branches", "--remotes"] : ["--first-parent", start];
    const roots = await git.run(["rev-list", "--max-parents=0", ...from, "--"]);
    const oid = roots.toString().trim().split("\n").at(-1) ?? "";
    if (oid === "") return "";
    if (shallow.has(oid)) throw unknownProject(git.cwd);
    return uuidFrom(oid);
  }
}

function ownSettings(settings: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const own = [...settings].filter(([name]) => name.startsWith(PREFIX));
  return new Map(own.map(([name, value]) => [name.slice(PREFIX.length), value]));
}

function parseGrace(minutes: string): number {
  if (/^\d{1,6}$/.test(minutes)) return Number(minutes) * 60_000;
  throw new Failure("failed", {
    message: `git config spec-kitty.worktreeGrace is "${minutes.slice(0, 60)}", which is no number of minutes.`,
    nextStep: "Set it to a number such as 10, or unset it: git config --unset spec-kitty.worktreeGrace",
  });
}

async function readHead(git: Git): Promise<Head> {
  const [oid, branch] = await Promise.all([
    git.ask(["rev-parse", "-q", "--verify", "HEAD^{commit}"]),
    git.ask(["rev-parse", "--abbrev-ref", "HEAD"]),
  ]);
  return { oid, branch };
}

/** The text of `.kittify/config.yaml` as HEAD has it, empty without one; a partial clone that lacks it does not guess. */
async function readCommittedConfig(objects: ObjectReader, head: string | undefined): Promise<string> {
  if (head === undefined) return "";
  let [bytes] = await objects.read([head]);
  let oid = /^tree (\w+)/.exec(bytes?.toString("latin1", 0, 80) ?? "")?.[1];
  for (const [name, kind] of [
    [".kittify", "tree"],
    ["config.yaml", "blob"],
  ] as const) {
    if (oid === undefined) return "";
    [bytes] = await objects.read([oid]);
    const { entries } = parseTree(bytes ?? Buffer.alloc(0), oid.length / 2);
    oid = entries.find((entry) => entry.name === name && entry.kind === kind)?.oid;
  }
  return oid === undefined ? "" : String((await objects.read([oid]))[0]);
}

/** Settings from git's configuration, which no branch can change; a value that is none of ours to guess is refused. */
async function readSettings({ git }: Repository): Promise<ReadonlyMap<string, string>> {
  const output = (await git.ask(["config", "-z", "--get-regexp", "^(spec-kitty\\..*|remote\\.origin\\.url)$"])) ?? "";
  const pairs = output.split("\0").filter((pair) => pair !== "");
  const settings = new Map(
    pairs.map((pair): [string, string] => {
      const end = pair.indexOf("\n");
      return end === -1 ? [pair, ""] : [pair.slice(0, end), pair.slice(end + 1)];
    }),
  );
  const project = settings.get("spec-kitty.project");
  if (project !== undefined && !UUID.test(project)) {
    throw new Failure("failed", {
      message: `git config spec-kitty.project is "${project.slice(0, 60)}", which is no UUID.`,
      nextStep: "Set it to the project's UUID, or unset it: git config --unset spec-kitty.project",
    });
  }
  const root = settings.get("spec-kitty.specsroot");
  if (root !== undefined && !/^(?!\.{1,2}(\/|$))[^/\n\0]+(\/(?!\.{1,2}(\/|$))[^/\n\0]+)*$/.test(root)) {
    throw new Failure("failed", {
      message: `git config spec-kitty.specsRoot is "${root.slice(0, 60)}", which is no path inside the repository.`,
      nextStep:
        "Set it to a path such as kitty-specs or docs/specs, without . or .. and without a slash at either end.",
    });
  }
  return settings;
}

/** Takes `owner/repo[/sub]` from a remote URL (scp-like, https, ssh, git); local paths have none. */
export function parseRepoSlug(url: string): string | undefined {
  const path =
    /^(?:https?|ssh|git):\/\/[^/]+\/(.+)$/.exec(url)?.[1] ??
    /^(?:[^/@:]+@[^/:@]+|[^/:@]+\.[^/:@]+):(?!\/\/)(.+)$/.exec(url)?.[1];
  const slug = path?.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
  return slug && /^[\w.-]+(\/[\w.-]+)+$/.test(slug) && !/(^|\/)\.+(\/|$)/.test(slug) ? slug : undefined;
}

function kebab(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "") || "project"
  );
}

/** UUIDv5 (RFC 9562, section 5.5) of a name in our namespace. */
function uuidFrom(name: string): string {
  const space = Buffer.from(NAMESPACE.replaceAll("-", ""), "hex");
  const bytes = createHash("sha1").update(space).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function unknownProject(cwd: string): Failure {
  return new Failure("failed", {
    message: `The clone in ${cwd} is shallow, so the project's first commit and with it the event ids are unknown.`,
    nextStep: "Run `git fetch --unshallow`, or copy the id from a full clone: git config spec-kitty.project <uuid>",
  });
}
