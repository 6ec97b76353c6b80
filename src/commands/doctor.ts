import { defineCommand } from "./command.ts";
import { type Finding, findings } from "./doctor-checks.ts";

export const command = defineCommand({
  usage: "doctor [--json]",
  summary: "Say what is wrong, and the command that mends it",
  options: {
    json: { flag: "--json", description: "print one JSON object" },
  },
  async run({ json }, context) {
    const found: Finding[] = [];
    for await (const finding of findings(context)) {
      found.push(finding);
      if (!json) await context.stdout.write(renderFinding(finding));
    }
    const capturing = found.every(({ state }) => state !== "broken");
    if (json) await context.stdout.write(`${JSON.stringify({ capturing, findings: found })}\n`);
    return capturing ? 0 : 1;
  },
});

const MARKS: Readonly<Record<Finding["state"], string>> = { ok: "ok      ", warning: "warning ", broken: "broken  " };

function renderFinding({ name, state, text, mend }: Finding): string {
  const line = `${MARKS[state]}${name.padEnd(8)} ${text}\n`;
  return mend === undefined ? line : `${line}${" ".repeat(17)}${mend}\n`;
}
