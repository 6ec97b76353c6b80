import { expect, test } from "vitest";
import { Failure } from "../../src/errors.ts";
import { parseServerUrl } from "../../src/sync/server-url.ts";

test.each([
  ["https://collector.example.com", "https://collector.example.com"],
  ["https://Collector.example.com:443/", "https://collector.example.com"],
  ["https://example.com/kitty//", "https://example.com/kitty"],
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["http://127.9.9.9", "http://127.9.9.9"],
  ["http://[::1]:8080/", "http://[::1]:8080"],
  ["http://localhost:1", "http://localhost:1"],
])("%s is the server %s", (text, expected) => {
  expect(parseServerUrl(text)).toBe(expected);
});

test.each([
  "",
  "collector.example.com",
  "ftp://example.com",
  "file:///etc/passwd",
  "http://example.com",
  "http://128.0.0.1",
  "http://127.0.0.1.example.com",
  "http://localhost.example.com",
  "http://[::2]",
  "http://0.0.0.0:80",
  "https://user@example.com",
  "https://user:hunter2@example.com",
  "https://:hunter2@example.com",
  "https://example.com/?token=hunter2",
  "https://example.com?",
  "https://example.com/#hunter2",
])("%j is refused, with a next step and without its secret", (text) => {
  let failure: unknown;
  try {
    parseServerUrl(text);
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({ code: "usage", nextStep: expect.stringContaining("https://") });
  expect(String(failure)).not.toContain("hunter2");
});
