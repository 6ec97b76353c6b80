// The least a Node process can do to tell the events of a history: it lists the commits, receives the objects, looks for
// log lines in the files, and hashes and prints as many events as there are. What it prints means nothing.
// node floor.mjs <repository> <file with the objects' oids> <number of events>
import { spawn } from "node:child_process";
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

const [path, list, events] = process.argv.slice(2);
const git = (...args) => spawn("git", ["-C", path, ...args], { stdio: ["pipe", "pipe", "inherit"] });
const objects = git("cat-file", "--batch");
const oids = readFileSync(list);
const commits = await text(
  git("rev-list", "--author-date-order", "--reverse", "--format=%H %T %at %ct %P", "--all").stdout,
);
objects.stdin.end(oids);

const share = Number(events) / oids.toString().split("\n").length;
let due = 0;
let block = "";
let rest = Buffer.alloc(0);
for await (const chunk of objects.stdout) {
  const buffer = Buffer.concat([rest, chunk]);
  let at = 0;
  for (let end = buffer.indexOf("\n"); end !== -1; end = buffer.indexOf("\n", at)) {
    const [, type, size] = buffer.toString("latin1", at, end).split(" ");
    const next = end + 2 + Number(size);
    if (next > buffer.length) break;
    if (type === "blob") findLogLines(buffer.toString("utf8", end + 1, next - 1));
    for (due += share; due >= 1; due--) block += tell();
    at = next;
  }
  rest = buffer.subarray(at);
  if (block.length > 64 * 1024) {
    process.stdout.write(block);
    block = "";
  }
}
process.stdout.write(block);

function findLogLines(file) {
  const lines = [];
  for (let at = file.indexOf("\n- 2"); at !== -1; at = file.indexOf("\n- 2", at + 1)) {
    lines.push(file.slice(at, file.indexOf("\n", at + 1)));
  }
  return lines;
}

/** A line as long as those of the inference, around an id that was hashed for it. */
function tell() {
  const id = hash("sha256", `${commits.length} ${due} ${"a discriminator as long as most are ".repeat(4)}`, "hex");
  const payload = { wp_id: "WP01", feature_slug: "001-a-feature", entry_content: id.repeat(2), author: "claude" };
  const source = { project: id.slice(28), commit: id.slice(24), layout: "flat", kind: "commit" };
  const own = { event_id: id.slice(38), event_type: "HistoryAdded", payload, aggregate_id: "WP01", lamport_clock: 1 };
  const facts = { project_uuid: id.slice(28), git_branch: "main", head_commit_sha: id.slice(24), repo_slug: null };
  return `${JSON.stringify({ ...own, timestamp: new Date(0).toISOString(), ...facts, source })}\n`;
}
