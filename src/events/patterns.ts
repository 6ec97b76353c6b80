/** Patterns of ids in events, each with the words an error message uses for it. */
export const patterns = {
  /** Upper case and within 128 bits; feature 028's own pattern lets ids overflow. */
  ulid: { source: "^[0-7][0-9A-HJKMNP-TV-Z]{25}$", words: "an upper-case ULID" },
  workPackageId: { source: "^WP\\d{2}$", words: "WP and two digits" },
  oid: { source: "^(?:[0-9a-f]{40}|[0-9a-f]{64})$", words: "a full commit oid" },
} as const;
