import { createHash, randomBytes } from "node:crypto";
import { readBody } from "./read-body.ts";
import { Refusal } from "./refusal.ts";
import type { CredentialKind, Store, Team } from "./store.ts";

/** How long a browser stays signed in: 30 days. */
const SESSION_LIFE = 30 * 24 * 60 * 60_000;
const LONGEST_SIGN_IN = 4096;

/** Creates a secret for a team; only its hash is kept. */
export async function createToken(store: Store, team: Team): Promise<string> {
  const token = `skt_${randomBytes(32).toString("base64url")}`;
  await store.addCredential({ hash: hashOf(token), team, kind: "token", expiresAt: null });
  return token;
}

/** Signs a browser in that sends `{"token": …}`, and gives the cookie that carries its session. */
export async function createSession(store: Store, request: Request, now: number): Promise<string> {
  // Another site can post a form to us, but not this type without our leave.
  if (!request.headers.get("content-type")?.startsWith("application/json")) throw new Refusal(415, "send JSON");
  const body = await readBody(request, LONGEST_SIGN_IN);
  const token = typeof body === "object" && body !== null && "token" in body ? body.token : undefined;
  const credential = typeof token === "string" ? await store.findCredential(hashOf(token)) : undefined;
  if (credential?.kind !== "token") throw new Refusal(401, "this token is not known here");
  const secret = randomBytes(32).toString("base64url");
  const { team } = credential;
  await store.addCredential({ hash: hashOf(secret), team, kind: "session", expiresAt: now + SESSION_LIFE });
  return renderCookie(request, secret, SESSION_LIFE / 1000);
}

/** Ends the session a request carries, and gives the cookie that clears it. */
export async function endSession(store: Store, request: Request): Promise<string> {
  const secret = readCookie(request);
  if (secret !== undefined) await store.removeCredential(hashOf(secret));
  return renderCookie(request, "", 0);
}

/** Finds whose request it is, by its bearer token or its session. */
export async function authenticate(
  store: Store,
  { request, kinds, now }: { request: Request; kinds: readonly CredentialKind[]; now: number },
): Promise<Team> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const secret = bearer ?? readCookie(request);
  const credential = secret === undefined ? undefined : await store.findCredential(hashOf(secret));
  if (credential && kinds.includes(credential.kind) && now < (credential.expiresAt ?? Number.POSITIVE_INFINITY)) {
    return credential.team;
  }
  throw new Refusal(401, "a valid token is missing", { "www-authenticate": 'Bearer realm="spec-kitty"' });
}

/** 256 random bits need neither salt nor a slow hash. */
function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** Browsers share cookies among all ports of a host, so each collector has a name of its own. */
function cookieName(request: Request): string {
  return `spec_kitty_${new URL(request.url).port || "session"}`;
}

function renderCookie(request: Request, value: string, seconds: number): string {
  const isSecure = request.url.startsWith("https:") || request.headers.get("x-forwarded-proto") === "https";
  const attributes = `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
  return `${cookieName(request)}=${value}; ${attributes}`;
}

function readCookie(request: Request): string | undefined {
  const name = `${cookieName(request)}=`;
  const pairs = (request.headers.get("cookie") ?? "").split(/; */);
  return pairs.find((pair) => pair.startsWith(name))?.slice(name.length);
}
