import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { AnyEvent } from "../../src/board/received-event.ts";
import { openDatabase } from "../../src/collector/open-database.ts";
import { openSqliteStore } from "../../src/collector/open-sqlite-store.ts";
import { foldBoard } from "../board/fold.ts";
import { startBuilt } from "./built-server.ts";
import { makeFolder } from "./folders.ts";
import { gzipped, makeEvent, resultsOf } from "./harness.ts";

const ROUNDS = process.env.SPEC_KITTY_TEST_STORM === "1" ? 100 : 4;
const SENDERS = 4;

interface Result {
  readonly event_id: string;
  readonly status: string;
}

test(`a collector that is killed ${ROUNDS} times under load has kept each event it ever answered for, once`, {
  timeout: ROUNDS * 10_000,
}, async () => {
  const data = makeFolder();
  const answered = new Set<string>();
  let token: string | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const server = await startBuilt(["--data", data, "--team", "acme"]);
    token ??= server.token;
    const sending = Array.from({ length: SENDERS }, () => sendUntilDead(server.url, token ?? "", answered));
    // Under load, and at another point of a batch's way to the disk each time.
    const enough = answered.size + 100 + 25 * (round % 9);
    while (answered.size < enough) await sleep(5);
    await sleep(round % 7);
    await server.end("SIGKILL");
    await Promise.all(sending);
  }
  const store = openSqliteStore(await openDatabase(data));
  const { team } = await store.ensureTeam("acme");
  const stored: { seq: number; receivedAt: number; event: AnyEvent }[] = [];
  for (let after = 0; ; after = stored.length) {
    const page = await store.readEvents(team, { after, limit: 1000, bytes: 1e9 });
    stored.push(...page.map(({ seq, receivedAt, body }) => ({ seq, receivedAt, event: JSON.parse(body) })));
    if (page.length === 0) break;
  }
  const ids = stored.map(({ event }) => event.event_id);
  const once = new Set(ids);
  expect([...answered].filter((id) => !once.has(id))).toEqual([]);
  expect(once.size).toBe(ids.length);
  expect(stored.map(({ seq }) => seq)).toEqual(ids.map((_, index) => index + 1));
  const { entries } = await store.readBoard(team, { after: 0, latest: 0 });
  expect(new Set(entries.map((entry) => JSON.stringify(entry)))).toEqual(
    new Set([...foldBoard(stored).values()].map((entry) => JSON.stringify(entry))),
  );
  await store.close();
});

/** Sends new batches, each again until it is answered, until nobody answers. */
async function sendUntilDead(url: string, token: string, answered: Set<string>): Promise<void> {
  for (let batch = 0; ; batch++) {
    const events = Array.from({ length: 25 }, (_, index) => makeEvent({ payload: moveOf(batch, index) }));
    const { body, headers } = gzipped({ events });
    try {
      const response = await fetch(`${url}/api/v1/events/batch/`, {
        method: "POST",
        body,
        headers: { ...headers, authorization: `Bearer ${token}` },
      });
      for (const result of (await resultsOf(response)).filter(isResult)) {
        if (result.status === "success") answered.add(result.event_id);
      }
    } catch {
      return;
    }
  }
}

/** A move of one of many work packages, as a collector has them. */
function moveOf(batch: number, index: number) {
  const wp_id = `WP${10 + index}`;
  const feature_slug = `feature-${batch % 40}`;
  return {
    feature_slug,
    wp_id,
    previous_status: "planned",
    new_status: "doing",
    to_lane: "doing",
    changed_by: "claude",
  };
}

function isResult(value: unknown): value is Result {
  return typeof value === "object" && value !== null && "event_id" in value && "status" in value;
}
