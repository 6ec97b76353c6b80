import { applyEvent } from "../../src/board/apply-event.ts";
import type { Entry } from "../../src/board/entry.ts";
import { isKnown, keyOf, placeOf } from "../../src/board/place.ts";
import type { Arrival } from "../../src/board/received-event.ts";
import { renderEntry } from "../../src/board/render-entry.ts";

/** The board after these events, in this order; entries by their keys. */
export function foldBoard(arrivals: readonly Arrival[]): Map<string, Entry> {
  const board = new Map<string, Entry>();
  for (const { event, receivedAt } of arrivals) {
    const place = isKnown(event) ? placeOf(event) : undefined;
    if (!isKnown(event) || place === undefined) continue;
    board.set(keyOf(place), applyEvent(board.get(keyOf(place)), place, { event, receivedAt }));
  }
  return board;
}

/** The one card of a board that has one. */
export function cardOf(arrivals: readonly Arrival[]) {
  const cards = [...foldBoard(arrivals).values()].map(renderEntry).filter((view) => view.kind === "work_package");
  const [card, ...others] = cards;
  if (card === undefined || others.length > 0) throw new Error(`${cards.length} cards`);
  return card;
}
