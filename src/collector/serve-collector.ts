import { createCollector } from "./create-collector.ts";
import { createToken } from "./credentials.ts";
import { loadAssets } from "./load-assets.ts";
import { openDatabase } from "./open-database.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";
import { type Listening, startServer } from "./start-server.ts";

/** What a running collector needs. */
export interface ServeOptions extends Listening {
  /** The folder its events are kept in, which it has for itself. */
  readonly data: string;
  /** A team that is not known yet is created, with a token. */
  readonly team: string;
  /** Creates another token for a team that is known, too. */
  readonly newToken?: boolean;
  /** The folder of the board page. */
  readonly page: string;
  /** Names it may be called by beside those of loopback and `host`. */
  readonly allowHosts: readonly string[];
  /** Ms since the epoch. */
  readonly now: () => number;
  /** Is told of bugs and of a database that fails. */
  readonly log: (text: string) => void;
}

/** A collector that runs. */
export interface RunningCollector {
  readonly url: string;
  /** The token just created, if any; it cannot be shown again. */
  readonly token?: string;
  /** Ends live streams, lets requests under way end, and closes the database. */
  stop(): Promise<void>;
}

/** Starts a collector and its board page; resolves when it listens. */
export async function serveCollector(options: ServeOptions): Promise<RunningCollector> {
  const { data, team: slug, newToken = false, page, host, allowHosts, now, log } = options;
  const store = openSqliteStore(await openDatabase(data));
  const closing = new AbortController();
  try {
    const { team, created } = await store.ensureTeam(slug);
    const collector = createCollector({
      store,
      assets: loadAssets(page),
      hosts: [host.includes(":") ? `[${host}]` : host, ...allowHosts],
      now,
      log,
      signal: closing.signal,
    });
    const server = await startServer(collector, options);
    const token = created || newToken ? await createToken(store, team) : undefined;
    return {
      url: server.url,
      ...(token !== undefined && { token }),
      async stop() {
        closing.abort();
        await server.stop();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
