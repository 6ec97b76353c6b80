import { compareTimes } from "./figures.mjs";

const ROUNDS = 300;

/** One append of one event, as a hook does it, beside the cheapest durable line there is. */
export async function benchAppend(world) {
  const output = world.node(await world.bundle("append"), String(ROUNDS), world.folder);
  const [limit, append, ticked] = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const floor = "limit: open, write, fdatasync, close";
  return [
    compareTimes(`append of an event, without the clock; ${floor}`, { limit, ours: append, budget: "<= 1.3" }),
    compareTimes(`tick of the clock and append; ${floor}`, { limit, ours: ticked, budget: "<= 3" }),
  ];
}
