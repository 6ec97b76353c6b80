// How things are called: lanes, times, people, news.

/** Columns of the board, in the order work moves through them. */
export const LANES = [
  ["planned", "Planned"],
  ["claimed", "Claimed"],
  ["doing", "Doing"],
  ["for_review", "For review"],
  ["in_review", "In review"],
  ["approved", "Approved"],
  ["done", "Done"],
  ["blocked", "Blocked"],
  ["canceled", "Canceled"],
];

const NAMES = new Map(LANES);
// Making one of these takes longer than drawing a card.
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const DAY_AND_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

export function laneName(lane) {
  return NAMES.get(lane) ?? lane;
}

/** `012-user-login` is the number 012 and the name "User login". */
export function splitSlug(slug) {
  const [, number = "", words = slug] = /^(\d+)[-_ ]+(.+)$/.exec(slug) ?? [];
  const name = words.replace(/[-_]+/g, " ").trim() || slug;
  return { number, name: name.charAt(0).toUpperCase() + name.slice(1) };
}

/** A time as long ago as it is: `now`, `5 min`, `3 h`, `2 d`, then its date. */
export function ago(iso, now = Date.now()) {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  if (minutes < 14 * 24 * 60) return `${Math.floor(minutes / (24 * 60))} d`;
  const date = new Date(iso);
  return (date.getFullYear() === new Date(now).getFullYear() ? DAY : DAY_AND_YEAR).format(date);
}

export function fullTime(iso) {
  return WHOLE.format(new Date(iso));
}

export function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters =
    words.length > 1 ? [words[0], words[1]].map((word) => [...word][0]) : [...(words[0] ?? "?")].slice(0, 2);
  return letters.join("").toUpperCase();
}

/** The same name has the same colour everywhere. */
export function hueOf(name) {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) % 360;
  return hash;
}

export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}

/** What happened, as [who or what it is about, what happened to it]. */
export function tellNews({ event_type, wp_id, feature_slug, actor, text }) {
  const about = wp_id ?? (feature_slug === null ? "" : splitSlug(feature_slug).name);
  switch (event_type) {
    case "WPStatusChanged":
      return [about, text.split(" → ").map(laneName).join(" → ")];
    case "WPCreated":
      return [about, `planned: ${text}`];
    case "WPAssigned":
      return [about, `${text} by ${actor}`];
    case "FeatureCreated":
      return [about, `begins with ${text}`];
    case "FeatureCompleted":
      return [about, "is complete"];
    case "DependencyResolved":
      return [about, `no longer waits: ${text}`];
    case "ErrorLogged":
      return [about, `error: ${text}`];
    case "HistoryAdded":
      return [about, text];
    default:
      return [about, event_type];
  }
}
