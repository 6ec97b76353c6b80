import { expect, test } from "vitest";
import { queuedEvents } from "../helpers/capture.ts";
import { startFaultServer, takeAll } from "../helpers/fault-server.ts";
import { makeWorld, refuseAll, targetOf } from "../helpers/sync-world.ts";

test("dead letters go back into the queue: named ones, or all; they are delivered then", async () => {
  const world = makeWorld();
  const server = await startFaultServer(refuseAll);
  world.set(targetOf(server.url));
  for (const lane of ["doing", "for_review", "done"]) world.move(lane);
  expect(await world.run("sync now --strict")).toMatchObject({ status: 3 });
  const [first = "", second = ""] = queuedEvents(world).map(({ event_id }) => event_id);
  const counts = () => {
    const { pending, dead, delivered } = world.queue.counts(world.queue.readBinding()?.counts ?? []);
    return { pending, dead, delivered };
  };

  expect(await world.run(`sync retry ${first} ${first}`)).toEqual({
    status: 0,
    stdout: "1 event put back; deliver them: spec-kitty sync now\n",
    stderr: "",
  });
  expect(counts()).toEqual({ pending: 1, dead: 2, delivered: 0 });

  // What is wrong with one of them stops all: nothing is half done.
  for (const wrong of [first, "01AAAAAAAAAAAAAAAAAAAAAAAA"]) {
    expect(await world.run(`sync retry ${second} ${wrong}`)).toEqual({
      status: 1,
      stdout: "",
      stderr: `"${wrong}" is no dead letter of this repository.\n\`spec-kitty events list\` shows which events are dead.\n`,
    });
  }
  expect(counts()).toEqual({ pending: 1, dead: 2, delivered: 0 });

  expect(await world.run("sync retry")).toMatchObject({ stdout: expect.stringMatching(/^2 events put back; /) });
  expect(counts()).toEqual({ pending: 3, dead: 0, delivered: 0 });
  server.follow(takeAll);
  expect(await world.run("sync now --strict")).toMatchObject({ status: 0 });
  expect(counts()).toEqual({ pending: 0, dead: 0, delivered: 3 });
  expect(await world.run("sync retry")).toMatchObject({ stdout: expect.stringMatching(/^0 events put back; /) });
  expect(await world.run(`sync retry ${first}`)).toMatchObject({ status: 1, stdout: "" });
});

test("where nothing is dead, nothing is put back", async () => {
  const world = makeWorld();
  world.move("doing");
  expect(await world.run("sync retry")).toMatchObject({
    status: 0,
    stdout: "0 events put back; deliver them: spec-kitty sync now\n",
  });
});
