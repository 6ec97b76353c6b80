import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { Failure } from "../errors.ts";
import { EVENT_TYPES } from "../events/envelope.ts";
import { validateEvent } from "../events/validate-event.ts";
import { type Context, defineCommand } from "./command.ts";
import { readJson } from "./read-json.ts";

const LONGEST_ID = 60;

export const command = defineCommand({
  usage: "validate [--profile <profile>] [--type <type>] <file>",
  summary: "Check events against the contract",
  arguments: {
    file: { description: "JSON (an event or an array of them) or JSON lines; - reads standard input" },
  },
  options: {
    profile: {
      flag: "--profile <profile>",
      description: "the contract to check against",
      choices: ["028"],
      default: "028",
    },
    type: {
      flag: "--type <type>",
      description: "each object is the payload of such an event, without its envelope",
      choices: EVENT_TYPES,
    },
  },
  async run({ file, profile, type }, context) {
    const judge = (event: unknown) => validateEvent(event, { profile, ...(type && { type }) });
    let events = 0;
    let invalid = 0;
    for await (const item of readJson(readBytes(file, context))) {
      const errors = "problem" in item ? [item.problem] : judge(item.value);
      const event_id = "problem" in item ? null : idOf(item.value);
      events += 1;
      if (errors.length > 0) invalid += 1;
      await context.stdout.write(`${JSON.stringify({ event_id, valid: errors.length === 0, errors })}\n`);
    }
    if (events === 0) await context.stderr.write(`${nameOf(file)} holds no events.\n`);
    return invalid > 0 ? 1 : 0;
  },
});

async function* readBytes(file: string, { cwd, stdin, signal }: Context): AsyncGenerator<Uint8Array> {
  try {
    yield* file === "-" ? stdin : createReadStream(resolve(cwd, file), { signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Failure("failed", {
      message: `${nameOf(file)} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      nextStep: "Name a file of events, or - for standard input.",
      cause,
    });
  }
}

function nameOf(file: string): string {
  return file === "-" ? "standard input" : file;
}

function idOf(event: unknown): string | null {
  const id = typeof event === "object" && event !== null ? Reflect.get(event, "event_id") : undefined;
  return typeof id === "string" ? id.slice(0, LONGEST_ID) : null;
}
