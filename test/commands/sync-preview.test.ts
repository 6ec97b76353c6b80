import { expect, test } from "vitest";
import { startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { makeWorld, targetOf } from "../helpers/sync-world.ts";

test("it prints what the server gets next, byte for byte, and sends nothing", async () => {
  const world = makeWorld();
  const server = await startFaultServer(takeAll);
  world.set(targetOf(server.url));
  world.move("doing");
  world.move("doing", { id: "WP02" });
  const { status, stdout } = await world.run("sync preview");
  expect([status, server.requests, world.queue.readBinding()]).toEqual([0, [], undefined]);
  expect(await world.run("sync preview")).toEqual({ status: 0, stdout, stderr: "" });
  await world.run("sync now");
  expect(server.requests.map(({ text, ids }) => [`${text}\n`, ids.length])).toEqual([[stdout, 2]]);
  expect(await world.run("sync preview")).toEqual({ status: 0, stdout: "", stderr: "nothing is pending\n" });
});

test("without a target it says what is missing, on stderr", async () => {
  const world = makeWorld();
  expect(await world.run("sync preview")).toEqual({
    status: 0,
    stdout: "",
    stderr: expect.stringMatching(/^No server is configured: .*\nWithout it nothing is sent\.\n$/),
  });
});
