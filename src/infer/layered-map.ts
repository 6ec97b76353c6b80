/** How many changes lie over the common layer before they are folded into a new one. */
const MOST_CHANGES = 16;

/**
 * A map that is never changed: setting entries gives another that shares nearly all with this one. The states of a
 * history differ by one feature in hundreds from one commit to the next, and thousands of them are made.
 */
export class LayeredMap<Value> {
  readonly #common: ReadonlyMap<string, Value>;
  readonly #changes: ReadonlyMap<string, Value>;

  constructor(common: ReadonlyMap<string, Value> = new Map(), changes: ReadonlyMap<string, Value> = new Map()) {
    this.#common = common;
    this.#changes = changes;
  }

  get(key: string): Value | undefined {
    return this.#changes.get(key) ?? this.#common.get(key);
  }

  has(key: string): boolean {
    return this.#changes.has(key) || this.#common.has(key);
  }

  /** A map with these entries, too. */
  with(entries: Iterable<readonly [string, Value]>): LayeredMap<Value> {
    const changes = new Map([...this.#changes, ...entries]);
    if (changes.size <= MOST_CHANGES) return new LayeredMap(this.#common, changes);
    return new LayeredMap(new Map([...this.#common, ...changes]));
  }

  /** A map without a key. */
  without(key: string): LayeredMap<Value> {
    return new LayeredMap(new Map([...this].filter(([other]) => other !== key)));
  }

  *[Symbol.iterator](): Generator<[string, Value]> {
    for (const [key, value] of this.#common) yield [key, this.#changes.get(key) ?? value];
    for (const entry of this.#changes) if (!this.#common.has(entry[0])) yield entry;
  }
}
