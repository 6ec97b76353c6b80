// Writes a large, realistic history into a new bare repository through `git fast-import`, the same every time.
import { spawn, spawnSync } from "node:child_process";

const LANES = ["planned", "doing", "for_review", "doing", "done"];
const START = Date.UTC(2025, 9, 1) / 1000;
const CODE_FILES = 2000;

/**
 * Creates `path` with `commits` commits and about `packages` work packages. As in the history it is modelled on, 47 % of
 * the commits touch a feature and 26 % a work package, most of them with one new log line; a work package is some 9 kB,
 * and no two texts are alike.
 */
export async function generateHistory(path, { commits, packages }) {
  spawnSync("git", ["init", "-q", "--bare", "-b", "main", path]);
  const git = spawn("git", ["-C", path, "fast-import", "--quiet", "--force"], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  const closed = new Promise((resolve, reject) => git.on("close", resolve).on("error", reject));
  const write = (text) => git.stdin.write(text) || new Promise((resolve) => git.stdin.once("drain", resolve));
  let count = 0;
  for (const { subject, files } of plan({ commits, packages })) {
    const who = `A <a@example.com> ${START + count * 600} +0100`;
    const changes = files.map(([name, text]) => `M 100644 inline ${name}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
    await write(
      `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\ndata ${subject.length}\n${subject}\n${changes.join("")}\n`,
    );
    count += 1;
  }
  git.stdin.end("done\n");
  const status = await closed;
  if (status !== 0) throw new Error(`git fast-import ended with ${status}`);
  spawnSync("git", ["-C", path, "repack", "-adq"]);
}

/** The commits, one after the other: code first, then feature by feature, code in between, code to the end. */
function* plan({ commits, packages }) {
  const random = createRandom(20260101);
  const text = (sentences) => Array.from({ length: sentences }, () => sentence(random)).join("\n\n");
  const codeFile = () => [codePath(Math.floor(random() * CODE_FILES)), text(10)];
  let count = 1;
  const time = () => START + count * 600;
  yield {
    subject: "Initial commit",
    files: Array.from({ length: CODE_FILES }, (_, index) => [codePath(index), text(10)]),
  };

  const features = Math.ceil(packages / 8);
  const steps = Math.max(1, Math.floor((commits * 0.47) / features) - 2);
  for (let feature = 0; feature < features && count < commits; feature++) {
    const slug = `${String(feature % 1000).padStart(3, "0")}-feature-number-${feature}`;
    const folder = `kitty-specs/${slug}`;
    const meta = { feature_number: slug.slice(0, 3), slug, target_branch: "main", created_at: iso(time()) };
    const documents = ["spec", "plan", "research", "data-model"].map((name) => [`${folder}/${name}.md`, text(60)]);
    yield {
      subject: `Add spec for feature ${slug}`,
      files: [...documents, [`${folder}/meta.json`, JSON.stringify(meta)]],
    };
    count += 1;
    const members = Array.from({ length: 8 }, (_, index) => ({
      id: `WP0${index + 1}`,
      at: 0,
      log: [],
      body: text(112),
    }));
    const taskFile = (member) => [`${folder}/tasks/${member.id}-part.md`, render(member, slug)];
    const checklist = () => [`${folder}/tasks.md`, members.map(renderChecklist).join("\n")];
    yield { subject: `Add tasks for feature ${slug}`, files: [checklist(), ...members.map(taskFile)] };
    count += 1;
    for (let step = 0; step < steps && count < commits; step++) {
      for (let unrelated = 0; unrelated < 2; unrelated++) {
        if (random() > 0.56) continue;
        yield { subject: "fix: something else", files: [codeFile()] };
        count += 1;
      }
      if (random() < 0.45) {
        const document = ["plan", "research", "data-model"][Math.floor(random() * 3)];
        yield { subject: `docs: revise ${document}`, files: [[`${folder}/${document}.md`, text(60)]] };
        count += 1;
        continue;
      }
      const member = members[Math.floor(random() * members.length)];
      for (let hops = random() < 0.07 ? 2 : 1; hops > 0 && member.at < LANES.length - 1; hops--) {
        member.at += 1;
        const when = iso(time() - 60 * hops);
        member.log.push(
          `- ${when} – claude – shell_pid=${1000 + count} – lane=${LANES[member.at]} – ${sentence(random)}`,
        );
      }
      yield { subject: `chore: Move ${member.id} to ${LANES[member.at]}`, files: [checklist(), taskFile(member)] };
      count += 1;
    }
  }
  for (; count < commits; count++) yield { subject: "fix: something else", files: [codeFile()] };
}

/** A seeded generator of numbers from 0 to below 1: mulberry32. */
function createRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS = "the queue keeps every event until a collector says that it has it and nothing is lost on the way".split(
  " ",
);

function sentence(random) {
  const word = () => `${WORDS[Math.floor(random() * WORDS.length)]}${Math.floor(random() * 1296).toString(36)}`;
  return Array.from({ length: 12 }, word).join(" ");
}

function codePath(index) {
  return `src/part-${index % 20}/module-${Math.floor(index / 20) % 10}/file-${index}.ts`;
}

function iso(seconds) {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

function renderChecklist({ id, at }) {
  return `## Work Package ${id}\n\n- [${at === LANES.length - 1 ? "x" : " "}] T001 Build it\n`;
}

function render({ id, at, log, body }, slug) {
  return `---
work_package_id: "${id}"
title: "Part ${id} of ${slug}"
lane: "${LANES[at]}"
dependencies: ${id === "WP01" ? "[]" : '["WP01"]'}
subtasks:
- "T001"
- "T002"
phase: "Phase 1 - Build"
assignee: ""
agent: "${at > 0 ? "claude" : ""}"
shell_pid: "${1000 + log.length}"
history:
- timestamp: "2025-10-01T00:00:00Z"
  lane: "planned"
  agent: "system"
  shell_pid: ""
  action: "Prompt generated via /spec-kitty.tasks"
---
# Work Package Prompt: ${id}

${body}

## Activity Log

- 2025-10-01T00:00:00Z – system – lane=planned – Prompt created.
${log.join("\n")}
`;
}
