import { type Decimal, ONE } from "../model/decimal.ts";
import { describeError, isAbort } from "../model/error.ts";
import { splitTradingPair, type TradingPair } from "../model/market.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

export interface TokenPricesOptions {
  readonly venue: PerpetualVenue;
  readonly logger: Logger;
  readonly context: () => VenueContext;
  /** Price of a market that is followed; undefined else. */
  fairPrice(tradingPair: TradingPair): Decimal | undefined;
}

/** Dollars of any issuer: what is in one of them counts as one quote unit. */
const DOLLARS: readonly string[] = ["USD", "USDT", "USDC", "BUSD", "FDUSD", "TUSD", "USDE", "USD1", "DAI"];
const PRICE_VALID_MS = 600_000;

/** Worth of tokens in quote units: by the markets that are followed, else by the venue's last price. */
export class TokenPrices {
  readonly #options: TokenPricesOptions;
  readonly #units: ReadonlySet<string>;
  readonly #fetched = new Map<string, { readonly price: Decimal; readonly timestampMs: number }>();

  constructor(options: TokenPricesOptions) {
    this.#options = options;
    const { exampleTradingPair, quoteTokens = [] } = options.venue.manifest;
    this.#units = new Set([...DOLLARS, ...quoteTokens, splitTradingPair(exampleTradingPair)[1]]);
  }

  /** Undefined while no price is known. */
  priceOf(token: string): Decimal | undefined {
    return this.#known(token) ?? this.#fetched.get(token)?.price;
  }

  #known(token: string): Decimal | undefined {
    if (this.#units.has(token)) return ONE;
    for (const unit of this.#units) {
      const fair = this.#options.fairPrice(`${token}-${unit}`);
      if (fair !== undefined) return fair;
    }
    return undefined;
  }

  /** Asks the venue for prices of tokens that no followed market tells; one that it does not have stays unknown. */
  async update(tokens: Iterable<string>, signal: AbortSignal): Promise<void> {
    const { venue, context, logger } = this.#options;
    const at = { ...context(), signal };
    for (const token of tokens) {
      const last = this.#fetched.get(token);
      const isValid = last !== undefined && at.now() - last.timestampMs < PRICE_VALID_MS;
      if (isValid || this.#known(token) !== undefined) continue;
      const unit = [...this.#units].find((quote) => at.markets.byPair.has(`${token}-${quote}`));
      if (unit === undefined) continue;
      try {
        const price = await venue.derivative.fetchLastTradedPrice(at, `${token}-${unit}`);
        this.#fetched.set(token, { price, timestampMs: at.now() });
      } catch (error) {
        if (isAbort(error)) throw error;
        logger.warn("the price of a token could not be read", { token, error: describeError(error) });
      }
    }
  }
}
