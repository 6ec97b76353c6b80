interface WorkPackageOptions {
  readonly id?: string;
  readonly title?: string;
  /** Undefined leaves the key out, as event-log features do. */
  readonly lane?: string | undefined;
  readonly agent?: string;
  readonly shellPid?: string;
  readonly dependencies?: readonly string[];
  /** Lines of the Activity Log after the first one, without their `- `. */
  readonly log?: readonly string[];
  /** More frontmatter lines, as they are. */
  readonly extra?: readonly string[];
  /** What stands between the title and the Activity Log. */
  readonly body?: string;
}

const CREATED = "2026-01-01T00:00:00Z";

/** Renders a flat work package file as spec-kitty 0.13 wrote it: mixed quotes, a dead `history`, log lines below the last heading. */
export function workPackage(options: WorkPackageOptions = {}): string {
  const { id = "WP01", title = "Setup", agent = "", shellPid = "", dependencies = [], log = [], extra = [] } = options;
  const lane = "lane" in options ? options.lane : "planned";
  const lines = [
    "---",
    `work_package_id: ${id}`,
    `title: ${title}`,
    ...(lane === undefined ? [] : [`lane: "${lane}"`]),
    `dependencies: [${dependencies.join(", ")}]`,
    "subtasks:",
    "- T001",
    "- T002",
    "phase: Phase 1 - Setup",
    "assignee: ''",
    `agent: "${agent}"`,
    `shell_pid: "${shellPid}"`,
    ...extra,
    "history:",
    `- timestamp: '${CREATED}'`,
    "  lane: planned",
    "  agent: system",
    "  shell_pid: ''",
    "  action: Prompt generated via /spec-kitty.tasks",
    "---",
    "",
    `# Work Package Prompt: ${id} - ${title}`,
    "",
    options.body ?? "## Objectives & Success Criteria\n\n- The tests pass.",
    "",
    "## Activity Log",
    "",
    "> **CRITICAL**: Activity log entries MUST be in chronological order (oldest first, newest last).",
    "",
    `- ${CREATED} - system - lane=planned - Prompt created.`,
    ...log.map((line) => `- ${line}`),
  ];
  return `${lines.join("\n")}\n`;
}

interface LogLineOptions {
  readonly time: string;
  readonly agent?: string;
  readonly lane?: string;
  readonly text?: string;
}

/** Renders an Activity Log line as `move-task` writes it; without a lane it is a note. */
export function logLine({ time, agent = "claude", lane, text }: LogLineOptions): string {
  const fields = [
    time,
    agent,
    "shell_pid=4711",
    ...(lane ? [`lane=${lane}`] : []),
    text ?? (lane ? `Moved to ${lane}` : "Note"),
  ];
  return fields.join(" – ");
}
