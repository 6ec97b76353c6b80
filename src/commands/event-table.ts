import picocolors from "picocolors";
import type { Envelope, EventType } from "../events/envelope.ts";
import type { Context } from "./command.ts";

/** Renders events as lines of a table, as they come, and counts them. */
export interface EventTable {
  /** One line; the first has the heading above it. */
  row(event: Envelope, state?: string): string;
  summary(): string;
}

const WHEN = 16;
const FEATURE = 20;
const PACKAGE = 4;
const WHO = 12;
const GAPS = 8;
const STATE = 9;

/** Whether a terminal is to show colours: https://no-color.org */
export function useColours(env: Context["env"]): boolean {
  return (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

/** Creates a table for a terminal of a width; with `states` each line tells its event's state, too. */
export function createEventTable({
  columns,
  colours,
  states = false,
}: {
  columns: number;
  colours: boolean;
  states?: boolean;
}): EventTable {
  const paint = picocolors.createColors(colours);
  const counts = new Map<EventType, number>();
  const features = new Set<string>();
  const stateCell = (text: string): string[] => (states ? [cut(text, STATE)] : []);
  const left = columns - WHEN - FEATURE - PACKAGE - GAPS - (states ? STATE + 2 : 0);
  const what = Math.min(Math.max(left - WHO, 22), 36);
  const who = Math.max(left - what, 8);
  const heading = paint.dim(
    [
      cut("when (UTC)", WHEN),
      ...stateCell("state"),
      cut("feature", FEATURE),
      cut("WP", PACKAGE),
      cut("what", what),
      "who",
    ].join("  "),
  );
  return {
    row(event, state = "") {
      const first = counts.size === 0 ? `${heading}\n` : "";
      counts.set(event.event_type, (counts.get(event.event_type) ?? 0) + 1);
      const { feature_slug: feature = "" } = event.payload;
      features.add(feature);
      const told = describe(event);
      const workPackage = event.aggregate_type === "WorkPackage" ? event.aggregate_id : "";
      const when = event.timestamp.slice(0, WHEN).replace("T", " ");
      const colour = event.event_type === "WPStatusChanged" ? paint.bold : (text: string) => text;
      const cells = [
        paint.dim(when),
        ...stateCell(state),
        cut(feature, FEATURE),
        cut(workPackage, PACKAGE),
        colour(cut(told.what, what)),
        cut(told.who, who).trimEnd(),
      ];
      return `${first}${cells.join("  ").trimEnd()}`;
    },
    summary() {
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      if (total === 0) return "";
      const parts = [...counts].sort(([, a], [, b]) => b - a).map(([type, count]) => `${count} ${type}`);
      return `\n${paint.bold(`${total} events`)} of ${features.size} ${features.size === 1 ? "feature" : "features"}: ${parts.join(", ")}\n`;
    },
  };
}

function describe(event: Envelope): { what: string; who: string } {
  switch (event.event_type) {
    case "WPStatusChanged":
      return { what: `${event.payload.from_lane} → ${event.payload.to_lane}`, who: event.payload.changed_by };
    case "WPCreated":
      return { what: "created", who: event.payload.title };
    case "WPAssigned":
      return { what: `${event.payload.phase} by`, who: event.payload.agent_id };
    case "FeatureCreated":
      return { what: `feature of ${event.payload.wp_count}`, who: `for ${event.payload.target_branch}` };
    case "FeatureCompleted":
      return { what: `feature of ${event.payload.total_wps} completed`, who: "" };
    case "HistoryAdded":
      return { what: `“${event.payload.entry_content}”`, who: event.payload.author };
    case "ErrorLogged":
      return { what: "error", who: event.payload.error_message };
    case "DependencyResolved":
      return { what: `no longer waits for ${event.payload.dependency_wp_id}`, who: "" };
  }
}

/** Characters that would move a terminal's cursor, colour it or turn its text around: a repository may hold any. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text in exactly so many characters. */
function cut(text: string, width: number): string {
  const line = text.replace(UNPRINTABLE, " ");
  return line.length > width ? `${line.slice(0, width - 1).replace(/[\ud800-\udbff]$/, " ")}…` : line.padEnd(width);
}
