// What the page knows of the board, and what follows from it.

const FINISHED = new Set(["done", "canceled"]);
const MOST_NEWS = 60;

export function createState() {
  return { team: "", seq: 0, features: new Map(), cards: new Map(), news: [] };
}

export const featureKey = ({ project, feature_slug }) => JSON.stringify([project, feature_slug]);
export const cardKey = ({ project, feature_slug, wp_id }) => JSON.stringify([project, feature_slug, wp_id]);

/** Takes in a board or what changed on it; gives the features to draw again and the cards that changed their lane. */
export function merge(state, { team, seq, features, cards, news }) {
  const touched = new Set();
  const moved = [];
  for (const view of features) {
    featureOf(state, view).view = view;
    touched.add(featureKey(view));
  }
  for (const card of cards) {
    const key = cardKey(card);
    const before = state.cards.get(key);
    if (before !== undefined && before.lane !== card.lane) moved.push(card);
    state.cards.set(key, card);
    const feature = featureOf(state, card);
    feature.cards.set(key, card);
    feature.projectName = card.project_name ?? feature.projectName;
    touched.add(featureKey(card));
  }
  const known = new Set(state.news.map((item) => item.seq));
  state.news = [...news.filter((item) => !known.has(item.seq)), ...state.news].slice(0, MOST_NEWS);
  Object.assign(state, { team, seq });
  return { touched, moved };
}

function featureOf(state, { project, project_name, feature_slug }) {
  const key = featureKey({ project, feature_slug });
  let feature = state.features.get(key);
  if (feature === undefined) {
    feature = { key, slug: feature_slug, project, projectName: project_name, view: undefined, cards: new Map() };
    state.features.set(key, feature);
  }
  return feature;
}

export const isFinished = ({ lane }) => FINISHED.has(lane);

/** Where a feature stands: `active`, `upcoming` or `finished`. */
export function phaseOf(feature) {
  const cards = [...feature.cards.values()];
  if (cards.length > 0 && cards.every(isFinished)) return "finished";
  return cards.some(({ lane }) => lane !== "planned") ? "active" : "upcoming";
}

/** Who has a card in hand: the reviewer while it is reviewed, else whoever implements it. */
export function workerOf({ lane, phase, implementer, reviewer, moved_by }) {
  if (lane === "in_review" || (lane === "doing" && phase === "review")) return reviewer ?? moved_by;
  if (lane === "doing" || lane === "claimed" || lane === "blocked") return implementer ?? moved_by;
  return null;
}

/** Whose name a card carries. */
export function ownerOf(card) {
  return workerOf(card) ?? (card.lane === "planned" ? null : (card.implementer ?? card.moved_by));
}

/** People who have something in hand, the busiest first, with their cards. */
export function peopleAtWork(cards) {
  const people = new Map();
  for (const card of cards) {
    const name = workerOf(card);
    if (name === null) continue;
    people.set(name, [...(people.get(name) ?? []), card]);
  }
  return [...people].sort(([a, ofA], [b, ofB]) => ofB.length - ofA.length || a.localeCompare(b));
}

/** Every word of the filter occurs in something a card says. */
export function matches(card, filter) {
  if (filter === "") return true;
  const text = [
    card.wp_id,
    card.title,
    card.feature_slug,
    card.project_name,
    card.lane,
    card.implementer,
    card.reviewer,
    card.moved_by,
  ]
    .join(" ")
    .toLowerCase();
  return filter.split(/\s+/).every((word) => text.includes(word));
}
