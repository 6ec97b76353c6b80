/** Columns of the board, in the order work moves through them; `doing` is written `in_progress` in event logs. */
export const LANES = [
  "planned",
  "claimed",
  "doing",
  "for_review",
  "in_review",
  "approved",
  "done",
  "blocked",
  "canceled",
] as const;

/** A column of the board. */
export type Lane = (typeof LANES)[number];

/** The four statuses of the feature-028 contract. */
export type Status = "planned" | "doing" | "for_review" | "done";

const BY_NAME: ReadonlyMap<string, Lane> = new Map<string, Lane>([
  ...LANES.map((lane): [string, Lane] => [lane, lane]),
  ["in_progress", "doing"],
  ["genesis", "planned"],
  ["uninitialized", "planned"],
]);

/** Names that a team has for lanes beside those everybody knows. */
export type LaneNames = ReadonlyMap<string, Lane>;

/** Takes the names that lead to a lane. */
export function parseLaneNames(names: ReadonlyMap<string, string>): LaneNames {
  return new Map([...names].flatMap(([name, lane]) => (isLane(lane) ? [[name, lane] as const] : [])));
}

function isLane(name: string): name is Lane {
  return LANES.some((lane) => lane === name);
}

/** A team without names of its own. */
export const NO_NAMES: LaneNames = new Map();

/** Reads a lane name as files and rows write it; names of one column give one lane, anything else gives undefined. */
export function parseLane(name: string, names: LaneNames = NO_NAMES): Lane | undefined {
  return BY_NAME.get(name) ?? names.get(name);
}

const STATUS: Record<Lane, Status> = {
  planned: "planned",
  claimed: "planned",
  canceled: "planned",
  doing: "doing",
  blocked: "doing",
  for_review: "for_review",
  in_review: "for_review",
  approved: "done",
  done: "done",
};

/** Collapses a lane to one of the contract's four statuses. */
export function statusOf(lane: Lane): Status {
  return STATUS[lane];
}
