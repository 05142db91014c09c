/**
 * How the most frequent messages of a venue's books are written, so that they are read in place, byte by byte. A path names
 * a key inside objects and a place inside arrays: `data.0.asks`. Only what is written exactly so is read this way:
 * other messages (numbers with exponents, an unknown nested value) take the way over
 * `JSON.parse`, and both ways give the same book.
 */
export interface BookWire {
  readonly kind: "snapshot" | "diff";
  /**
   * Texts of the messages that are read so, where `#` stands for digits, a last `$` for the name at `symbol`, and `*` alone
   * for any text.
   */
  readonly texts: Readonly<Record<string, string>>;
  /**
   * Texts in which a message of the whole book differs from one of changes, where the stream has both, and the one of
   * `texts` whose digits are its depth. Their numbers must be written alike.
   */
  readonly snapshot?:
    | { readonly texts: Readonly<Record<string, string>>; readonly depth?: string | undefined }
    | undefined;
  /** Where the same message may come inside of another one: the key that it has there, and the texts beside it. */
  readonly envelope?: { readonly key: string; readonly texts: Readonly<Record<string, string>> } | undefined;
  /** Keys that make it another message. */
  readonly absent?: readonly string[] | undefined;
  /** Keys whose value says nothing only where it is null. */
  readonly nulls?: readonly string[] | undefined;
  /** Keys whose text, number or word says nothing: others are left out as well, which takes longer. */
  readonly ignored?: readonly string[] | undefined;
  /** The venue's name of the market; it comes before the levels. */
  readonly symbol: string;
  readonly time: WireTime;
  /** Whole numbers. */
  readonly updateId?: string | undefined;
  readonly firstUpdateId?: string | undefined;
  readonly previousUpdateId?: string | undefined;
  readonly checksum?: string | undefined;
  readonly bids: string;
  readonly asks: string;
  /**
   * Keys of a level that is an object: of the price, of the size, and of a third value that is left out. Absent where a
   * level is an array that begins with both.
   */
  readonly levelKeys?: readonly [price: string, size: string, other?: string] | undefined;
  /** `texts`: prices and sizes are in quotes, and a level with a number is none. Default: either. */
  readonly values?: "texts" | undefined;
  /** True where sizes are contracts. */
  readonly isInContracts?: boolean | undefined;
}

/** `number`: epoch milliseconds; `text`: the same in quotes; `seconds`: epoch seconds with a fraction. */
export interface WireTime {
  readonly path: string;
  readonly form: "number" | "text" | "seconds";
}
