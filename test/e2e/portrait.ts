const PROJECT = "7d444840-9dc0-5fd1-b245-5ffdce74fad2";
const HOUR = 60 * 60_000;
const STATUS: Readonly<Record<string, string>> = {
  claimed: "planned",
  blocked: "doing",
  in_review: "for_review",
  approved: "done",
};

/** A work package: its title, who implements and reviews it, its moves with the hours they are ago, and a note. */
interface Story {
  readonly title: string;
  readonly after?: readonly string[];
  readonly by?: string;
  readonly reviewer?: string;
  readonly moves: readonly (readonly [lane: string, hoursAgo: number])[];
  readonly note?: string;
}

const done = (hours: number) =>
  [
    ["doing", hours + 9],
    ["for_review", hours + 3],
    ["done", hours],
  ] as const;

/** What a team may look like on an afternoon. */
const FEATURES: Readonly<Record<string, readonly Story[]>> = {
  "014-checkout-redesign": [
    { title: "Cart as one page", by: "claude", reviewer: "maria", moves: done(20) },
    { title: "Prices with and without tax", by: "codex", reviewer: "maria", moves: done(7) },
    {
      title: "Address form that forgives",
      by: "claude",
      reviewer: "maria",
      moves: [
        ["doing", 6],
        ["for_review", 0.4],
      ],
      note: "All subtasks are done, tests are green",
    },
    { title: "Pay by invoice", after: ["WP02"], by: "codex", moves: [["doing", 2.2]] },
    {
      title: "Order confirmation e-mail",
      after: ["WP03"],
      by: "gemini",
      moves: [["doing", 0.1]],
      note: "Started implementation via workflow command",
    },
    { title: "Measure where people leave", after: ["WP04"], moves: [] },
    { title: "Switch it on for one in ten", after: ["WP05", "WP06"], moves: [] },
  ],
  "013-audit-log": [
    { title: "Write every change once", by: "gemini", reviewer: "claude", moves: done(31) },
    {
      title: "Viewer with filters",
      by: "gemini",
      reviewer: "claude",
      moves: [
        ["doing", 9],
        ["for_review", 5],
        ["doing", 1.5],
      ],
      note: "Review: the time zone is missing in the list",
    },
    { title: "Export as CSV", after: ["WP01"], by: "maria", moves: [["doing", 3]] },
    { title: "Delete after 400 days", after: ["WP01"], moves: [] },
  ],
  "012-team-invitations": [
    { title: "Invite by link", by: "claude", reviewer: "codex", moves: done(28) },
    {
      title: "Roles on invitation",
      by: "codex",
      reviewer: "maria",
      moves: [
        ["doing", 8],
        ["for_review", 2.6],
      ],
    },
    { title: "Invitations that expire", by: "claude", moves: [["doing", 1.1]] },
  ],
  "015-search": [
    { title: "Index products", moves: [] },
    { title: "Suggestions while typing", after: ["WP01"], moves: [] },
  ],
  "011-rate-limits": [
    { title: "Count per token", by: "codex", reviewer: "maria", moves: done(60) },
    { title: "Tell clients when to come back", by: "codex", reviewer: "maria", moves: done(52) },
  ],
};

/** The events of that afternoon, in the order they happened. */
export function portrait(now = Date.now()): readonly object[] {
  const events = Object.entries(FEATURES).flatMap(([feature_slug, stories]) => {
    const begun = now - 70 * HOUR;
    const feature = {
      feature_slug,
      feature_number: feature_slug.slice(0, 3),
      target_branch: "main",
      wp_count: stories.length,
    };
    return [
      eventOf("FeatureCreated", feature, begun),
      ...stories.flatMap((story, index) => tell(story, { feature_slug, index, now, begun })),
    ];
  });
  return events
    .sort((a, b) => a.timestamp.localeCompare(b.timestamp))
    .map((event, index) => ({ ...event, lamport_clock: index + 1, event_id: `01J${String(index).padStart(23, "0")}` }));
}

function tell(
  story: Story,
  { feature_slug, index, now, begun }: { feature_slug: string; index: number; now: number; begun: number },
) {
  const about = { feature_slug, wp_id: `WP${String(index + 1).padStart(2, "0")}` };
  const events = [
    eventOf("WPCreated", { ...about, title: story.title, dependencies: story.after ?? [] }, begun + 1000),
  ];
  for (const dependency_wp_id of story.after?.filter((id) => isDone(feature_slug, id)) ?? []) {
    events.push(
      eventOf("DependencyResolved", { ...about, dependency_wp_id, resolution_type: "completed" }, now - 24 * HOUR),
    );
  }
  let from = "planned";
  for (const [to_lane, hours] of story.moves) {
    const time = now - hours * HOUR;
    const isReview = to_lane === "done" || (to_lane === "doing" && from === "for_review");
    const changed_by = (isReview ? story.reviewer : story.by) ?? "maria";
    if (to_lane === "doing") {
      const phase = isReview ? "review" : "implementation";
      events.push(eventOf("WPAssigned", { ...about, agent_id: changed_by, phase, retry_count: 0 }, time - 1000));
    }
    const statuses = { previous_status: STATUS[from] ?? from, new_status: STATUS[to_lane] ?? to_lane };
    events.push(eventOf("WPStatusChanged", { ...about, ...statuses, from_lane: from, to_lane, changed_by }, time));
    from = to_lane;
  }
  const last = story.moves.at(-1)?.[1] ?? 60;
  const note = { entry_type: "note", entry_content: story.note, author: story.reviewer ?? story.by };
  return story.note ? [...events, eventOf("HistoryAdded", { ...about, ...note }, now - last * HOUR + 60_000)] : events;
}

function isDone(feature: string, id: string): boolean {
  return FEATURES[feature]?.[Number(id.slice(2)) - 1]?.moves.at(-1)?.[0] === "done";
}

function eventOf(
  event_type: string,
  payload: { feature_slug: string; wp_id?: string; [field: string]: unknown },
  time: number,
) {
  return {
    event_id: "",
    event_type,
    aggregate_id: payload.wp_id ?? payload.feature_slug,
    aggregate_type: payload.wp_id === undefined ? "Feature" : "WorkPackage",
    payload,
    node_id: "0123456789ab",
    lamport_clock: 0,
    timestamp: new Date(time).toISOString(),
    project_slug: "webshop",
    source: { project: PROJECT, commit: null, layout: "flat", kind: "commit" },
    team_slug: "acme",
  };
}
