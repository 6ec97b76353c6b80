const WORDS: Readonly<Record<string, string>> = {
  ANSWER_TOO_LARGE: "the answer is larger than 1 MiB",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself; NODE_EXTRA_CA_CERTS=<file> adds one to trust",
  EAI_AGAIN: "its name cannot be looked up now",
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection was cut",
  ENOTFOUND: "its name is unknown",
  EPROXY: "the proxy does not let us through",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  ETIMEDOUT: "the connection timed out",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate's CA is unknown here; NODE_EXTRA_CA_CERTS=<file> adds one",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate's CA is unknown here; NODE_EXTRA_CA_CERTS=<file> adds one",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate's CA is unknown here; NODE_EXTRA_CA_CERTS=<file> adds one",
};

/** Says why a request got no answer; only known words and the error's code, since its message may quote a secret. */
export function describeTrouble(error: unknown, host: string): { kind: "redirect" | "trouble"; reason: string } {
  const cause = fieldOf(error, "cause");
  // node-fetch has a type for it, the built-in fetch only this message.
  if (/redirect$/.test(String(fieldOf(error, "type"))) || fieldOf(cause, "message") === "unexpected redirect") {
    return { kind: "redirect", reason: `${host}: it redirects, and a token is not carried elsewhere` };
  }
  const code = fieldOf(error, "code") ?? fieldOf(cause, "code");
  if (typeof code !== "string") return { kind: "trouble", reason: `${host}: the request failed` };
  return { kind: "trouble", reason: `${host}: ${WORDS[code] ?? "the request failed"} (${code})` };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
