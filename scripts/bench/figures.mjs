/** Runs actions in turn, in another order each round and once before it counts; gives the results of each by its name. */
export function measureInTurn(rounds, actions) {
  const names = Object.keys(actions);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) actions[name](-1);
  for (let round = 0; round < rounds; round++) {
    for (const index of names.keys()) {
      const name = names[(index + round) % names.length];
      results[name].push(actions[name](round));
    }
  }
  return results;
}

export function timed(action) {
  const start = performance.now();
  action();
  return performance.now() - start;
}

/** The value that this share of the values is not above. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (values) => quantile(values, 0.5);
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Pairs of one round each, made one. */
const paired = (a, b, combine) => a.map((value, round) => combine(value, b[round]));
export const ratios = (ours, limit) => paired(ours, limit, (a, b) => a / b);
export const differences = (ours, limit) => paired(ours, limit, (a, b) => a - b);

/** The median, and the quartiles around it. */
export function spread(values, unit) {
  const digits = Math.abs(median(values)) < 10 ? (Math.abs(median(values)) < 1 ? 2 : 1) : 0;
  const show = (share) => group(quantile(values, share).toFixed(digits));
  return `${show(0.5)} ${unit} (${show(0.25)} to ${show(0.75)})`;
}

/** A row that compares times of the same rounds. */
export function compareTimes(what, { limit, ours, budget }) {
  return {
    what,
    limit: spread(limit, "ms"),
    ours: spread(ours, "ms"),
    ratio: median(ratios(ours, limit)).toFixed(2),
    budget,
  };
}

/** Thousands are kept apart. */
export function group(number) {
  return String(number).replace(/\B(?=(\d{3})+(?!\d)(?!.*\.\d))/g, ",");
}
