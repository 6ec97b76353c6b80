import { Refusal } from "./refusal.ts";
import type { Store, StoredEvent, Team } from "./store.ts";

const MOST_EVENTS = 1000;
/** Of event bodies in one answer, so that a page of large ones stays a page. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Answers with the events after `?after=`, oldest first, as JSON, or as JSON lines where those are asked for.
 * `next` is where to go on: the same number again when there is nothing more yet.
 */
export async function sendEvents(request: Request, { store, team }: { store: Store; team: Team }): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const after = wholeNumber(query.get("after"), 0);
  const limit = Math.min(wholeNumber(query.get("limit"), MOST_EVENTS), MOST_EVENTS);
  const events = await store.readEvents(team, { after, limit, bytes: MOST_BYTES });
  const lines = events.map(lineOf);
  if (/\bapplication\/(x-ndjson|jsonl)\b/.test(request.headers.get("accept") ?? "")) {
    return send(lines.map((line) => `${line}\n`).join(""), "application/x-ndjson");
  }
  return send(`{"events":[${lines.join(",")}],"next":${events.at(-1)?.seq ?? after}}`, "application/json");
}

/** Bodies are kept as JSON, so they go out as they are. */
function lineOf({ seq, receivedAt, body }: StoredEvent): string {
  return `{"seq":${seq},"received_at":"${new Date(receivedAt).toISOString()}","event":${body}}`;
}

function send(text: string, type: string): Response {
  return new Response(text, { headers: { "content-type": type } });
}

function wholeNumber(text: string | null, preset: number): number {
  if (text === null) return preset;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Refusal(400, `${JSON.stringify(text.slice(0, 20))} is no whole number`);
}
