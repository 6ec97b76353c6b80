import { isIPv4 } from "node:net";
import { Failure } from "../errors.ts";

/**
 * Reads the address of a server as it is compared, stored and posted to: without a slash at its end.
 *
 * A token goes there, so what could carry it astray is refused: plain http to another machine, and credentials, a query
 * or a fragment in the URL. A refusal names the host alone, since the rest may be a secret.
 */
export function parseServerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw refuse("The server's address is not an http or https URL.");
  }
  if (url.username !== "" || url.password !== "") throw refuse(`The server's URL (${url.host}) holds credentials.`);
  if (/[?#]/.test(text)) throw refuse(`The server's URL (${url.host}) has a query or a fragment.`);
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw refuse(`The server ${url.host} is not on this machine, and plain http would show your token to the network.`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** True for a host name, as `URL` writes it, that never leaves this machine. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || (isIPv4(host) && host.startsWith("127."));
}

function refuse(message: string): Failure {
  return new Failure("usage", { message, nextStep: "Give a URL such as https://collector.example.com" });
}
