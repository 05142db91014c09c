import { TradingParts, type TradingSideOptions } from "./trading-parts.ts";
import { TradingSide } from "./trading-side.ts";

/**
 * Opens and locks the journal and puts the private half of a connector together. Throws `JournalError`, with nothing left
 * open, when it cannot or a record is broken.
 */
export function createTrading(options: TradingSideOptions): TradingSide {
  const { runtime, journalPath, journalDurability } = options;
  const store = runtime.journals.open(journalPath, { durability: journalDurability });
  try {
    return new TradingSide(options, store, new TradingParts(options, store));
  } catch (error) {
    store.close();
    throw error;
  }
}
