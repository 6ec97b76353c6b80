import { expect, test } from "vitest";
import type { Envelope } from "../../src/events/envelope.ts";
import { render028, renderFor028 } from "../../src/events/render-028.ts";
import { validateEvent } from "../../src/events/validate-event.ts";
import { exampleEvent, examplePayloads } from "./example-events.ts";

test("a rendered event is the queued one, in its order, with the team behind", () => {
  const before = structuredClone(exampleEvent);
  const rendered = render028(exampleEvent, { team: "red" });
  expect(Object.keys(rendered)).toEqual([...Object.keys(exampleEvent), "team_slug"]);
  expect(rendered).toEqual({ ...before, team_slug: "red" });
  expect(exampleEvent).toEqual(before);
  expect(validateEvent(rendered, { profile: "028" })).toEqual([]);
});

test("a move between lanes of one status is skipped, any other event is delivered as it is rendered", () => {
  const within: Envelope = {
    ...exampleEvent,
    event_type: "WPStatusChanged",
    payload: {
      ...examplePayloads.WPStatusChanged,
      previous_status: "doing",
      new_status: "doing",
      from_lane: "doing",
      to_lane: "blocked",
    },
  };
  const created: Envelope = { ...exampleEvent, event_type: "WPCreated", payload: examplePayloads.WPCreated };
  expect(renderFor028(within, { team: "red" })).toEqual({ skipped: "both lanes are doing" });
  expect(renderFor028(created, { team: "red" })).toEqual({ body: { ...created, team_slug: "red" } });
  expect(renderFor028(exampleEvent, { team: "red" })).toEqual({ body: render028(exampleEvent, { team: "red" }) });
});
