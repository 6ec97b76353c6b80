import type { Entry, FeatureEntry, Tally, WorkPackageEntry } from "./entry.ts";
import { compareMoments, later, type Moment, momentOf, type Said } from "./moment.ts";
import type { Place } from "./place.ts";
import type { Arrival, ReceivedEvent } from "./received-event.ts";

/**
 * Folds one event into the entry it belongs to; each event once, in any order.
 *
 * Nothing here asks what came before: values that replace each other carry their moments, everything else is added.
 */
export function applyEvent(entry: Entry | undefined, place: Place, arrival: Arrival<ReceivedEvent>): Entry {
  const { event } = arrival;
  const at = momentOf(arrival);
  const named = withName(entry ?? createEntry(place), event.project_slug, at);
  const known = event.event_type === "ErrorLogged" ? withError(named, event.payload, at) : named;
  return known.kind === "feature" ? applyToFeature(known, event, at) : applyToWorkPackage(known, event, at);
}

function createEntry({ project, feature, workPackage }: Place): Entry {
  const about = { project, feature, errors: { count: 0 } };
  if (workPackage === undefined) return { kind: "feature", ...about };
  return { kind: "work_package", ...about, workPackage, statuses: [], notes: { count: 0 }, resolved: [] };
}

function withName(entry: Entry, name: string | null | undefined, at: Moment): Entry {
  return name ? { ...entry, projectName: later(entry.projectName, { value: name, at }) } : entry;
}

function withError(entry: Entry, payload: { error_type?: string; error_message?: string }, at: Moment): Entry {
  const value = { type: payload.error_type ?? "unknown", text: payload.error_message ?? "" };
  return { ...entry, errors: count(entry.errors, { value, at }) };
}

function applyToFeature(entry: FeatureEntry, event: ReceivedEvent, at: Moment): FeatureEntry {
  if (event.event_type === "FeatureCreated") {
    const { feature_number: number = null, target_branch: branch = "", wp_count: workPackages = 0 } = event.payload;
    return { ...entry, created: later(entry.created, { value: { number, branch, workPackages }, at }) };
  }
  if (event.event_type === "FeatureCompleted") {
    const { total_wps: workPackages = 0 } = event.payload;
    return { ...entry, completed: later(entry.completed, { value: { workPackages }, at }) };
  }
  return entry;
}

function applyToWorkPackage(entry: WorkPackageEntry, event: ReceivedEvent, at: Moment): WorkPackageEntry {
  switch (event.event_type) {
    case "WPCreated": {
      const { title = "", dependencies = [], lane } = event.payload;
      const value = { title, dependencies, ...(lane && { lane }) };
      return { ...entry, created: later(entry.created, { value, at }) };
    }
    case "WPStatusChanged": {
      const { to_lane, new_status = "planned", changed_by: by = "user" } = event.payload;
      return { ...entry, statuses: insert(entry.statuses, { value: { lane: to_lane ?? new_status, by }, at }) };
    }
    case "WPAssigned": {
      const { agent_id: value = "", phase = "implementation" } = event.payload;
      return { ...entry, [phase]: later(entry[phase], { value, at }) };
    }
    case "HistoryAdded": {
      const { author = "user", entry_content: text = "" } = event.payload;
      return { ...entry, notes: count(entry.notes, { value: { author, text }, at }) };
    }
    case "DependencyResolved": {
      const { dependency_wp_id: id = "" } = event.payload;
      return { ...entry, resolved: [...new Set([...entry.resolved, id])].sort() };
    }
    default:
      return entry;
  }
}

function count<T>({ count: before, last }: Tally<T>, said: Said<T>): Tally<T> {
  return { count: before + 1, last: later(last, said) };
}

/** Most events come in order, so their place is looked for from the end. */
function insert<T>(sorted: readonly Said<T>[], said: Said<T>): readonly Said<T>[] {
  let index = sorted.length;
  for (; index > 0; index--) {
    const before = sorted[index - 1];
    if (before === undefined || compareMoments(before.at, said.at) < 0) break;
  }
  return sorted.toSpliced(index, 0, said);
}
