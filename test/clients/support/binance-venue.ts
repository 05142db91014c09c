import type { PaperVenue, PaperVenueOptions } from "../../../src/paper/index.ts";
import { BINANCE_MARKETS } from "../../../src/paper/protocols/binance/markets.ts";
import { openVenue } from "./paper-venue.ts";

/** BTCUSDT in the engine's naming. */
export const BTC_MARKET = "BTC-USDT";

/** The venue with Binance's protocol and markets, as `openVenue` opens it otherwise. */
export function openBinance(options: Partial<PaperVenueOptions> = {}): Promise<PaperVenue> {
  return openVenue({ api: "binance", markets: BINANCE_MARKETS, ...options });
}

/** The trader quotes on the BTC market. */
export function quote(venue: PaperVenue, side: "buy" | "sell", price: number, size: number): void {
  venue.trader.order({ market: BTC_MARKET, side, price: String(price), size: String(size) });
}

/** The trader takes what there is on the BTC market, up to a price and a size, and leaves nothing behind. */
export function take(venue: PaperVenue, side: "buy" | "sell", price: number, size: number): void {
  venue.trader.order({ market: BTC_MARKET, side, price: String(price), size: String(size), timeInForce: "IOC" });
}
