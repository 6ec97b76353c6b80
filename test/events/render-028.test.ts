import { expect, test } from "vitest";
import { render028 } from "../../src/events/render-028.ts";
import { validateEvent } from "../../src/events/validate-event.ts";
import { exampleEvent } from "./example-events.ts";

test("a rendered event is the queued one, in its order, with the team behind", () => {
  const before = structuredClone(exampleEvent);
  const rendered = render028(exampleEvent, { team: "red" });
  expect(Object.keys(rendered)).toEqual([...Object.keys(exampleEvent), "team_slug"]);
  expect(rendered).toEqual({ ...before, team_slug: "red" });
  expect(exampleEvent).toEqual(before);
  expect(validateEvent(rendered, { profile: "028" })).toEqual([]);
});
