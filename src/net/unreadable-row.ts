/** Subject of a row of the account; `other` for everything that is not the account's own. */
export type RowSubject = "order" | "fill" | "position" | "balance" | "fundingPayment" | "other";

/**
 * Fields in which a list's rows name their order and its owner, so that a row which cannot be read still tells if it
 * may be ours.
 */
export interface RowKind {
  readonly subject: RowSubject;
  /** Names of the fields in the venue's own words; absent where the rows have no such field. */
  readonly clientOrderId?: string | undefined;
  readonly exchangeOrderId?: string | undefined;
  readonly symbol?: string | undefined;
  readonly asset?: string | undefined;
}

/**
 * Content of a field of an unreadable row: its text, `null` where the venue says that there is none (null or ""),
 * undefined where the row does not have it, or has something else in its place.
 */
export type RowField = string | null | undefined;

/** A row of a list, or of a frame with several, that could not be read and was left out. */
export interface UnreadableRow {
  /** Kind of row that it was to be: "a row of GET /orders". */
  readonly what: string;
  readonly reason: string;
  /** The row as the venue sent it. */
  readonly row: unknown;
  /** True where the row can be read and cannot be true. */
  readonly isAbsurd?: boolean | undefined;
  /** Default `other`. */
  readonly subject?: RowSubject | undefined;
  readonly clientOrderId?: RowField;
  readonly exchangeOrderId?: RowField;
  /** The venue's name of the market. */
  readonly symbol?: RowField;
  readonly asset?: RowField;
}

export type OnUnreadable = (row: UnreadableRow) => void;
