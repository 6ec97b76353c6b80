// Cards that change their column glide there, unless the reader prefers stillness.
import { findCardElement } from "./features.js";
import { cardKey } from "./state.js";

/** More at once is no motion anybody could follow. */
const MOST = 12;
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** Runs a change of the page; the cards that moved glide from where they were, and light up. */
export function glide(moved, change) {
  const focused = document.activeElement;
  const followed = moved.length <= MOST ? moved.map(cardKey) : [];
  const before = new Map(followed.map((key) => [key, boxOf(key)]));
  change();
  if (focused instanceof HTMLElement && focused !== document.activeElement && focused.isConnected)
    focused.focus({ preventScroll: true });
  for (const [key, box] of before) {
    const element = findCardElement(key);
    if (element === undefined) continue;
    light(element);
    const now = boxOf(key);
    if (!stillness.matches && box && now) move(element, box.x - now.x, box.y - now.y);
  }
}

function boxOf(key) {
  const element = findCardElement(key);
  return element?.isConnected && element.offsetParent !== null ? element.getBoundingClientRect() : undefined;
}

function move(element, x, y) {
  if (x === 0 && y === 0) return;
  element.animate(
    [
      { transform: `translate(${x}px, ${y}px)`, zIndex: 2 },
      { transform: "none", zIndex: 2 },
    ],
    { duration: 550, easing: "cubic-bezier(.2, .8, .2, 1)" },
  );
}

function light(element) {
  element.classList.remove("moved");
  // Asking for a measure lets the same animation begin again.
  void element.offsetWidth;
  element.classList.add("moved");
}
