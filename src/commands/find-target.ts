import { findHome } from "../config/home.ts";
import { resolveSettings, type Settings } from "../config/settings.ts";
import { readUserConfig } from "../config/user-config.ts";
import { Failure } from "../errors.ts";
import { readScopedSettings } from "../git/read-settings.ts";
import type { Queue } from "../queue/open-queue.ts";
import { parseServerUrl } from "../sync/server-url.ts";
import { bindTarget } from "../sync/target.ts";
import type { Context } from "./command.ts";
import type { OpenProject } from "./open-project.ts";

/** Where events go, and what lets them in there. */
export interface Target {
  readonly server: string;
  readonly team: string;
  readonly token: string;
}

/** Where a repository's events would go, as far as it is configured. */
export interface FoundTarget extends Settings {
  /** Only with a server, a team and a token for it; otherwise nothing is ever sent. */
  readonly target: Target | undefined;
  /** What is missing and how to set it; undefined when nothing is. */
  readonly missing: string | undefined;
}

/** Options that name a target for one run. */
export interface TargetFlags {
  readonly server?: string | undefined;
  readonly team?: string | undefined;
}

/** Finds the target by flags, environment, git's configuration and the user's own file; says what of that is wrong on stderr. */
export async function findTarget(
  { repository }: OpenProject,
  { env, stderr, directory }: Pick<Context, "env" | "stderr" | "directory">,
  flags: TargetFlags = {},
): Promise<FoundTarget> {
  const { local: gitLocal, global: gitGlobal } = await readScopedSettings(repository.git);
  const user = readUserConfig({ home: findHome(env), directory });
  for (const warning of user.warnings) await stderr.write(`${warning}\n`);
  const settings = resolveSettings({ flags, env, gitLocal, gitGlobal, user });
  const missing = findMissing(settings) ?? findFault(settings);
  const [server, team, token] = [settings.server?.value, settings.team?.value, settings.token?.value];
  if (missing !== undefined || server === undefined || team === undefined || token === undefined) {
    return { ...settings, target: undefined, missing };
  }
  return { ...settings, target: { server: parseServerUrl(server), team, token }, missing };
}

/** Why nothing goes to a target although nothing is missing: the repository delivers to another one. */
export function findOtherBinding(queue: Queue, target: Target): string | undefined {
  try {
    bindTarget(queue.readBinding(), target, { rebind: false, resend: false, now: 0 });
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `${error.message} ${error.nextStep}`;
  }
}

/** What is wrong with the server's address. */
function findFault({ server }: Settings): string | undefined {
  try {
    parseServerUrl(server?.value ?? "");
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `${error.message} ${error.nextStep}`;
  }
}

function findMissing({ server, team, token, withheld }: Settings): string | undefined {
  if (!server) return "No server is configured: set SPEC_KITTY_SERVER_URL, or git config spec-kitty.server <url>.";
  if (!token)
    return (
      withheld ??
      `No token for ${server.value}: set SPEC_KITTY_TOKEN beside SPEC_KITTY_SERVER_URL, or git config spec-kitty.token.`
    );
  if (!team) return "No team is configured: set SPEC_KITTY_TEAM, or git config spec-kitty.team <slug>.";
  return undefined;
}
