/** What a server says about one event. */
export interface EventResult {
  readonly status: string;
  /** One line; empty where the server gives none. */
  readonly reason: string;
  /** True if the server would say the same tomorrow. */
  readonly permanent: boolean;
}

/** The body of a 200: results by event id, and the server's Lamport clock if it tells one. */
export interface BatchResults {
  readonly results: ReadonlyMap<string, EventResult>;
  readonly clock: number | undefined;
}

const LONGEST_REASON = 300;
const PERMANENT = new Set(["conflict", "project_not_admitted", "project_not_consented", "project_refused"]);

/** Reads the results of a batch; undefined for a body that has none. An id the server speaks of twice has no result. */
export function readResults(text: string): BatchResults | undefined {
  const body = parseJson(text);
  const list = fieldOf(body, "results");
  if (!Array.isArray(list)) return undefined;
  const clock = fieldOf(body, "lamport_clock");
  return { results: byId(list, readResult), clock: isClock(clock) ? clock : undefined };
}

/** Reads which events a 400 names (`details`: a list, or a list as JSON text) and why; undefined if it names none. */
export function readCulprits(text: string): ReadonlyMap<string, EventResult> | undefined {
  const details = fieldOf(parseJson(text), "details");
  const list = typeof details === "string" ? parseJson(details) : details;
  if (!Array.isArray(list)) return undefined;
  const culprits = byId(list, (item) => ({ status: "error", reason: reasonOf(item), permanent: true }));
  return culprits.size > 0 ? culprits : undefined;
}

/** What a body says besides: its `error`, `message` or `detail`, in one line; empty for a page of HTML. */
export function readReason(text: string): string {
  return reasonOf(parseJson(text));
}

/** True if the body is a JSON object, as our protocol's are; a proxy or a portal on the way speaks HTML. */
export function isJsonObject(text: string): boolean {
  const body = parseJson(text);
  return typeof body === "object" && body !== null && !Array.isArray(body);
}

function byId<T>(list: readonly unknown[], read: (item: unknown) => T | undefined): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  const seen = new Set<string>();
  for (const item of list) {
    const id = fieldOf(item, "event_id");
    const value = read(item);
    if (typeof id !== "string") continue;
    if (value === undefined || seen.has(id)) found.delete(id);
    else found.set(id, value);
    seen.add(id);
  }
  return found;
}

function readResult(item: unknown): EventResult | undefined {
  const status = fieldOf(item, "status");
  if (typeof status !== "string") return undefined;
  const category = fieldOf(item, "error_category") ?? fieldOf(item, "error");
  const permanent = fieldOf(item, "retryable") === false || (typeof category === "string" && PERMANENT.has(category));
  return { status, reason: reasonOf(item), permanent };
}

function reasonOf(value: unknown): string {
  const names = ["error_message", "error", "reason", "detail", "message"];
  const text = names.map((name) => fieldOf(value, name)).find((found) => typeof found === "string" && found !== "");
  // A reason is shown on terminals, and the server is not the one who writes there.
  return String(text ?? "")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, LONGEST_REASON);
}

function isClock(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 48;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
