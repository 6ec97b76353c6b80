import type { SyncHints } from "./hints.ts";

/** How the connection looks from here; the names are those of the feature-028 contract. */
export type ConnectionState = "Connected" | "Reconnecting" | "Offline" | "OfflineBatchMode";

/** After so many failures in a row nobody expects the server to be back in a moment. */
const MOST_RECONNECTS = 10;

/** Tells the state by the last attempts: without a target, in a pause and before the first delivery it is `Offline`. */
export function connectionState(
  { failures, trouble, lastSync }: SyncHints,
  { target }: { target: boolean },
): ConnectionState {
  if (!target) return "Offline";
  if (failures >= MOST_RECONNECTS) return "OfflineBatchMode";
  if (failures > 0) return "Reconnecting";
  return trouble === undefined && lastSync !== undefined ? "Connected" : "Offline";
}
