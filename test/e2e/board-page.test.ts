import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { serveCollector } from "../../src/collector/serve-collector.ts";
import { makeFolder } from "../collector/folders.ts";
import { portrait } from "./portrait.ts";

const CHROMIUM = "/usr/bin/chromium";
const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", ...QUIET];
const page = fileURLToPath(new URL("../../templates/board", import.meta.url));
const isThere = existsSync(CHROMIUM);
if (!isThere) console.log(`Skipped: there is no ${CHROMIUM}; the board page is not tested in a browser.`);

let browser: Browser | undefined;
beforeAll(async () => {
  if (isThere) browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
afterAll(async () => browser?.close());

let clock = 0;

/** An event as a clone delivers it. */
function eventOf(event_type: string, payload: object): object {
  clock += 1;
  const source = { project: "7d444840-9dc0-5fd1-b245-5ffdce74fad2", commit: null, layout: "flat", kind: "commit" };
  return {
    event_id: `01J${String(clock).padStart(23, "0")}`,
    event_type,
    aggregate_id: "WP01",
    aggregate_type: "WorkPackage",
    payload: { feature_slug: "012-user-login", wp_id: "WP01", ...payload },
    node_id: "0123456789ab",
    lamport_clock: clock,
    timestamp: new Date().toISOString(),
    project_slug: "webshop",
    source,
    team_slug: "acme",
  };
}

const move = (wp_id: string, to_lane: string, new_status: string) =>
  eventOf("WPStatusChanged", { wp_id, previous_status: "planned", new_status, to_lane, changed_by: "claude" });

interface Access {
  readonly url: string;
  readonly token: string;
}

async function open({ events = [], ...browsing }: { events?: readonly object[] } & BrowserContextOptions = {}) {
  if (!browser) throw new Error("no browser");
  const options = {
    host: "127.0.0.1",
    data: makeFolder(),
    team: "acme",
    page,
    allowHosts: [],
    now: Date.now,
    log: console.error,
  };
  let running = await serveCollector({ ...options, port: 0 });
  const { url, token = "" } = running;
  const stop = () => running.stop();
  const restart = async () => {
    running = await serveCollector({ ...options, port: Number(new URL(url).port) });
  };
  const collector = { url, token, stop, restart };
  const context = await browser.newContext(browsing);
  onTestFinished(async () => {
    await context.close();
    await collector.stop();
  });
  await deliver(collector, events);
  const tab = await context.newPage();
  const complaints: string[] = [];
  tab.on(
    "console",
    (message) => void (["error", "warning"].includes(message.type()) && complaints.push(message.text())),
  );
  tab.on("pageerror", (error) => void complaints.push(error.message));
  tab.on("dialog", (dialog) => void complaints.push(dialog.message()));
  tab.on(
    "request",
    (request) => void (request.url().startsWith(collector.url) || complaints.push(`asks ${request.url()}`)),
  );
  onTestFinished(() => expect(complaints).toEqual([]));
  await tab.goto(`${collector.url}/`);
  return { collector, tab, complaints };
}

async function deliver({ url, token }: Access, events: readonly object[]): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(`${url}/api/v1/events/batch/`, {
    method: "POST",
    headers,
    body: JSON.stringify({ events }),
  });
  expect(await response.text()).not.toContain('"error"');
}

async function signIn(tab: Page, { token }: Access): Promise<void> {
  await tab.getByLabel("Token").fill(token);
  await tab.getByRole("button", { name: "Open the board" }).click();
  await tab.locator('#connection[data-state="live"]').waitFor();
}

const cardIn = (tab: Page, lane: string) => tab.locator(`.lane[data-lane="${lane}"] .card`);

describe.runIf(isThere)("the board page", () => {
  test("asks for the token once, and keeps it from scripts", async () => {
    const { collector, tab } = await open({ events: [move("WP01", "doing", "doing")] });
    await signIn(tab, collector);
    await tab.reload();
    await cardIn(tab, "doing").waitFor();
    expect(await tab.evaluate("document.cookie")).toBe("");
    await tab.getByRole("button", { name: "Sign out" }).click();
    await tab.getByLabel("Token").waitFor();
    await tab.reload();
    await tab.getByLabel("Token").waitFor();
  });

  test("says that a token is not known", async () => {
    const { tab, complaints } = await open();
    await tab.getByLabel("Token").fill("skt_wrong");
    await tab.keyboard.press("Enter");
    await tab.getByRole("alert").getByText("not known here").waitFor();
    // The browser itself tells of the 401.
    expect(complaints.splice(0)).toEqual([expect.stringContaining("401")]);
  });

  test("shows cards in their lanes, and folds lanes without any away", async () => {
    const titles = eventOf("WPCreated", { wp_id: "WP02", title: "Reset by e-mail", dependencies: ["WP01"] });
    const { collector, tab } = await open({
      events: [titles, move("WP01", "in_review", "for_review"), move("WP03", "done", "done")],
    });
    await signIn(tab, collector);
    expect(await cardIn(tab, "planned").getAttribute("aria-label")).toBe("WP02 Reset by e-mail, Planned");
    expect(await cardIn(tab, "in_review").innerText()).toContain("WP01");
    expect(await cardIn(tab, "done").innerText()).toContain("WP03");
    expect(await tab.locator("#columns p").allInnerTexts()).toEqual(["Planned\n1", "In review\n1", "Done\n1"]);
    expect(await tab.locator("#people").innerText()).toContain("claude");
  });

  test("moves a card when it moves, without being loaded again, and says so", async () => {
    const { collector, tab } = await open({ events: [move("WP01", "doing", "doing")] });
    await signIn(tab, collector);
    await cardIn(tab, "doing").focus();
    await tab.evaluate("window.stayed = true");
    await deliver(collector, [move("WP01", "for_review", "for_review")]);
    await cardIn(tab, "for_review").waitFor();
    expect(await cardIn(tab, "doing").count()).toBe(0);
    expect(await tab.evaluate("window.stayed")).toBe(true);
    expect(await tab.evaluate("document.activeElement.dataset.lane")).toBe("for_review");
    await tab.locator("#announcer", { hasText: "WP01 is now in For review" }).waitFor();
    expect(await tab.locator("#news li").first().innerText()).toContain("For review");
  });

  test("does without the keyboard's owner having a mouse", async () => {
    const { collector, tab } = await open({ events: [move("WP01", "doing", "doing")] });
    await signIn(tab, collector);
    await tab.keyboard.press("/");
    await tab.keyboard.type("nothing like it");
    await tab.getByText("Nothing here matches the filter.").waitFor();
    await tab.keyboard.press("Control+A");
    await tab.keyboard.press("Delete");
    await cardIn(tab, "doing").focus();
    await tab.keyboard.press("Enter");
    await tab.getByRole("dialog").getByText("Implements").waitFor();
    await tab.keyboard.press("Escape");
    expect(await tab.evaluate("document.activeElement.dataset.lane")).toBe("doing");
  });

  test("shows what others wrote as text, and lets it turn nothing around", async () => {
    const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script>\u202Egnp.\u202D';
    const events = [
      eventOf("WPCreated", { title: hostile, feature_slug: hostile }),
      eventOf("WPAssigned", { agent_id: hostile, phase: "implementation", feature_slug: hostile }),
      {
        ...move("WP01", "doing", "doing"),
        payload: {
          wp_id: "WP01",
          feature_slug: hostile,
          previous_status: "planned",
          new_status: "doing",
          changed_by: hostile,
        },
      },
      eventOf("HistoryAdded", { entry_type: "note", entry_content: hostile, author: hostile, feature_slug: hostile }),
      eventOf("ErrorLogged", { error_type: "runtime", error_message: hostile, feature_slug: hostile }),
      { ...eventOf(hostile, { feature_slug: hostile }), project_slug: hostile },
    ];
    const { collector, tab } = await open({ events });
    await signIn(tab, collector);
    await cardIn(tab, "doing").click();
    await tab.getByRole("dialog").getByText("Last note").waitFor();
    expect(await tab.locator("img:not([src='/icon.svg']), body script").count()).toBe(0);
    expect(await tab.locator(".card-title").first().innerText()).toBe(hostile);
    const unicodeBidi = await tab.evaluate("getComputedStyle(document.querySelector('.card-title')).unicodeBidi");
    expect(unicodeBidi).toBe("isolate");
  });

  test("fits a screen of 360 pixels", async () => {
    const events = [
      move("WP01", "doing", "doing"),
      eventOf("WPCreated", { wp_id: "WP02", title: "Donaudampfschifffahrtsgesellschaft".repeat(4) }),
    ];
    const { collector, tab } = await open({ events, viewport: { width: 360, height: 740 } });
    await signIn(tab, collector);
    expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(360);
    await tab.locator('.lane[data-lane="doing"] h4').waitFor();
    await cardIn(tab, "doing").click();
    expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(360);
  });

  test("connects again, and shows what happened meanwhile", async () => {
    const { collector, tab, complaints } = await open({ events: [move("WP01", "doing", "doing")] });
    await signIn(tab, collector);
    await collector.stop();
    await tab.locator('#connection[data-state="waiting"]').waitFor();
    await collector.restart();
    await deliver(collector, [move("WP01", "done", "done")]);
    await cardIn(tab, "done").waitFor();
    complaints.length = 0; // the browser tells of each attempt that failed
  });

  test("of a team without events says how they come", async () => {
    const { collector, tab } = await open();
    await signIn(tab, collector);
    await tab.getByText("spec-kitty hooks install --backfill").waitFor();
    await deliver(collector, [move("WP01", "doing", "doing")]);
    await cardIn(tab, "doing").waitFor();
  });

  test("is pictured where SPEC_KITTY_TEST_SCREENSHOT says", async () => {
    const { collector, tab } = await open({
      events: portrait(),
      viewport: { width: 1360, height: 860 },
      deviceScaleFactor: 2,
      reducedMotion: "reduce",
    });
    await signIn(tab, collector);
    expect(await tab.locator(".feature").count()).toBeGreaterThan(3);
    const path = process.env.SPEC_KITTY_TEST_SCREENSHOT;
    if (path) await tab.screenshot({ path });
  });
});
