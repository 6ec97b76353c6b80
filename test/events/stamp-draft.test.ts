import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { EventDraft, Fact } from "../../src/events/event-draft.ts";
import { createIdentity, stampDraft } from "../../src/events/stamp-draft.ts";
import { examplePayloads } from "./example-events.ts";

const PROJECT = "0f0e0d0c-0b0a-5908-8706-050403020100";
const TIME = Date.parse("2026-01-01T00:00:00Z");
const sha256 = (text: string): Uint8Array => createHash("sha256").update(text).digest();
const FACTS = { project_uuid: null, project_slug: "app", git_branch: "main", head_commit_sha: null, repo_slug: "a/b" };

function draft(fact: Fact, changes: Partial<EventDraft> = {}): EventDraft {
  return {
    fact,
    feature: "012-login",
    workPackage: "WP01",
    discriminator: [],
    idTime: 0,
    time: TIME,
    cause: undefined,
    recordedId: undefined,
    commit: "0".repeat(40),
    layout: "flat",
    kind: "commit",
    ...changes,
  };
}

const created: Fact = { event_type: "WPCreated", payload: examplePayloads.WPCreated };
const moved: Fact = { event_type: "WPStatusChanged", payload: examplePayloads.WPStatusChanged };
const feature: Fact = { event_type: "FeatureCreated", payload: examplePayloads.FeatureCreated };
const assigned: Fact = { event_type: "WPAssigned", payload: examplePayloads.WPAssigned };
const history: Fact = { event_type: "HistoryAdded", payload: examplePayloads.HistoryAdded };
const resolved: Fact = { event_type: "DependencyResolved", payload: examplePayloads.DependencyResolved };
const completed: Fact = { event_type: "FeatureCompleted", payload: examplePayloads.FeatureCompleted };
const logged: Fact = { event_type: "ErrorLogged", payload: examplePayloads.ErrorLogged };
const to = (...discriminator: string[]): Partial<EventDraft> => ({ discriminator, idTime: TIME });
const MS = String(TIME);

// Ids in queues, collectors and other clones are these: a change here is a change of identity for every project.
const golden: [what: string, draft: EventDraft, id: string][] = [
  ["feature created", draft(feature, { workPackage: undefined }), "00000000002TEHZ7HC9E4F5NHG"],
  ["created", draft(created), "00000000005GARFXKFNVHSW076"],
  ["moved", draft(moved, to("doing", MS)), "01KDVDNA000159G2PYC6Z8QNFX"],
  ["moved again in the same moment", draft(moved, to("doing", MS, "1")), "01KDVDNA00XVSTZC7GPG80AA2X"],
  [
    "another work package moved",
    draft(moved, { ...to("doing", MS), workPackage: "WP02" }),
    "01KDVDNA00BXP0PGBM1VNTSJXY",
  ],
  [
    "moved in another feature",
    draft(moved, { ...to("doing", MS), feature: "013-login" }),
    "01KDVDNA00KKVV9YFFXT72KAC6",
  ],
  ["assigned", draft(assigned, to("implementation", "claude", MS)), "01KDVDNA00D10HGGK348P4FKN5"],
  ["history", draft(history, to(MS, '2026-01-01T00:00:00Z – claude – Größe "x"\\')), "01KDVDNA0033DG3H3CABFS8GV2"],
  ["resolved", draft(resolved, { ...to("WP01", MS), workPackage: "WP02" }), "01KDVDNA000H72JKB28ZK39TZT"],
  ["completed", draft(completed, { ...to(MS), workPackage: undefined }), "01KDVDNA008S75WZAFR3FTJDBC"],
  [
    "unreadable",
    draft(logged, { discriminator: ["8baef1b4abc478178b004d62031cf7fe6db6f903"] }),
    "0000000000B0J0ZDZ95X5D9PJ8",
  ],
];

describe("identity", () => {
  test.each(golden)("%s", (_, each, id) => {
    expect(createIdentity(PROJECT, sha256)(each)).toBe(id);
  });

  test("another project has other ids", () => {
    expect(createIdentity(PROJECT.replace("0f", "1f"), sha256)(draft(created))).not.toBe("00000000005GARFXKFNVHSW076");
  });

  test.each<[string, Partial<EventDraft>]>([
    ["the time it is told at", { time: TIME + 1 }],
    ["its cause", { cause: draft(feature) }],
    ["its commit", { commit: "1".repeat(40) }],
    ["its layout", { layout: "event_log" }],
    ["its payload", { fact: { ...created, payload: { ...created.payload, title: "Other" } } }],
  ])("%s is no part of it", (_, changes) => {
    expect(createIdentity(PROJECT, sha256)(draft(created, changes))).toBe("00000000005GARFXKFNVHSW076");
  });

  test("a recorded id is used as it is, and nothing is hashed for it", () => {
    const hashed: string[] = [];
    const idOf = createIdentity(PROJECT, (text) => {
      hashed.push(text);
      return sha256(text);
    });
    expect(idOf(draft(moved, { recordedId: "01HZY3JQ4T8M0V5R6N7P8Q9S0A" }))).toBe("01HZY3JQ4T8M0V5R6N7P8Q9S0A");
    expect(hashed).toEqual([]);
  });

  test("a draft is hashed once, however often it is a cause", () => {
    let hashes = 0;
    const idOf = createIdentity(PROJECT, (text) => {
      hashes += 1;
      return sha256(text);
    });
    const one = draft(created);
    expect(idOf(one)).toBe(idOf(one));
    expect(hashes).toBe(1);
  });
});

describe("stampDraft", () => {
  const stamp = { project: PROJECT, node: "0123456789ab", facts: FACTS, idOf: createIdentity(PROJECT, sha256) };

  test("a draft about a work package becomes the whole event", () => {
    const cause = draft(feature, { workPackage: undefined });
    expect(stampDraft(draft(created, { cause, layout: "lane_directory" }), 7, stamp)).toEqual({
      event_id: "00000000005GARFXKFNVHSW076",
      event_type: "WPCreated",
      aggregate_id: "WP01",
      aggregate_type: "WorkPackage",
      payload: examplePayloads.WPCreated,
      node_id: "0123456789ab",
      lamport_clock: 7,
      causation_id: "00000000002TEHZ7HC9E4F5NHG",
      timestamp: "2026-01-01T00:00:00.000Z",
      ...FACTS,
      source: { project: PROJECT, commit: "0".repeat(40), layout: "lane_directory", kind: "commit" },
    });
  });

  test("a draft about a feature has the feature as its aggregate, and may be its own cause", () => {
    const event = stampDraft(draft(feature, { workPackage: undefined, cause: "self" }), 1, stamp);
    expect(event).toMatchObject({ aggregate_id: "012-login", aggregate_type: "Feature" });
    expect(event.causation_id).toBe(event.event_id);
  });

  test("a draft that nothing caused has no causation", () => {
    expect(stampDraft(draft(moved), 1, stamp).causation_id).toBeNull();
  });

  test("a cause with an id of its own is named by it", () => {
    const cause = draft(moved, { recordedId: "01HZY3JQ4T8M0V5R6N7P8Q9S0A" });
    expect(stampDraft(draft(history, { cause }), 1, stamp).causation_id).toBe("01HZY3JQ4T8M0V5R6N7P8Q9S0A");
  });
});
