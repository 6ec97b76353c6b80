/** What kind of expected failure it is; decides the exit status. */
export type FailureCode = "failed" | "usage";

/** An expected failure: what is wrong, with the value and the place, and what to do next. Anything else thrown is a bug. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly nextStep: string;

  constructor(code: FailureCode, { message, nextStep, cause }: { message: string; nextStep: string; cause?: unknown }) {
    super(message, { cause });
    this.name = "Failure";
    this.code = code;
    this.nextStep = nextStep;
  }

  /** Exit status of a command that ends with this failure: 1 failed, 2 wrong usage. */
  get status(): 1 | 2 {
    return this.code === "usage" ? 2 : 1;
  }
}
