import type { Context } from "./command.ts";
import type { OpenProject } from "./open-project.ts";

/** Marks where capturing begins. */
export async function startCapture(
  _open: OpenProject,
  _options: { backfill: boolean; env: Context["env"] },
): Promise<{ queued: number }> {
  return { queued: 0 };
}
