import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const LEAST = 75;
const MEASURES = ["lines", "branches"];

// vitest holds the whole to its thresholds; this holds every file to a lower one, which vitest can't do beside it.
const offenders = Object.entries(readSummary()).flatMap(([file, coverage]) => describe(file, coverage));
for (const offender of offenders) console.error(offender);
if (offenders.length > 0) process.exitCode = 1;
else console.log(`every file has at least ${LEAST} % of its ${MEASURES.join(" and ")} covered`);

function readSummary() {
  try {
    const { total: _, ...files } = JSON.parse(readFileSync(`${root}coverage/coverage-summary.json`, "utf8"));
    return files;
  } catch {
    console.error("coverage/coverage-summary.json can't be read: run npm run coverage first");
    process.exit(1);
  }
}

function describe(file, coverage) {
  return MEASURES.filter((measure) => coverage[measure].total > 0 && coverage[measure].pct < LEAST).map(
    (measure) => `${relative(root, file)}: ${coverage[measure].pct} % of its ${measure} covered, wanted ${LEAST}`,
  );
}
