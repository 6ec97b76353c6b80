import { describe, expect, test } from "vitest";
import { LANES, type Lane, parseLane, parseLaneNames, type Status, statusOf } from "../../src/model/lane.ts";

const table: [Lane, Status][] = [
  ["planned", "planned"],
  ["claimed", "planned"],
  ["doing", "doing"],
  ["for_review", "for_review"],
  ["in_review", "for_review"],
  ["approved", "done"],
  ["done", "done"],
  ["blocked", "doing"],
  ["canceled", "planned"],
];

describe("lanes", () => {
  test("the columns stand in the order work moves through them", () => {
    expect(LANES).toEqual(table.map(([lane]) => lane));
  });

  test.each(table)("%s is itself, and of status %s", (lane, status) => {
    expect(parseLane(lane)).toBe(lane);
    expect(statusOf(lane)).toBe(status);
  });

  test.each([
    ["in_progress", "doing"],
    ["genesis", "planned"],
    ["uninitialized", "planned"],
  ])("%s is another name of %s", (name, lane) => {
    expect(parseLane(name)).toBe(lane);
  });

  test.each(["lane-a", "a", "", "Doing", " doing", "dong", "todo", "toString", "__proto__", "constructor"])(
    "%j is no lane",
    (name) => {
      expect(parseLane(name)).toBeUndefined();
    },
  );

  test("names of a team's own lead to lanes, and only to lanes", () => {
    const names = parseLaneNames(
      new Map([
        ["in-dev", "doing"],
        ["later", "someday"],
        ["done", "planned"],
      ]),
    );
    expect([...names.keys()]).toEqual(["in-dev", "done"]);
    expect([parseLane("in-dev", names), parseLane("later", names), parseLane("done", names)]).toEqual([
      "doing",
      undefined,
      "done",
    ]);
  });
});
