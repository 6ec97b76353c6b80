// Who is at work, what came in last, and the line on top that sums it up.
import { avatar, byId, h, say, timeAgo } from "./elements.js";
import { cardKey, isFinished, peopleAtWork } from "./state.js";
import { plural, splitSlug, tellNews } from "./words.js";

const MOST_PEOPLE = 12;
const MOST_HELD = 6;

export function drawAside(state) {
  const cards = [...state.cards.values()];
  const people = peopleAtWork(cards);
  byId("people-section").hidden = cards.length === 0;
  byId("people").replaceChildren(
    ...(people.length === 0 ? [h("li", { className: "nobody" }, "Nobody has a work package in hand.")] : []),
    ...people.slice(0, MOST_PEOPLE).map(([name, held]) => personOf(name, held)),
  );
  byId("news").replaceChildren(...state.news.map(newsItemOf));
  byId("summary").replaceChildren(...summaryOf(cards));
  byId("team").textContent = state.team;
}

function personOf(name, held) {
  const more = held.length > MOST_HELD ? h("span", { className: "chip" }, `and ${held.length - MOST_HELD} more`) : null;
  return h(
    "li",
    {},
    avatar(name),
    h("div", {}, say(name, "person"), h("p", { className: "held" }, ...held.slice(0, MOST_HELD).map(heldCard), more)),
  );
}

function heldCard(card) {
  const { name } = splitSlug(card.feature_slug);
  return h(
    "button",
    { type: "button", className: "chip link", title: name, data: { key: cardKey(card), lane: card.lane } },
    card.wp_id,
    " ",
    say(name),
  );
}

function newsItemOf(item) {
  const [about, what] = tellNews(item);
  const lane = item.event_type === "WPStatusChanged" ? { lane: item.text.split(" → ").at(-1) } : {};
  const where = item.wp_id !== null && item.feature_slug !== null ? splitSlug(item.feature_slug).name : null;
  return h(
    "li",
    { data: { type: item.event_type, ...lane } },
    h("p", { className: "what" }, about === "" ? null : h("strong", {}, say(about)), " ", say(what)),
    h(
      "p",
      { className: "where" },
      ...joinParts([item.actor && say(item.actor), where && say(where), timeAgo(item.timestamp)]),
    ),
  );
}

function joinParts(parts) {
  return parts.filter(Boolean).flatMap((part, index) => (index === 0 ? [part] : [" · ", part]));
}

function summaryOf(cards) {
  if (cards.length === 0) return [];
  const moving = cards.filter((card) => !isFinished(card) && card.lane !== "planned").length;
  const finished = cards.filter(isFinished).length;
  return [
    h("strong", {}, cards.length.toLocaleString()),
    ` ${cards.length === 1 ? "work package" : "work packages"}, `,
    h("strong", {}, moving.toLocaleString()),
    " in motion, ",
    h("strong", {}, `${Math.floor((100 * finished) / cards.length)} %`),
    " done",
  ];
}

/** Says a move aloud for those who don't see it. */
export function announce(moved, laneName) {
  if (moved.length === 0) return;
  const [first] = moved;
  byId("announcer").textContent =
    moved.length === 1
      ? `${first.wp_id} ${first.title ?? ""} is now in ${laneName(first.lane)}`
      : `${plural(moved.length, "work package")} moved`;
}
