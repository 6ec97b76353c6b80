/** What a drain leaves for the next one in `state.json`; losing it harms nobody. Times are ms since 1970. */
export interface SyncHints {
  /** Before this no background run posts. */
  readonly nextAttempt: number | undefined;
  /** Why the last attempt failed or nobody attempts now; undefined after a success. */
  readonly trouble: string | undefined;
  readonly lastPost: number | undefined;
  /** When a server last gave verdicts. */
  readonly lastSync: number | undefined;
  /** Failed attempts in a row. */
  readonly failures: number;
  /** Batch sizes that this server took, if smaller than usual. */
  readonly byteLimit: number | undefined;
  readonly eventLimit: number | undefined;
}

const NAMES: Readonly<Record<keyof SyncHints, string>> = {
  nextAttempt: "next_attempt",
  trouble: "trouble",
  lastPost: "last_post",
  lastSync: "last_sync",
  failures: "failures",
  byteLimit: "byte_limit",
  eventLimit: "event_limit",
};

/** Reads the hints of a drain out of all hints; a value that is no hint is none. */
export function parseHints(hints: Readonly<Record<string, unknown>>): SyncHints {
  const numberAt = (name: keyof SyncHints): number | undefined => {
    const value = hints[NAMES[name]];
    return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
  };
  const trouble = hints[NAMES.trouble];
  return {
    nextAttempt: numberAt("nextAttempt"),
    trouble: typeof trouble === "string" ? trouble : undefined,
    lastPost: numberAt("lastPost"),
    lastSync: numberAt("lastSync"),
    failures: numberAt("failures") ?? 0,
    byteLimit: numberAt("byteLimit"),
    eventLimit: numberAt("eventLimit"),
  };
}

/** Writes hints as a patch of all hints; undefined is told as null, so that it replaces what was there. */
export function renderHints(hints: Partial<SyncHints>): Readonly<Record<string, unknown>> {
  const keys = Object.keys(NAMES).filter((key): key is keyof SyncHints => Object.hasOwn(hints, key));
  return Object.fromEntries(keys.map((key) => [NAMES[key], hints[key] ?? null]));
}

/** The patch for a target of which nothing is known yet. */
export const NO_HINTS: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.values(NAMES).map((name) => [name, null]),
);
