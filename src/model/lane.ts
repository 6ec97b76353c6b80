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

/** Reads a lane name as files and rows write it; names of one column give one lane, anything else gives undefined. */
export function parseLane(name: string): Lane | undefined {
  return BY_NAME.get(name);
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
