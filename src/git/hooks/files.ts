import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { Failure } from "../../errors.ts";

/** Replaces a file at once, so that nobody ever sees half of it; text is latin1, byte for byte. */
export function replaceFile(path: string, content: string | Buffer, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(temporary, content, { encoding: "latin1", mode });
  chmodSync(temporary, mode); // whatever the umask took
  renameSync(temporary, path);
}

/** Gives what `act` gives; where the system refuses, a Failure that names the file. */
export function orFailure<T>(act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && "path" in cause)) throw cause;
    const message = `${cause.path} cannot be written: ${cause.code}.`;
    throw new Failure("failed", { message, nextStep: "Check who owns it and its mode, then run this again.", cause });
  }
}

/** Text of a file, empty where none can be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** True for a file that this user may run, as git asks; on Windows every file is one. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Follows links as far as the path exists. */
export function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(resolveLinks(above), basename(path));
  }
}

/** True for a path that is a folder or lies below it; both without links. */
export function isInside(path: string, folder: string): boolean {
  return !/^(\.\.([\\/]|$)|[\\/]|[A-Za-z]:)/.test(relative(folder, path));
}
