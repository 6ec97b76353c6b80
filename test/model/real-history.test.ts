import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { decodeFrontmatter } from "../../src/model/frontmatter.ts";
import { parseWorkPackage } from "../../src/model/parse-work-package.ts";
import { scanFrontmatter } from "../../src/model/scan-frontmatter.ts";
import { splitFrontmatter } from "../../src/model/split-frontmatter.ts";

const BUNDLE = resolve(import.meta.dirname, "../../../shared/real/spec-kitty-history.bundle");
const WORK_PACKAGE_PATH = /^kitty-specs\/.*\/?tasks\/(?:[^/]+\/)*WP\d\d[^/]*\.md$/;

if (!existsSync(BUNDLE)) console.warn(`skipped: the real history is not at ${BUNDLE}`);

test.skipIf(!existsSync(BUNDLE))(
  "scanner and decoder agree on every task file of a real history",
  { timeout: 120_000 },
  () => {
    const blobs = readBlobs(cloneBundle());
    const splits = blobs.flatMap((text) => splitFrontmatter(text) ?? []);
    let decided = 0;
    let refused = 0;
    const disagreements: string[] = [];
    for (const { block } of splits) {
      const scanned = scanFrontmatter(block);
      const decoded = tryDecode(block);
      if (!decoded) refused += 1;
      if (!scanned) continue;
      decided += 1;
      if (!isDeepStrictEqual(scanned, decoded)) disagreements.push(block);
    }
    const start = performance.now();
    const entries = blobs.reduce((sum, text) => sum + (parseWorkPackage(text)?.entries.length ?? 0), 0);
    const ms = performance.now() - start;
    const megabytes = blobs.reduce((sum, text) => sum + text.length, 0) / 1e6;
    console.log(
      `${blobs.length} blobs (${megabytes.toFixed(1)} MB): ${decided} of ${splits.length} decided, ${refused} no YAML, ` +
        `${entries} entries, ${ms.toFixed(0)} ms (${((megabytes / ms) * 1000).toFixed(0)} MB/s)`,
    );
    expect(blobs.length).toBeGreaterThan(1000);
    expect(disagreements).toEqual([]);
    expect(decided / splits.length).toBeGreaterThanOrEqual(0.9);
  },
);

function tryDecode(block: string): Record<string, unknown> | undefined {
  try {
    return decodeFrontmatter(`---\n${block}\n---\n`);
  } catch {
    return undefined;
  }
}

function cloneBundle(): string {
  const directory = mkdtempSync(join(tmpdir(), "spec-kitty-real-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  git(["clone", "--quiet", "--bare", BUNDLE, directory]);
  return directory;
}

/** Reads each distinct work package blob of all commits: `git rev-list --objects`, then `git cat-file --batch`. */
function readBlobs(directory: string): string[] {
  const listing = git(["-C", directory, "rev-list", "--objects", "--all"]).toString();
  const oids = new Set<string>();
  for (const line of listing.split("\n")) if (WORK_PACKAGE_PATH.test(line.slice(41))) oids.add(line.slice(0, 40));
  const batch = git(["-C", directory, "cat-file", "--batch"], `${[...oids].join("\n")}\n`);
  const texts: string[] = [];
  for (let at = 0; at < batch.length; ) {
    const header = batch.indexOf("\n", at);
    const size = Number(batch.toString("latin1", at, header).split(" ")[2]);
    texts.push(batch.toString("utf8", header + 1, header + 1 + size));
    at = header + 1 + size + 1;
  }
  return texts;
}

function git(args: string[], input?: string): Buffer {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
  return execFileSync("git", args, { env, input, maxBuffer: 1 << 30, stdio: ["pipe", "pipe", "ignore"] });
}
