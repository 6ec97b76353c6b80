// Cards, and the dialog that shows one whole.
import { avatar, byId, h, say, timeAgo } from "./elements.js";
import { cardKey, isFinished, ownerOf } from "./state.js";
import { fullTime, laneName, plural, splitSlug } from "./words.js";

/** Fills a card's element; it is a button that opens the details. */
export function fillCard(element, card) {
  const owner = ownerOf(card);
  const waits = card.dependencies.filter(({ resolved }) => !resolved);
  const title = card.title ?? "Not described yet";
  element.className = isFinished(card) ? "card compact" : "card";
  element.dataset.lane = card.lane;
  element.setAttribute(
    "aria-label",
    [
      `${card.wp_id} ${title}`,
      laneName(card.lane),
      owner && `by ${owner}`,
      card.errors > 0 && plural(card.errors, "error"),
    ]
      .filter(Boolean)
      .join(", "),
  );
  const facts = [
    waits.length > 0 && card.lane === "planned"
      ? h("span", { className: "chip waits" }, `after ${waits.map(({ wp_id }) => wp_id).join(", ")}`)
      : null,
    card.errors > 0 ? h("span", { className: "chip alarm" }, plural(card.errors, "error")) : null,
    card.notes > 0 ? h("span", { className: "notes", title: plural(card.notes, "note") }, String(card.notes)) : null,
  ];
  element.replaceChildren(
    h(
      "span",
      { className: "card-top" },
      h("span", { className: "card-id" }, card.wp_id),
      card.since ? timeAgo(card.since) : "",
    ),
    say(title, card.title === null ? "card-title unknown" : "card-title"),
    h(
      "span",
      { className: "card-facts" },
      owner ? h("span", { className: "owner" }, avatar(owner), say(owner)) : null,
      ...facts,
    ),
  );
}

export function createCardElement(card) {
  const element = h("button", { type: "button", data: { key: cardKey(card) } });
  fillCard(element, card);
  return element;
}

/** Shows all that is known of a card. */
export function openDetails(card) {
  const dialog = byId("details");
  const { number, name } = splitSlug(card.feature_slug);
  const close = h("button", { type: "button", className: "quiet", onclick: () => dialog.close() }, "Close");
  dialog.replaceChildren(
    h(
      "header",
      {},
      h("p", { className: "card-id" }, card.wp_id),
      h("span", { className: "lane-tag", data: { lane: card.lane } }, laneName(card.lane)),
      close,
    ),
    h("h2", { id: "details-title" }, say(card.title ?? card.wp_id)),
    h(
      "p",
      { className: "feature-line" },
      number ? `${number} ` : "",
      say(name),
      card.project_name ? " in " : "",
      say(card.project_name ?? ""),
    ),
    h("dl", {}, ...factsOf(card).flatMap(([term, ...parts]) => [h("dt", {}, term), h("dd", {}, ...parts)])),
    quoteBlock("Last note", card.last_note),
    quoteBlock("Last error", card.last_error),
  );
  dialog.showModal();
}

function factsOf(card) {
  const since = card.since
    ? [fullTime(card.since), ...(card.moved_by ? [", by ", say(card.moved_by)] : [])]
    : ["it began"];
  const dependencies = card.dependencies.map(({ wp_id, resolved }) =>
    h("span", { className: resolved ? "chip" : "chip waits" }, resolved ? `${wp_id} resolved` : wp_id),
  );
  return [
    [`${laneName(card.lane)} since`, ...since],
    ["Moves", String(card.moves)],
    ["Implements", card.implementer ? say(card.implementer) : "nobody yet"],
    ["Reviews", card.reviewer ? say(card.reviewer) : "nobody yet"],
    ["Depends on", ...(dependencies.length > 0 ? dependencies : ["nothing"])],
    ["Notes", String(card.notes)],
  ];
}

function quoteBlock(heading, quote) {
  if (quote === null) return "";
  return h(
    "figure",
    {},
    h("figcaption", {}, `${heading}, `, say(quote.by), ", ", timeAgo(quote.at)),
    h("blockquote", { dir: "auto" }, quote.text),
  );
}
