import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { type Collector, createCollector } from "../../src/collector/create-collector.ts";
import { createToken } from "../../src/collector/credentials.ts";
import { loadAssets } from "../../src/collector/load-assets.ts";
import { openSqliteStore } from "../../src/collector/open-sqlite-store.ts";
import type { Store, Team } from "../../src/collector/store.ts";
import { eventOf } from "../events/example-events.ts";
import { makeDatabase, makeFolder } from "./folders.ts";

export const NOW = Date.parse("2026-03-01T12:00:00Z");
const ORIGIN = "http://127.0.0.1:8787";

interface Harness {
  readonly collector: Collector;
  readonly store: Store;
  readonly team: Team;
  readonly token: string;
  readonly logged: string[];
  readonly clock: { now: number };
  /** Asks for a path, with the token unless told otherwise. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Posts events as a client does. */
  post(events: readonly unknown[], init?: RequestInit): Promise<Response>;
}

/** A collector without a port, on a database of its own, with a page of two files. */
export async function makeCollector({
  hosts = [],
  wrap = (store) => store,
}: {
  hosts?: string[];
  wrap?: (store: Store) => Store;
} = {}): Promise<Harness> {
  const store = wrap(openSqliteStore(await makeDatabase()));
  const { team } = await store.ensureTeam("acme");
  const token = await createToken(store, team);
  const page = join(makeFolder(), "page");
  mkdirSync(page);
  writeFileSync(join(page, "index.html"), "<!doctype html>");
  writeFileSync(join(page, "board.js"), "start();");
  writeFileSync(join(page, "notes.txt"), "not part of the page");
  const logged: string[] = [];
  const clock = { now: NOW };
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const collector = createCollector({
    store,
    assets: loadAssets(page),
    hosts,
    now: () => clock.now,
    log: (text) => logged.push(text),
    signal: closing.signal,
  });
  const ask: Harness["ask"] = (path, init = {}) =>
    collector(
      new Request(`${ORIGIN}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } }),
    );
  const post: Harness["post"] = (events, init) =>
    ask("/api/v1/events/batch/", { method: "POST", body: JSON.stringify({ events }), ...init });
  return { collector, store, team, token, logged, clock, ask, post };
}

let made = 0;

/** A valid event of the team, with an id of its own. */
export function makeEvent(change: object = {}): Record<string, unknown> {
  made += 1;
  return {
    ...eventOf("WPStatusChanged"),
    team_slug: "acme",
    event_id: `01K${String(made).padStart(23, "0")}`,
    ...change,
  };
}

/** The answer to each event of a batch. */
export async function resultsOf(response: Response): Promise<readonly unknown[]> {
  const body = await response.json();
  const results = typeof body === "object" && body !== null && "results" in body ? body.results : undefined;
  if (!Array.isArray(results)) throw new Error(`no results, but ${JSON.stringify(body)}`);
  return results;
}

/** A gzipped body. */
export function gzipped(value: unknown): { body: Uint8Array<ArrayBuffer>; headers: Record<string, string> } {
  return { body: new Uint8Array(gzipSync(JSON.stringify(value))), headers: { "content-encoding": "gzip" } };
}
