/** Remembers values by key, at most `limit`; the least recently used one goes first. */
export interface Cache<Value> {
  get(key: string, create: () => Value): Value;
  peek(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** Creates an empty cache. */
export function createCache<Value>(limit: number): Cache<Value> {
  let recent = new Map<string, Value>();
  let older = new Map<string, Value>();

  function set(key: string, value: Value): void {
    recent.set(key, value);
    if (recent.size * 2 < limit) return;
    older = recent; // two generations: as good as an ordered list here, and cheaper
    recent = new Map();
  }

  function peek(key: string): Value | undefined {
    const value = recent.get(key);
    if (value !== undefined) return value;
    const kept = older.get(key);
    if (kept !== undefined) set(key, kept);
    return kept;
  }

  return {
    set,
    peek,
    get(key, create) {
      const known = peek(key);
      if (known !== undefined) return known;
      const value = create();
      set(key, value);
      return value;
    },
  };
}
