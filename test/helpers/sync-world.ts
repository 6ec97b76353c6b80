import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { serveCollector } from "../../src/collector/serve-collector.ts";
import { runCli } from "../../src/commands/run-cli.ts";
import { openClock } from "../../src/queue/lamport-clock.ts";
import { openQueue, type Queue } from "../../src/queue/open-queue.ts";
import { makeContext } from "../commands/cli-context.ts";
import { type Captured, makeCaptured } from "./capture.ts";
import { answer, results, type Script } from "./fault-server.ts";
import { makeFolder } from "./folder.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A repository whose command lines run in this process, with a home and an environment of their own. */
export interface SyncWorld extends Captured {
  /** Stands for `~/.spec-kitty`. */
  readonly home: string;
  readonly queue: Queue;
  /** Sets variables for the command lines to come. */
  set(env: Env): void;
  /** Runs a command line of ours; its words have no spaces. */
  run(
    line: string,
    changes?: Parameters<typeof makeContext>[0],
  ): Promise<{ status: number; stdout: string; stderr: string }>;
}

/** Makes a repository that is captured already, unless `begin` is false. */
export function makeWorld(options?: { begin?: boolean }): SyncWorld {
  const repository = makeCaptured(options);
  const { path, folder } = repository;
  const home = repository.beside("home");
  let env: Env = { ...process.env, SPEC_KITTY_HOME: home };
  return {
    ...repository,
    home,
    queue: openQueue({ folder, now: Date.now, clock: openClock({ home, node: "0", now: Date.now }) }),
    set(more) {
      env = { ...env, ...more };
    },
    async run(line, changes = {}) {
      const { context, written } = makeContext({ cwd: path, env, ...changes });
      const status = await runCli(line.split(" "), context);
      return { status, ...written };
    },
  };
}

/** A collector that runs in this process. */
export interface TestCollector {
  readonly url: string;
  readonly token: string;
  /** What makes it the target of a run. */
  readonly target: Env;
  /** The ids of all events it has, in the order they came. */
  ids(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Starts a real collector on loopback, with one team, and stops it with the test. */
export async function startCollector(team = "red"): Promise<TestCollector> {
  const {
    url,
    token = "",
    stop,
  } = await serveCollector({
    port: 0,
    host: "127.0.0.1",
    data: makeFolder(),
    team,
    page: fileURLToPath(new URL("../../templates/board", import.meta.url)),
    allowHosts: [],
    now: Date.now,
    log(text) {
      throw new Error(text);
    },
  });
  let stopped: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => (stopped ??= stop());
  onTestFinished(stopOnce);
  return {
    url,
    token,
    target: targetOf(url, { team, token }),
    stop: stopOnce,
    async ids() {
      const answer = await fetch(`${url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` } });
      const { events }: { events: { event: { event_id: string } }[] } = JSON.parse(await answer.text());
      return events.map(({ event }) => event.event_id);
    },
  };
}

/** The variables that name a target. */
export function targetOf(server: string, { team = "red", token = "a-token" } = {}): Env {
  return { SPEC_KITTY_SERVER_URL: server, SPEC_KITTY_TEAM: team, SPEC_KITTY_TOKEN: token };
}

/** A script that refuses each event for good. */
export const refuseAll: Script = ({ ids }, response) =>
  answer(
    response,
    200,
    results(ids, () => ({ status: "rejected", retryable: false, error: "nobody knows WP01" })),
  );
