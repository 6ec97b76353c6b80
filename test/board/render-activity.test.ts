import { expect, test } from "vitest";
import { renderActivity } from "../../src/board/render-activity.ts";
import type { EventType } from "../../src/events/envelope.ts";
import { examplePayloads } from "../events/example-events.ts";
import { arrivalOf } from "./events.ts";

test.each<[EventType, string | null, string]>([
  ["WPStatusChanged", "claude", "blocked → in_review"],
  ["WPCreated", null, "Form"],
  ["WPAssigned", "claude", "review"],
  ["FeatureCreated", null, "3 work packages"],
  ["FeatureCompleted", null, "3 work packages"],
  ["HistoryAdded", "claude", "began"],
  ["ErrorLogged", "claude", "cannot be read"],
  ["DependencyResolved", null, "WP02 completed"],
])("%s is told in a few words", (type, actor, text) => {
  const { event } = arrivalOf(type, { payload: examplePayloads[type] });
  expect(renderActivity(event)).toMatchObject({ event_type: type, feature_slug: "012-login", actor, text });
});

test("where exact lanes are missing, the statuses tell the move", () => {
  const { event } = arrivalOf("WPStatusChanged", { payload: { previous_status: "planned", new_status: "doing" } });
  expect(renderActivity(event).text).toBe("planned → doing");
});

test("an event of an unknown type is told by its type alone", () => {
  const { event } = arrivalOf("WPCreated", { payload: {} });
  const strange = { ...event, event_type: "WPTeleported", payload: { feature_slug: 7 } };
  expect(renderActivity(strange)).toMatchObject({
    event_type: "WPTeleported",
    feature_slug: null,
    wp_id: null,
    text: "",
  });
});

test("long words are cut", () => {
  const { event } = arrivalOf("HistoryAdded", { payload: { entry_content: "x".repeat(9000) } });
  expect(renderActivity(event).text).toHaveLength(201);
});
