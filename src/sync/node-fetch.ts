import type { ClientRequest } from "node:http";
import { Agent } from "node:https";
import type { Socket } from "node:net";
import { checkServerIdentity, type PeerCertificate, rootCertificates } from "node:tls";
import { HttpsProxyAgent } from "https-proxy-agent";
import nodeFetch from "node-fetch";
import { getProxyForUrl } from "proxy-from-env";
import type { Fetch } from "./transport.ts";

/**
 * Creates the fetch that delivers: node-fetch with connections that are kept, through the proxy that `HTTPS_PROXY` and
 * `NO_PROXY` name. `ca` is the PEM text of a CA to trust besides the usual ones (`NODE_EXTRA_CA_CERTS` works as ever).
 *
 * Plain http goes to this machine alone, so it never goes through a proxy, which would read the token.
 */
export function createNodeFetch({ ca }: { readonly ca?: string } = {}): Fetch {
  const trust = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
  const agents = new Map<string, Agent | HttpsProxyAgent<string>>();
  function agentFor(url: URL): Agent | HttpsProxyAgent<string> | undefined {
    if (url.protocol === "http:") return undefined;
    const proxy = getProxyForUrl(url.href);
    const agent =
      agents.get(proxy) ?? (proxy === "" ? new Agent({ keepAlive: true, ...trust }) : new Tunnel(proxy, trust));
    agents.set(proxy, agent);
    return agent;
  }
  return (url, init) => nodeFetch(url, { ...init, agent: agentFor });
}

/** A connection through a proxy; what the proxy itself answers is never taken for the server's word. */
class Tunnel extends HttpsProxyAgent<string> {
  readonly #trust: { readonly ca?: string[] };

  constructor(proxy: string, trust: { readonly ca?: string[] }) {
    super(proxy, { keepAlive: true });
    this.#trust = trust;
  }

  override async connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>["connect"]>[1],
  ): Promise<Socket> {
    let status: unknown;
    request.once("proxyConnect", ({ statusCode }: { statusCode: number }) => {
      status = statusCode;
    });
    // The package checks the certificate of a server without a name, an IP address, against "localhost".
    const checkIdentity = (_: string, certificate: PeerCertificate) =>
      checkServerIdentity(options.host ?? "", certificate);
    const tls = { ...options, ...this.#trust, checkServerIdentity: checkIdentity };
    const socket = await super.connect(request, tls);
    if (status === 200) return socket;
    socket.destroy();
    throw Object.assign(new Error(`the proxy answered ${status}`), { code: "EPROXY" });
  }
}
