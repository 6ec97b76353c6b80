// node fill-queue.mjs <common dir>/spec-kitty <events> [first number]: appends events to a queue, a thousand at a time.
import { findHome } from "../../src/config/home.ts";
import { openClock } from "../../src/queue/lamport-clock.ts";
import { openQueue } from "../../src/queue/open-queue.ts";
import { makeEvent } from "./make-event.ts";

const AT_ONCE = 1000;
const [folder = "", count = "0", first = "0"] = process.argv.slice(2);
const now = Date.now;
const queue = openQueue({ folder, clock: openClock({ home: findHome(process.env), node: "0123456789ab", now }), now });
for (let done = 0; done < Number(count); done += AT_ONCE) {
  const numbers = Array.from(
    { length: Math.min(AT_ONCE, Number(count) - done) },
    (_, index) => Number(first) + done + index,
  );
  const events = numbers.map((number) => {
    const event = makeEvent(number);
    return { id: event.event_id, stamp: (lamport_clock: number) => ({ ...event, lamport_clock }) };
  });
  await queue.append(events, { known: "recent" });
}
