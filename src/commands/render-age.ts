const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
] as const;

/** Renders a span of ms by its largest unit, rounded down: `3 h`. */
export function renderAge(ms: number): string {
  const [size, unit] = UNITS.find(([most]) => ms >= most) ?? [1000, "s"];
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`;
}

/** Renders a number with its noun: `1 event`, `2 events`. */
export function renderCount(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
