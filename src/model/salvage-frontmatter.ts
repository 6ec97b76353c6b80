const SALVAGED =
  /^(work_package_id|wp_id|id|title|work_package_title|lane|agent|dependencies|depends_on|created_at):[ \t]*("[^"\n]*"|'[^'\n]*'|[^#\n]*)/gm;
const IDS = ["work_package_id", "wp_id", "id"];

/**
 * Reads the few keys that matter from frontmatter that is no YAML, line by line, as spec-kitty's own commands do.
 *
 * A key whose lines disagree is left out, and between conflict markers all but the ids are: a guess would become a move.
 */
export function salvageFrontmatter(block: string): Record<string, unknown> {
  const values = new Map<string, string | undefined>();
  for (const [, key = "", written = ""] of block.matchAll(SALVAGED)) {
    const value = written.replace(/^(["'])(.*)\1$/, "$2").trim();
    values.set(key, values.has(key) && values.get(key) !== value ? undefined : value);
  }
  const sure = [...values].filter(
    ([key, value]) => value !== undefined && (IDS.includes(key) || !hasConflictMarkers(block)),
  );
  return Object.fromEntries(sure);
}

/** True where git left a conflict; no line of YAML frontmatter can look like its markers. */
export function hasConflictMarkers(block: string): boolean {
  return /^(?:<{7}|>{7})(?: |$)/m.test(block) || /^={7}$/m.test(block);
}
