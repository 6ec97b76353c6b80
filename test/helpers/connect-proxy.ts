import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A proxy that tunnels (CONNECT), and what it was asked. */
export interface ConnectProxy {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly asked: {
    readonly method: string | undefined;
    readonly target: string | undefined;
    readonly login: string | undefined;
  }[];
}

/** Starts a real proxy on loopback; with another status than 200 it tunnels nothing. */
export async function startConnectProxy(status = 200): Promise<ConnectProxy> {
  const asked: { method: string | undefined; target: string | undefined; login: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push({ method: request.method, target: request.url, login: request.headers["proxy-authorization"] });
    response.writeHead(502).end();
  });
  server.on("connect", (request, socket: Socket) => {
    asked.push({ method: request.method, target: request.url, login: request.headers["proxy-authorization"] });
    sockets.add(socket);
    socket.on("error", () => undefined);
    if (status !== 200) {
      const body = '{"error":"by order of the proxy"}';
      socket.end(
        `HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      return;
    }
    const [host = "", port = ""] = String(request.url).split(":");
    const upstream = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { host: `127.0.0.1:${address.port}`, asked };
}
