import { describe, expect, test } from "vitest";
import { BOARD_VERSION } from "../../src/board/entry.ts";
import type { AnyEvent, Arrival } from "../../src/board/received-event.ts";
import type { Database } from "../../src/collector/database.ts";
import { openDatabase } from "../../src/collector/open-database.ts";
import { openSqliteStore } from "../../src/collector/open-sqlite-store.ts";
import type { Store, Submission, Team } from "../../src/collector/store.ts";
import { arrivalOf } from "../board/events.ts";
import { foldBoard } from "../board/fold.ts";
import { drivers } from "./drivers.ts";
import { makeDatabase, makeFolder } from "./folders.ts";

const submit = (team: Team, ...arrivals: Arrival[]): Submission => ({
  team,
  events: arrivals.map((arrival) => ({ ...arrival, body: JSON.stringify(arrival.event) })),
});
const created = (clock = 1) => arrivalOf("WPCreated", { clock, payload: { title: "Form" } });
const moved = (clock = 1) =>
  arrivalOf("WPStatusChanged", { clock, payload: { new_status: "doing", to_lane: "doing" } });
const changed = (arrival: Arrival, change: Partial<AnyEvent>): Arrival => ({
  ...arrival,
  event: { ...arrival.event, ...change },
});

async function makeStore(database: Database): Promise<{ store: Store; team: Team }> {
  const store = openSqliteStore(database);
  return { store, team: (await store.ensureTeam("local")).team };
}

async function readAll(store: Store, team: Team) {
  const events = await store.readEvents(team, { after: 0, limit: 1000, bytes: 1e9 });
  return events.map(({ seq, body }) => ({ seq, id: JSON.parse(body).event_id }));
}

/** What every store must do, whatever it is made of. */
describe.each(drivers)("the store on %s", (_, driver) => {
  test("keeps an event once, with the numbers of its team without a gap", async () => {
    const { store, team } = await makeStore(await makeDatabase(driver));
    const [one, two, three] = [created(), moved(), moved()];
    expect(await store.record([submit(team, one, two, one)])).toEqual([
      { outcomes: ["success", "success", "duplicate"], clock: 1 },
    ]);
    expect(await store.record([submit(team, two), submit(team, three)])).toEqual([
      { outcomes: ["duplicate"], clock: 1 },
      { outcomes: ["success"], clock: 1 },
    ]);
    expect(await readAll(store, team)).toEqual([
      { seq: 1, id: one.event.event_id },
      { seq: 2, id: two.event.event_id },
      { seq: 3, id: three.event.event_id },
    ]);
    expect(await store.readHead(team)).toEqual({ seq: 3, clock: 1 });
  });

  test("the first write wins; what is not part of an id makes no conflict", async () => {
    const { store, team } = await makeStore(await makeDatabase(driver));
    const first = moved();
    const other = changed(first, {
      node_id: "ffffffffffff",
      lamport_clock: 9,
      timestamp: "2020-01-01T00:00:00Z",
      git_branch: "b",
    });
    await store.record([submit(team, first)]);
    expect(await store.record([submit(team, other)])).toEqual([{ outcomes: ["duplicate"], clock: 1 }]);
    const [stored] = await store.readEvents(team, { after: 0, limit: 9, bytes: 1e6 });
    expect(JSON.parse(stored?.body ?? "")).toEqual(first.event);
  });

  test.each<[string, (arrival: Arrival) => Arrival]>([
    ["event_type", (arrival) => changed(arrival, { event_type: "WPCreated" })],
    [
      "project",
      (arrival) =>
        changed(arrival, {
          source: { project: "00000000-0000-5000-8000-000000000000", commit: null, layout: null, kind: "commit" },
        }),
    ],
    ["feature_slug", (arrival) => changed(arrival, { payload: { ...arrival.event.payload, feature_slug: "013" } })],
    ["wp_id", (arrival) => changed(arrival, { payload: { ...arrival.event.payload, wp_id: "WP09" } })],
    ["new_status", (arrival) => changed(arrival, { payload: { ...arrival.event.payload, new_status: "done" } })],
    ["to_lane", (arrival) => changed(arrival, { payload: { ...arrival.event.payload, to_lane: "blocked" } })],
  ])("another %s under one id is a conflict, and nothing is stored", async (fact, change) => {
    const { store, team } = await makeStore(await makeDatabase(driver));
    const first = moved();
    await store.record([submit(team, first)]);
    expect(await store.record([submit(team, change(first))])).toEqual([{ outcomes: [{ conflict: fact }], clock: 1 }]);
    expect(await readAll(store, team)).toHaveLength(1);
  });

  test("another time is a conflict only where no engine made the id of it", async () => {
    const { store, team } = await makeStore(await makeDatabase(driver));
    const { source: _, ...plain } = moved().event;
    const first: Arrival = { event: plain, receivedAt: 1 };
    await store.record([submit(team, first)]);
    const same = changed(first, { timestamp: plain.timestamp.replace(".000Z", "+00:00") });
    const other = changed(first, { timestamp: "2020-01-01T00:00:00Z" });
    expect(await store.record([submit(team, same, other)])).toMatchObject([
      { outcomes: ["duplicate", { conflict: "timestamp" }] },
    ]);
  });

  test("teams know nothing of each other's ids, numbers, clocks and boards", async () => {
    const { store, team } = await makeStore(await makeDatabase(driver));
    const { team: other } = await store.ensureTeam("other");
    const event = created(41);
    await store.record([submit(team, event, moved())]);
    expect(await store.record([submit(other, event)])).toEqual([{ outcomes: ["success"], clock: 41 }]);
    expect(await store.readHead(other)).toEqual({ seq: 1, clock: 41 });
    expect((await store.readBoard(other, { after: 0, latest: 9 })).latest).toHaveLength(1);
    expect(await store.ensureTeam("other")).toEqual({ team: other, created: false });
  });

  test("a clock that is out of its mind is stored, but not passed on", async () => {
    const { store, team } = await makeStore(await makeDatabase(driver));
    expect(await store.record([submit(team, created(2 ** 50), moved(7))])).toEqual([
      { outcomes: ["success", "success"], clock: 7 },
    ]);
  });

  test("its boards are the fold of its events, and tell what changed after a number", async () => {
    const { store, team } = await makeStore(await makeDatabase(driver));
    const arrivals = [
      created(),
      moved(2),
      arrivalOf("FeatureCreated", { payload: { wp_count: 1 } }),
      arrivalOf("HistoryAdded", { payload: { entry_content: "x" } }),
    ];
    for (const arrival of arrivals) await store.record([submit(team, arrival)]);
    const board = await store.readBoard(team, { after: 0, latest: 2 });
    expect(board.entries).toEqual(expect.arrayContaining([...foldBoard(arrivals).values()]));
    expect(board.latest.map(({ seq }) => seq)).toEqual([4, 3]);
    expect((await store.readBoard(team, { after: 3, latest: 9 })).entries).toMatchObject([{ kind: "work_package" }]);
    expect(await store.readBoard(team, { after: 4, latest: 9 })).toEqual({ seq: 4, entries: [], latest: [] });
  });

  test("boards of an older fold are made anew, to the same entries and numbers", async () => {
    const database = await makeDatabase(driver);
    const { store, team } = await makeStore(database);
    const { team: other } = await store.ensureTeam("other");
    const arrivals = Array.from({ length: 2100 }, (_, index) => moved(index));
    for (let start = 0; start < arrivals.length; start += 700)
      await store.record([submit(team, ...arrivals.slice(start, start + 700))]);
    await store.record([submit(other, created())]);
    const list = () =>
      database
        .prepare("SELECT team, key, seq, body FROM entries ORDER BY team, key")
        .all()
        .map((row) => ({ ...row }));
    const before = list();
    database.exec("UPDATE facts SET value = 0; UPDATE entries SET body = '{}'; DELETE FROM entries WHERE team = 2");
    openSqliteStore(database);
    expect(list()).toEqual(before);
    expect(database.prepare("SELECT value FROM facts WHERE name = 'board'").get()?.value).toBe(BOARD_VERSION);
  });

  test("pages end at their limits of number and of bytes, but hold one event at least", async () => {
    const { store, team } = await makeStore(await makeDatabase(driver));
    await store.record([submit(team, created(), moved(), moved(), moved())]);
    const seqs = async (range: { after: number; limit: number; bytes: number }) =>
      (await store.readEvents(team, range)).map(({ seq }) => seq);
    expect(await seqs({ after: 1, limit: 2, bytes: 1e6 })).toEqual([2, 3]);
    expect(await seqs({ after: 0, limit: 9, bytes: 1 })).toEqual([1]);
    expect(await seqs({ after: 0, limit: 9, bytes: 1200 })).toEqual([1, 2]);
    expect(await seqs({ after: 4, limit: 9, bytes: 1e6 })).toEqual([]);
    expect((await store.record([submit(team, moved())]))[0]?.outcomes).toEqual(["success"]);
  });

  test("a full disk fails the whole group, and nothing of it is kept", async () => {
    const database = await makeDatabase(driver);
    const { store, team } = await makeStore(database);
    await store.record([submit(team, created())]);
    const pages = Number(database.prepare("PRAGMA page_count").get()?.page_count);
    database.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const large = Array.from({ length: 200 }, () => moved());
    await expect(store.record([submit(team, moved()), submit(team, ...large)])).rejects.toMatchObject({
      reason: "full",
    });
    expect(await store.readHead(team)).toEqual({ seq: 1, clock: 1 });
    database.exec("PRAGMA max_page_count = 100000");
    expect(await store.record([submit(team, ...large)])).toMatchObject([{ clock: 1 }]);
    expect((await readAll(store, team)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 201 }, (_, index) => index + 1),
    );
  });

  test("credentials are found by their hash until they are removed", async () => {
    const { store, team } = await makeStore(await makeDatabase(driver));
    const credential = { hash: "abc", team, kind: "session" as const, expiresAt: 5 };
    await store.addCredential(credential);
    expect(await store.findCredential("abc")).toEqual(credential);
    await store.removeCredential("abc");
    expect(await store.findCredential("abc")).toBeUndefined();
  });

  test("everything is there when it is opened again", async () => {
    const folder = makeFolder();
    const { store, team } = await makeStore(await openDatabase(folder, driver));
    await store.record([submit(team, created(5))]);
    await store.close();
    const again = openSqliteStore(await openDatabase(folder, driver));
    expect(await again.readHead((await again.ensureTeam("local")).team)).toEqual({ seq: 1, clock: 5 });
    await again.close();
  });
});
