import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as compiled from "../../src/events/compiled-validators.js";
import { schemas } from "../../src/events/schema.ts";
import { eventOf, exampleEvent, examplePayloads, pythonEvent } from "./example-events.ts";

const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats.default(ajv, ["date-time", "uuid"]);
for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(schema, name);

const validators = new Map(Object.entries(compiled));
const values: unknown[] = [exampleEvent, pythonEvent, { ...exampleEvent, team_slug: "t" }, null, [], "WP01"];
const fields = [...Object.keys(exampleEvent), ...Object.keys(examplePayloads.WPStatusChanged), "title", "team_slug"];
const spoilt = fc
  .tuple(fc.constantFrom(...values, ...Object.values(examplePayloads)), fc.constantFrom(...fields), fc.jsonValue())
  .map(([value, field, other]) => (typeof value === "object" ? { ...value, [field]: other } : other));
const event = fc
  .constantFrom("WPCreated" as const, "WPAssigned" as const, "HistoryAdded" as const, "FeatureCreated" as const)
  .chain((type) => spoilt.map((payload) => ({ ...eventOf(type), team_slug: "t", payload })));

test.each(Object.keys(schemas))("the compiled %s agrees with ajv on the schema of today", (name) => {
  const atRunTime = ajv.getSchema(name);
  const ahead = validators.get(name);
  if (!atRunTime || !ahead) throw new Error(`${name} is not compiled: npm run build`);
  const judge = (value: unknown) => {
    const verdicts = [ahead(value), atRunTime(value)];
    const places = [ahead.errors, atRunTime.errors].map((errors) =>
      (errors ?? []).map(({ instancePath, keyword, params }) => ({ instancePath, keyword, params })),
    );
    expect(verdicts[0]).toBe(verdicts[1]);
    expect(places[0]).toEqual(places[1]);
  };
  for (const value of values) judge(value);
  fc.assert(fc.property(fc.oneof(spoilt, event, fc.jsonValue()), judge), { numRuns: 500 });
});

test("every schema is valid JSON Schema, and nothing else is compiled", () => {
  for (const schema of Object.values(schemas)) expect(ajv.validateSchema(schema)).toBe(true);
  expect([...validators.keys()].sort()).toEqual(Object.keys(schemas).sort());
});
