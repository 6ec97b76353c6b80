import { expect, test } from "vitest";
import { parseFeatureMeta } from "../../src/model/parse-feature-meta.ts";

const NOTHING = { missionId: undefined, number: undefined, targetBranch: undefined, createdAt: undefined };

test("every field is read", () => {
  const meta = {
    mission_id: "01KDVDNA000159G2PYC6Z8QNFX",
    feature_number: "012",
    target_branch: "2.x",
    created_at: "2026-02-10T12:00:00+01:00",
    slug: "012-login",
  };
  expect(parseFeatureMeta(JSON.stringify(meta), "012-login")).toEqual({
    missionId: "01KDVDNA000159G2PYC6Z8QNFX",
    number: "012",
    targetBranch: "2.x",
    createdAt: Date.parse("2026-02-10T11:00:00Z"),
  });
});

test.each<[string, object, string, string | undefined]>([
  ["the feature's", { feature_number: "012", mission_number: "013" }, "x", "012"],
  ["the mission's", { mission_number: "013" }, "x", "013"],
  ["the mission's where the feature's is null", { feature_number: null, mission_number: "013" }, "x", "013"],
  ["a number, as three digits", { feature_number: 7 }, "x", "007"],
  ["a large number", { feature_number: 1234 }, "x", "1234"],
  ["the name's, where it is null", { mission_number: null }, "045-login", "045"],
  ["the name's, where it is empty", { feature_number: "" }, "045-login", "045"],
  ["the name's, where it is of a wrong type", { feature_number: ["1"] }, "045-login", "045"],
  ["none, where the name has none", {}, "login-01KDVDNA", undefined],
  ["none, where the name begins with other digits", {}, "2026-login", undefined],
  ["none, where the name has no dash", {}, "045", undefined],
])("the number is %s", (_, meta, name, number) => {
  expect(parseFeatureMeta(JSON.stringify(meta), name).number).toBe(number);
});

test.each([
  ["no JSON", "{"],
  ["empty", ""],
  ["null", "null"],
  ["a list", "[1]"],
  ["text", '"text"'],
  ["fields of wrong types", '{"mission_id": 1, "target_branch": {}, "created_at": 1770000000}'],
  ["empty fields", '{"mission_id": "", "target_branch": "", "created_at": ""}'],
  ["a time that is none", '{"created_at": "soon"}'],
])("%s says nothing", (_, text) => {
  expect(parseFeatureMeta(text, "login")).toEqual(NOTHING);
});
