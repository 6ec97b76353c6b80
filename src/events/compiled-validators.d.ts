/** Types of `compiled-validators.js`, which `scripts/compile-validators.mjs` generates from `schemas` in `schema.ts`. */

/** One violation as ajv reports it. */
export interface Violation {
  readonly keyword: string;
  /** JSON pointer to the value. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Judges a value; `errors` holds the violations of the last one judged, null when there were none. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly Violation[] | null;
}

export const event: Validator;
export const canonical: Validator;
export const rendered028: Validator;
export const WPStatusChanged: Validator;
export const WPCreated: Validator;
export const WPAssigned: Validator;
export const FeatureCreated: Validator;
export const FeatureCompleted: Validator;
export const HistoryAdded: Validator;
export const ErrorLogged: Validator;
export const DependencyResolved: Validator;
export const canonicalWPStatusChanged: Validator;
export const canonicalWPCreated: Validator;
export const canonicalWPAssigned: Validator;
export const canonicalFeatureCreated: Validator;
export const canonicalFeatureCompleted: Validator;
export const canonicalHistoryAdded: Validator;
export const canonicalErrorLogged: Validator;
export const canonicalDependencyResolved: Validator;
