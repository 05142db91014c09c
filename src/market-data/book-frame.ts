import type { TradingPair } from "../model/market.ts";
import type { SizeUnit } from "./size-unit.ts";

/**
 * The levels of one side of one message. Prices and sizes are pushed as the venue printed them (a JSON number or
 * decimal text) and kept as scaled integers; the buffers are reused from message to message. In a snapshot the best level
 * comes first; in a diff the order is free and size 0 removes a level. A `unit` turns the venue's sizes into base units.
 */
export interface LevelSink {
  push(price: number | string, size: number | string, unit?: SizeUnit): void;
}

/**
 * A book message being parsed: the venue fills it in place, the tracker checks its continuity and applies it. One frame
 * object serves all messages of a connection, so nothing may keep it.
 */
export interface BookFrame {
  kind: "snapshot" | "diff";
  tradingPair: TradingPair;
  /** The venue's time, epoch milliseconds. */
  timestampMs: number;
  /** Last update id in the message (Bybit `u`, Binance `u`, OKX `seqId`); NaN where the venue has none. */
  updateId: number;
  /** First update id in the message (Binance `U`); NaN where none. */
  firstUpdateId: number;
  /** Id of the message before (Binance `pu`, OKX `prevSeqId`); NaN where none. */
  previousUpdateId: number;
  /** Levels a side that the message's channel or answer has at most; NaN where it is the `depth` of the venue's rule. */
  depth: number;
  /** Checksum of the book after this message (FTX), as the venue's rule makes it; NaN where none. */
  checksum: number;
  readonly bids: LevelSink;
  readonly asks: LevelSink;
}
