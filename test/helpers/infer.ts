import { openProject } from "../../src/commands/open-project.ts";
import { type EventQuery, readEvents } from "../../src/commands/read-events.ts";
import type { Envelope, EventType } from "../../src/events/envelope.ts";

/** All events of a repository, as `events infer` would tell them. */
export async function inferAll(path: string, query: Partial<EventQuery> = {}): Promise<Envelope[]> {
  const project = await openProject({ cwd: path, env: process.env, repo: path });
  const events: Envelope[] = [];
  for await (const told of readEvents(project, { revisions: [], all: false, ...query })) events.push(...told.events);
  return events;
}

/** The moves among events, each as `WP01 planned>doing`. */
export function movesOf(events: readonly Envelope[]): string[] {
  return events.flatMap((event) =>
    event.event_type === "WPStatusChanged"
      ? [`${event.payload.wp_id} ${event.payload.from_lane}>${event.payload.to_lane}`]
      : [],
  );
}

/** Ids of the moves and history entries, sorted: what has to be the same wherever a change is seen. */
export function idsOf(events: readonly Envelope[], types = ["WPStatusChanged", "HistoryAdded"]): string[] {
  return events
    .filter((event) => types.includes(event.event_type))
    .map((event) => event.event_id)
    .sort();
}

/** The events of one type. */
export function ofType<T extends EventType>(
  events: readonly Envelope[],
  type: T,
): Extract<Envelope, { event_type: T }>[] {
  return events.filter((event): event is Extract<Envelope, { event_type: T }> => event.event_type === type);
}
