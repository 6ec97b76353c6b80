import { writeFileSync } from "node:fs";

/** Writes `N passed, N failed` to the file that SPEC_KITTY_TALLY names; `scripts/test.mjs` prints it last, after the coverage. */
export default class TallyReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.SPEC_KITTY_TALLY;
    if (file) writeFileSync(file, renderTally(countTests(modules, unhandledErrors)));
  }
}

/** A file or suite that fails outside its tests, an error nobody caught and a test that never ended are failures, too. */
function countTests(modules, unhandledErrors) {
  const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) count[test.result().state] += 1;
    const suites = [module, ...module.children.allSuites()];
    count.failed += suites.filter((suite) => suite.errors().length > 0).length;
  }
  return { ...count, failed: count.failed + count.pending };
}

function renderTally({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
