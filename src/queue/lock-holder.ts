import { readlinkSync } from "node:fs";
import { getPriority } from "node:os";
import { readText } from "./durable-file.ts";
import { isObject, parseObject } from "./parse-object.ts";

/** What tells a process from all others; where there is no `/proc`, only the pid is known, or nothing. */
interface Process {
  readonly pid: number | undefined;
  readonly started: string | undefined;
  /** The id of this run of the kernel, and the space its pids belong to: containers have their own. */
  readonly boot: string | undefined;
  readonly space: string | undefined;
}

let self: Process | undefined;
let turn = 0;

/** The content of a lock file: this process, and a number so that no two locks are the same. */
export function describeHolder(pid: number | undefined): string {
  turn += 1;
  return JSON.stringify({ ...identifySelf(pid), turn });
}

/** What became of the process that made a lock; `unknown` where it can't be told, `unnamed` if the lock names none. */
export function fateOf(holder: string): "gone" | "alive" | "unknown" | "unnamed" {
  const fields = parseObject(holder);
  if (fields?.["turn"] === undefined) return "unnamed";
  const { pid, started, boot, space } = toProcess(fields);
  const here = identifySelf(undefined);
  if (boot !== here.boot) return boot && here.boot ? "gone" : "unknown";
  if (space !== here.space || pid === undefined) return "unknown";
  if (!exists(pid)) return "gone";
  const stat = readStat(String(pid));
  if (stat === undefined || started === undefined) return "unknown";
  return stat.isDead || stat.started !== started ? "gone" : "alive";
}

function identifySelf(pid: number | undefined): Process {
  if (self === undefined) {
    const stat = readStat("self");
    const boot = stat && readText("/proc/sys/kernel/random/boot_id")?.trim();
    self = { pid: stat?.pid, started: stat?.started, boot, space: stat && readPidSpace() };
  }
  return { ...self, pid: self.pid ?? pid };
}

function toProcess({ pid, started, boot, space }: Readonly<Record<string, unknown>>): Process {
  const textOf = (field: unknown) => (typeof field === "string" ? field : undefined);
  const isPid = typeof pid === "number" && Number.isInteger(pid) && pid > 0;
  return { pid: isPid ? pid : undefined, started: textOf(started), boot: textOf(boot), space: textOf(space) };
}

/**
 * Pid, state and start time from `/proc/<pid>/stat`; the name in parentheses may hold anything.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function readStat(pid: string): { pid: number; isDead: boolean; started: string | undefined } | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid: Number.parseInt(stat, 10), isDead: state === "Z" || state === "X", started: fields[18] };
}

/** Asks for its priority, which any process may and which changes nothing. */
function exists(pid: number): boolean {
  try {
    getPriority(pid);
    return true;
  } catch (error) {
    return !(error instanceof Error && "info" in error && isObject(error.info) && error.info["code"] === "ESRCH");
  }
}

function readPidSpace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}
