import { createHash } from "node:crypto";
import { hostname, userInfo } from "node:os";

/** Names this machine and user in events: the first 12 hex digits of SHA-256 over `hostname:username`; it names nobody. */
export function nodeId(): string {
  return createHash("sha256").update(`${hostname()}:${userName()}`).digest("hex").slice(0, 12);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown"; // a container may run under a user id that has no name
  }
}
