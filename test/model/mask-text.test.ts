import { expect, test } from "vitest";
import { maskText } from "../../src/model/mask-text.ts";

test.each([
  ["Ada Lovelace <ada@example.org>", "Ada Lovelace"],
  ["<ada@example.org>", ""],
  ["ask ada.l+x@mail.example.org, please", "ask [e-mail], please"],
  ["a@b.cd and c-d@e-f.gh", "[e-mail] and [e-mail]"],
  ["mailto:ada@example.org", "mailto:[e-mail]"],
  ["see /home/ada/project/x.ts", "see ~/project/x.ts"],
  ["in /home/ada", "in ~"],
  ["(/home/ada/x:12)", "(~/x:12)"],
  ["/Users/ada/x and '/Users/bob'", "~/x and '~'"],
  ["C:\\Users\\ada\\project", "~\\project"],
  ["d:\\Users\\ada", "~"],
  ["/root/.config and /root", "~/.config and ~"],
  ["file:///home/ada/x", "file://~/x"],
])("%j becomes %j", (text, masked) => {
  expect(maskText(text)).toBe(masked);
});

test.each([
  "plain words",
  "@claude and @here",
  "git@",
  "a @ b",
  "scope @types/node",
  "/var/log/x",
  "home/ada",
  "/rooted/x",
  "src/root/x",
  "https://example.org/root",
  "C:\\Windows\\x",
  "a < b and c > d",
])("%j stays as it is", (text) => {
  expect(maskText(text)).toBe(text);
});

test("what is masked is masked once: a second time changes nothing", () => {
  const once = maskText("Ada <a@b.cd> in /home/ada by c@d.ef");
  expect(maskText(once)).toBe(once);
});

// In time that grows with the square of the length each of these would take hours; the test's time limit tells.
test.each([
  ["a word before an @", `${"a".repeat(2_000_000)}@`],
  ["blanks before an @", `${" ".repeat(2_000_000)}@`],
  ["a bracket that is never closed", `<${"@".repeat(2_000_000)}`],
])("a text of 2 MB is read to its end: %s", (_, text) => {
  expect(maskText(text)).toBe(text);
});
