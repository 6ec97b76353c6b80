/** What we use of `node:sqlite`, which the types of Node 20 do not know: https://nodejs.org/api/sqlite.html */
declare module "node:sqlite" {
  type Value = string | number | null;
  type Row = Readonly<Record<string, Value>>;

  interface StatementSync {
    run(...values: Value[]): { readonly changes: number | bigint };
    get(...values: Value[]): Row | undefined;
    all(...values: Value[]): Row[];
    iterate(...values: Value[]): IterableIterator<Row>;
  }

  class DatabaseSync {
    constructor(path: string);
    exec(sql: string): void;
    prepare(sql: string): StatementSync;
    close(): void;
  }
}
