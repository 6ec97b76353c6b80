import { DatabaseError } from "./database.ts";
import { Refusal } from "./refusal.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
/** The page is our own script and style, and talks to us alone; nothing may make markup from text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");
const HEADERS = {
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** What stands around every route. */
export interface Guard {
  /** Names it may be called by beside those of loopback. */
  readonly hosts: readonly string[];
  /** Is told of bugs and of a database that fails. */
  readonly log: (text: string) => void;
}

/**
 * Answers only who calls it by a name of its own, since a page elsewhere may point its name at us; gives all answers
 * their headers.
 */
export function guard(
  route: (request: Request) => Promise<Response>,
  { hosts, log }: Guard,
): (request: Request) => Promise<Response> {
  const allowed = new Set([...LOOPBACK, ...hosts.map((host) => host.toLowerCase())]);
  return async (request) => {
    const { hostname } = new URL(request.url);
    const misdirected = new Refusal(421, `this collector is not called ${hostname}: see --allow-host`);
    const response = await (allowed.has(hostname) ? route(request) : Promise.reject(misdirected)).catch(
      (error: unknown) => refuse(error, log),
    );
    for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
    if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
    return response;
  };
}

/** Whatever fails, the answer is no success: what was sent is still the sender's. */
function refuse(error: unknown, log: (text: string) => void): Response {
  if (error instanceof Refusal) return answer(error.status, error.message, error.headers);
  if (error instanceof DatabaseError) {
    log(`the database cannot be used (${error.reason}): ${error.message}`);
    return answer(503, `the collector cannot store events now: ${error.reason}`, { "retry-after": "5" });
  }
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return answer(500, "the collector has a bug; its own output says more", {});
}

function answer(status: number, error: string, headers: Readonly<Record<string, string>>): Response {
  return Response.json({ error }, { status, headers });
}
