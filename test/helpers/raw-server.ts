import { createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Starts a server that does not speak HTTP but whatever the test writes; gives its URL. */
export async function startRawServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return urlOf(server);
}

/** Writes a text byte by byte, and then goes on with this one for ever. */
export function drip(socket: Socket, text: string, forever: string): void {
  const bytes = [...text];
  const timer = setInterval(() => socket.write(bytes.shift() ?? forever), 10);
  socket.on("close", () => clearInterval(timer));
}

/** Gives the URL of a port where nobody listens any more. */
export async function unusedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = urlOf(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}
