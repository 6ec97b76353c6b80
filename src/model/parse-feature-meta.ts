import { parseTime } from "./parse-time.ts";
import type { FeatureMeta } from "./snapshot.ts";

const NUMBER_PREFIX = /^(\d{3})-/;

/** Reads a feature's `meta.json`; what is missing or of a wrong type is undefined, the number then comes from the name. */
export function parseFeatureMeta(text: string, feature: string): FeatureMeta {
  const meta = parseObject(text);
  const number = meta["feature_number"] ?? meta["mission_number"];
  return {
    missionId: nonEmpty(meta["mission_id"]),
    number:
      nonEmpty(typeof number === "number" ? String(number).padStart(3, "0") : number) ??
      NUMBER_PREFIX.exec(feature)?.[1],
    targetBranch: nonEmpty(meta["target_branch"]),
    createdAt: parseTime(nonEmpty(meta["created_at"]) ?? "")?.time,
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
