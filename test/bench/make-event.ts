import { createHash, randomBytes } from "node:crypto";
import type { Envelope, EnvelopeOf, EventType } from "../../src/events/envelope.ts";
import { ulidFrom } from "../../src/events/ulid.ts";
import type { Status } from "../../src/model/lane.ts";

type Told = { [T in EventType]: Pick<EnvelopeOf<T>, "event_type" | "payload"> }[EventType];
type Step = (of: { feature_slug: string; wp_id: string }) => Told;

const PROJECT = "7d444840-9dc0-5fd1-b245-5ffdce74fad2";
const SINCE = Date.UTC(2026, 0, 1);
/** How many work packages live at the same time. */
const AT_ONCE = 40;
const LIFE: readonly Step[] = [
  (of) => ({
    event_type: "WPCreated",
    payload: { ...of, title: "A part that does one thing well", dependencies: ["WP01"] },
  }),
  assigned("claude", "implementation"),
  moved("planned", "doing"),
  noted("Started implementation via workflow command"),
  noted("All subtasks are done and the tests are green; the migration takes 40 ms on the largest table"),
  moved("doing", "for_review"),
  assigned("codex", "review"),
  noted("Two remarks: the error is swallowed in the second branch, and the name says less than it could"),
  moved("for_review", "doing"),
  noted("Both are mended"),
  moved("doing", "for_review"),
  moved("for_review", "done"),
];

/** The event with this number, under a new id: the lives of work packages, 12 events each, as a backfill tells them. */
export function makeEvent(number: number): Envelope {
  const time = SINCE + number * 1000;
  const round = AT_ONCE * LIFE.length;
  const workPackage = Math.floor(number / round) * AT_ONCE + (number % AT_ONCE);
  const wp_id = `WP${String(workPackage % 20).padStart(2, "0")}`;
  const feature_slug = `${String(Math.floor(workPackage / 20)).padStart(3, "0")}-part-of-the-product`;
  const commit = createHash("sha1").update(String(number)).digest("hex");
  const step = LIFE[Math.floor((number % round) / AT_ONCE)];
  if (!step) throw new RangeError(`there is no event with the number ${number}`);
  return {
    event_id: ulidFrom(time, randomBytes(10)),
    ...step({ feature_slug, wp_id }),
    aggregate_id: wp_id,
    aggregate_type: "WorkPackage",
    node_id: "0123456789ab",
    lamport_clock: number,
    causation_id: null,
    timestamp: new Date(time).toISOString(),
    project_uuid: null,
    project_slug: "shop",
    git_branch: "main",
    head_commit_sha: commit,
    repo_slug: "acme/shop",
    source: { project: PROJECT, commit, layout: "event_log", kind: "commit" },
  };
}

function assigned(agent_id: string, phase: "implementation" | "review"): Step {
  return (of) => ({ event_type: "WPAssigned", payload: { ...of, agent_id, phase, retry_count: 0 } });
}

function moved(from: Status, to: Status): Step {
  const lanes = { previous_status: from, new_status: to, from_lane: from, to_lane: to };
  return (of) => ({ event_type: "WPStatusChanged", payload: { ...of, ...lanes, changed_by: "claude" } });
}

function noted(entry_content: string): Step {
  return (of) => ({
    event_type: "HistoryAdded",
    payload: { ...of, entry_type: "note", entry_content, author: "claude" },
  });
}
