// The board itself: features, each with its cards in columns.
import { createCardElement, fillCard } from "./cards.js";
import { byId, h, say } from "./elements.js";
import { cardKey, isFinished, matches, phaseOf } from "./state.js";
import { LANES, laneName, plural, splitSlug } from "./words.js";

const GROUPS = [
  ["active", "In progress"],
  ["upcoming", "Upcoming"],
  ["finished", "Finished"],
];
/** Finished cards of a feature that are shown before the rest is asked for. */
const FEW = 4;

const sections = new Map();
const groups = new Map();
/** Card elements by key, with the card each shows. */
const drawn = new Map();
/** Columns whose finished cards are all shown. */
const unfolded = new Set();

/** Draws again the features that changed, and all of them when a column comes or goes. */
export function drawFeatures(state, { touched, filter }) {
  const features = [...state.features.values()].filter((feature) => isShown(feature, filter));
  const counts = countLanes(features, filter);
  const lanes = LANES.map(([lane]) => lane).filter((lane) => counts.has(lane));
  const hasNewColumns = drawColumns(lanes, counts);
  drawGroups(features);
  for (const feature of features) {
    if (hasNewColumns || touched.has(feature.key)) drawFeature(feature, lanes, filter);
  }
  byId("no-match").hidden = features.length > 0 || state.features.size === 0;
  byId("empty").hidden = state.features.size > 0;
}

function isShown(feature, filter) {
  if (filter === "") return true;
  return [...feature.cards.values()].some((card) => matches(card, filter));
}

function countLanes(features, filter) {
  const counts = new Map();
  for (const feature of features) {
    for (const card of feature.cards.values()) {
      if (matches(card, filter)) counts.set(card.lane, (counts.get(card.lane) ?? 0) + 1);
    }
  }
  return counts;
}

/** Heads the columns; true when there are others than before. */
function drawColumns(lanes, counts) {
  const columns = byId("columns");
  const names = lanes.join();
  const isNew = columns.dataset.lanes !== names;
  columns.dataset.lanes = names;
  byId("features").style.setProperty("--columns", String(Math.max(lanes.length, 1)));
  columns.replaceChildren(...lanes.map((lane) => h("p", { data: { lane } }, laneName(lane), count(counts.get(lane)))));
  return isNew;
}

function count(number) {
  return h("span", { className: "count" }, number.toLocaleString());
}

function drawGroups(features) {
  for (const [phase, heading] of GROUPS) {
    const { element, list, number } = groups.get(phase) ?? createGroup(phase, heading);
    const members = features.filter((feature) => phaseOf(feature) === phase).sort(compareFeatures);
    const elements = members.map((feature) => sectionOf(feature).element);
    element.hidden = members.length === 0;
    number.textContent = members.length.toLocaleString();
    const isSame = list.children.length === elements.length && elements.every((one, at) => list.children[at] === one);
    if (!isSame) list.replaceChildren(...elements);
  }
}

function createGroup(phase, heading) {
  const id = `group-${phase}`;
  const number = count(0);
  const list = h("div", {});
  const element = h(
    "section",
    { className: "group", aria: { labelledby: id } },
    h("h2", { id }, heading, number),
    list,
  );
  const group = { element, list, number };
  groups.set(phase, group);
  byId("groups").append(element);
  return group;
}

function compareFeatures(a, b) {
  const byProject = (a.projectName ?? "").localeCompare(b.projectName ?? "");
  return byProject || b.slug.localeCompare(a.slug, undefined, { numeric: true });
}

function sectionOf(feature) {
  return sections.get(feature.key) ?? createSection(feature);
}

/** One that is finished while somebody looks stays open. */
function createSection(feature) {
  const summary = h("summary", {});
  const lanes = h("div", { className: "lanes" });
  const element = h("details", { className: "feature", data: { feature: feature.slug } }, summary, lanes);
  const section = { element, summary, lanes, isOpen: phaseOf(feature) !== "finished" };
  summary.addEventListener("click", () => {
    section.isOpen = !element.open;
  });
  sections.set(feature.key, section);
  return section;
}

function drawFeature(feature, lanes, filter) {
  const { element, summary, lanes: container, isOpen } = sectionOf(feature);
  const all = [...feature.cards.values()].sort((a, b) => a.wp_id.localeCompare(b.wp_id));
  const cards = all.filter((card) => matches(card, filter));
  // A filter opens whatever it finds.
  element.open = isOpen || filter !== "";
  summary.replaceChildren(...headOf(feature, all));
  const redraw = () => drawFeature(feature, lanes, filter);
  container.replaceChildren(
    ...lanes.map((lane) =>
      laneOf({ key: `${feature.key} ${lane}`, lane, cards: cards.filter((card) => card.lane === lane), redraw }),
    ),
  );
}

function headOf(feature, cards) {
  const { number, name } = splitSlug(feature.slug);
  const finished = cards.filter(isFinished).length;
  const tally = cards.length === 0 ? "no work packages yet" : `${finished} of ${cards.length} done`;
  return [
    h("span", { className: "feature-number" }, number),
    h("h3", { title: feature.slug }, say(name)),
    say(feature.projectName ?? "", "project"),
    progressOf(cards),
    h("span", { className: "tally" }, tally),
  ];
}

/** Finished work first, then what is closest to it. */
function progressOf(cards) {
  const bar = h("span", { className: "progress", aria: { hidden: "true" } });
  for (const lane of [
    "done",
    "canceled",
    "approved",
    "in_review",
    "for_review",
    "doing",
    "claimed",
    "blocked",
    "planned",
  ]) {
    const share = cards.filter((card) => card.lane === lane).length;
    if (share === 0) continue;
    const part = h("span", { data: { lane }, title: `${laneName(lane)}: ${share}` });
    part.style.flexGrow = String(share);
    bar.append(part);
  }
  return bar;
}

function laneOf({ key, lane, cards, redraw }) {
  const isFolded = isFinished({ lane }) && cards.length > FEW + 1 && !unfolded.has(key);
  const visible = isFolded ? latestOf(cards) : cards;
  const unfold = () => {
    unfolded.add(key);
    redraw();
  };
  const label = `${laneName(lane)}, ${plural(cards.length, "work package")}`;
  return h(
    "section",
    { className: cards.length === 0 ? "lane vacant" : "lane", data: { lane }, aria: { label } },
    h("h4", {}, laneName(lane), count(cards.length)),
    h("ul", {}, ...visible.map((card) => h("li", {}, elementOf(card)))),
    isFolded
      ? h("button", { type: "button", className: "quiet more", onclick: unfold }, `${cards.length - FEW} more`)
      : null,
  );
}

function latestOf(cards) {
  return [...cards].sort((a, b) => (b.since ?? "").localeCompare(a.since ?? "")).slice(0, FEW);
}

/** One element a card, for as long as the page is open: so it can move, and keeps the focus. */
function elementOf(card) {
  const known = drawn.get(cardKey(card));
  if (known?.card === card) return known.element;
  const element = known?.element ?? createCardElement(card);
  if (known) fillCard(element, card);
  drawn.set(cardKey(card), { element, card });
  return element;
}

/** The element of a card, if it has been drawn. */
export function findCardElement(key) {
  return drawn.get(key)?.element;
}

/** Forgets all that was drawn. */
export function clearFeatures() {
  for (const known of [sections, groups, drawn, unfolded]) known.clear();
  byId("groups").replaceChildren();
  delete byId("columns").dataset.lanes;
}
