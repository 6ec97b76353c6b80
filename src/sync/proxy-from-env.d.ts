declare module "proxy-from-env" {
  /** The proxy for a URL by `HTTPS_PROXY`, `NO_PROXY` and so on; empty for none. */
  export function getProxyForUrl(url: string): string;
}
