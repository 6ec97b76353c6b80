// Makes elements; text of others is only ever text.
import { ago, fullTime, hueOf, initials } from "./words.js";

/** Creates an element; properties as in the DOM, `data` for its data attributes. Strings among the children are text. */
export function h(tag, { data = {}, aria = {}, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Somebody's text: its direction and its control characters end with it. */
export function say(text, className = "") {
  return h("bdi", { className }, text);
}

export function timeAgo(iso) {
  return h("time", { dateTime: iso, title: fullTime(iso) }, ago(iso));
}

export function avatar(name) {
  const element = h("span", { className: "avatar", title: name, aria: { hidden: "true" } }, initials(name));
  element.style.setProperty("--hue", String(hueOf(name)));
  return element;
}

export const byId = (id) => document.getElementById(id);
