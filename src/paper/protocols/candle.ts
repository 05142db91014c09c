export interface Candle {
  readonly startMs: number;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
  /** Volume in the quote asset. */
  readonly quoteVolume: bigint;
  readonly baseVolume: bigint;
}
