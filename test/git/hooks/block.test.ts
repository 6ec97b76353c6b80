import { describe, expect, test } from "vitest";
import {
  addBlock,
  findBlock,
  HOOKS,
  isCurrent,
  isTorn,
  removeBlock,
  renderBlock,
} from "../../../src/git/hooks/block.ts";

const OLDER = "# >>> spec-kitty hooks v0 00000000\nsomething older\n# <<< spec-kitty\n";

const hooks: [name: string, text: string, begin: string][] = [
  ["a shebang alone", "#!/bin/sh\n", "#!/bin/sh\n# >>>"],
  ["an exec at the end", "#!/bin/sh\nexec true\n", "#!/bin/sh\n# >>>"],
  ["no shebang", "true\n", "# >>>"],
  ["nothing at all", "", "# >>>"],
  ["CRLF", "#!/bin/sh\r\ntrue\r\n", "#!/bin/sh\r\n# >>>"],
  ["no last line break", "#!/bin/sh\ntrue", "#!/bin/sh\n# >>>"],
];

describe("a block", () => {
  test.each(hooks)("goes into a hook with %s and out again without a trace", (_, text, begin) => {
    const added = addBlock(text, "post-merge");
    expect(added.startsWith(begin)).toBe(true);
    expect(added.includes("\r")).toBe(text.includes("\r"));
    if (text.includes("\r")) expect(added.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(findBlock(added)).toMatchObject({ version: 1, intact: true, ownFile: false });
    expect(isCurrent(added, "post-merge")).toBe(true);
    expect(addBlock(added, "post-merge")).toBe(added);
    expect(removeBlock(added)).toBe(text);
  });

  test("of an older version is replaced where it stands", () => {
    const text = `#!/bin/sh\nfirst\n${OLDER}last\n`;
    expect(findBlock(text)).toMatchObject({ version: 0, intact: false });
    expect(addBlock(text, "post-commit")).toBe(`#!/bin/sh\nfirst\n${renderBlock("post-commit")}last\n`);
    expect(isCurrent(text, "post-commit")).toBe(false);
  });

  test("that somebody edited says so, and goes as a whole", () => {
    const text = addBlock("#!/bin/sh\ntrue\n", "post-commit").replace("_sk_hook", "false; _sk_hook");
    expect(findBlock(text)).toMatchObject({ intact: false });
    expect(removeBlock(text)).toBe("#!/bin/sh\ntrue\n");
  });

  test("that has lost its end is seen", () => {
    expect(isTorn(OLDER)).toBe(false);
    expect(isTorn(OLDER.replace("# <<< spec-kitty\n", ""))).toBe(true);
    expect(isTorn("#!/bin/sh\n")).toBe(false);
  });

  test("in a file of its own leaves nothing, or what somebody added", () => {
    const created = addBlock(undefined, "post-rewrite");
    expect(removeBlock(created)).toBeUndefined();
    expect(removeBlock(created.replaceAll("\n", "\r\n"))).toBeUndefined();
    expect(removeBlock(`${created}more\n`)).toBe("#!/bin/sh\nmore\n");
    expect(addBlock(created.replace(" v1 ", " v0 "), "post-rewrite")).toBe(created);
  });

  test("that was never there takes nothing away", () => {
    expect(removeBlock("#!/bin/sh\n")).toBe("#!/bin/sh\n");
  });

  test("survives a lefthook, which deletes every file that names it", () => {
    for (const hook of HOOKS) expect(renderBlock(hook)).not.toMatch(/lefthook/i);
  });
});
