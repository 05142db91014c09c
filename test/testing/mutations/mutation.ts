/** A bug planted in a good venue: one edit of one of its files, which compiles. `find` occurs exactly once in the file. */
export interface Mutation {
  /** What is wrong then, in words. */
  readonly name: string;
  readonly file: VenueFile;
  readonly find: string;
  readonly replace: string;
}

export type VenueFile =
  | "account.ts"
  | "auth.ts"
  | "book-frames.ts"
  | "cash-flows.ts"
  | "constants.ts"
  | "derivative.ts"
  | "errors.ts"
  | "fill-fee.ts"
  | "forced-orders.ts"
  | "income.ts"
  | "manifest.ts"
  | "markets.ts"
  | "order-book-data-source.ts"
  | "order-socket.ts"
  | "order-terms.ts"
  | "orders.ts"
  | "requests.ts"
  | "rows.ts"
  | "user-stream-data-source.ts"
  | "wallet.ts"
  | "web-utils.ts";
