/** A moment as files write it. */
interface WrittenTime {
  /** Ms since the epoch; what has no offset is UTC, a date is its midnight. */
  readonly time: number;
  /** True when hours and minutes are written. */
  readonly exact: boolean;
}

const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(?:[Zz]|UTC|([+-])(\d{2}):?(\d{2})))?)?$/;

/** Reads an ISO time, `2025-01-01 10:00` or a date; undefined for what no calendar has and what a ULID's 48 bits can't hold. */
export function parseTime(text: string): WrittenTime | undefined {
  const match = TIME.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = "0", fraction = "", sign, offsetHour = "0", offsetMinute = "0"] =
    match;
  if (Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59 || Number(second) > 59) return undefined;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const clock = Number(hour ?? 0) * 3_600_000 + Number(minute ?? 0) * 60_000 + Number(second) * 1000;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === "-" ? -60_000 : 60_000);
  const time = date.getTime() + clock + Number(fraction.slice(0, 3).padEnd(3, "0")) - offset;
  return time >= 0 && time < 2 ** 48 ? { time, exact: hour !== undefined } : undefined;
}
