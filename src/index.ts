/**
 * The library of spec-kitty: infers what happened to work packages from git history.
 *
 * `openProject` finds a repository, `readEvents` tells its events commit by commit; neither writes anything.
 */
export { type OpenProject, openProject, type Place } from "./commands/open-project.ts";
export { type EventQuery, readEvents, type Told } from "./commands/read-events.ts";
export { Failure, type FailureCode } from "./errors.ts";
export {
  type Envelope,
  type EnvelopeOf,
  EVENT_TYPES,
  type EventType,
  type Payloads,
  type Source,
} from "./events/envelope.ts";
export { type Rendered028, render028 } from "./events/render-028.ts";
export { type Profile, validateEvent } from "./events/validate-event.ts";
export { LANES, type Lane, type Status, statusOf } from "./model/lane.ts";
