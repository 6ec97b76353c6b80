import type { Ingest } from "./create-ingest.ts";
import { judgeEvent } from "./judge-event.ts";
import { readBody } from "./read-body.ts";
import { Refusal } from "./refusal.ts";
import type { Outcome, Team } from "./store.ts";

const MOST_EVENTS = 1000;
/** Of the JSON; what a client of the contract sends is a quarter of it. */
const MOST_BYTES = 1024 * 1024;

/** What became of one event, as the contract says it. */
interface Result {
  readonly event_id: string | null;
  readonly status: "success" | "duplicate" | "error";
  readonly error?: string;
  /** That sending it again changes nothing. */
  readonly retryable?: false;
}

const FOR_GOOD = { retryable: false } as const;

/** What a batch is accepted with. */
export interface Acceptance {
  readonly team: Team;
  readonly ingest: Ingest;
  readonly receivedAt: number;
}

/** Answers a batch of events, each for itself, once what is valid of them is durable. */
export async function acceptBatch(request: Request, { team, ingest, receivedAt }: Acceptance): Promise<Response> {
  const items = eventsOf(await readBody(request, MOST_BYTES));
  const verdicts = items.map((item) => judgeEvent(item, { team: team.slug, receivedAt }));
  if (verdicts.length > 0 && verdicts.every((verdict) => "otherTeam" in verdict && verdict.otherTeam)) {
    throw new Refusal(403, `the token is of team ${JSON.stringify(team.slug)}, and no event of this batch is`);
  }
  const events = verdicts.flatMap((verdict) => ("sent" in verdict ? [verdict.sent] : []));
  const { outcomes, clock } = await ingest({ team, events });
  const next = outcomes.values();
  const results = verdicts.map((verdict, index): Result => {
    if ("error" in verdict) return { event_id: idOf(items[index]), status: "error", error: verdict.error, ...FOR_GOOD };
    return { event_id: verdict.sent.event.event_id, ...resultOf(next.next().value) };
  });
  return Response.json({ results, lamport_clock: clock });
}

function eventsOf(body: unknown): readonly unknown[] {
  const events = typeof body === "object" && body !== null && "events" in body ? body.events : undefined;
  if (!Array.isArray(events)) throw new Refusal(400, 'the body is not {"events": […]}');
  if (events.length > MOST_EVENTS)
    throw new Refusal(413, `a batch holds at most ${MOST_EVENTS} events, not ${events.length}`);
  return events;
}

function resultOf(outcome: Outcome | undefined): Omit<Result, "event_id"> {
  if (outcome === undefined) throw new TypeError("the store has lost an outcome");
  if (typeof outcome === "string") return { status: outcome };
  return { status: "error", error: `conflict: an event of this id has another ${outcome.conflict}`, ...FOR_GOOD };
}

function idOf(item: unknown): string | null {
  const id = typeof item === "object" && item !== null ? Reflect.get(item, "event_id") : undefined;
  return typeof id === "string" ? id.slice(0, 60) : null;
}
