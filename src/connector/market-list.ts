import { describeError } from "../model/error.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { Market, TradingPair } from "../model/market.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import { createVenueMarkets, marketOf, type VenueMarkets } from "../model/venue-markets.ts";
import { isUnknownMarket } from "../net/fan-out.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock } from "../runtime/runtime.ts";
import type { ExchangeInfo, PerpetualVenue } from "./perpetual-venue.ts";
import { UnreadRows } from "./unread-rows.ts";

export interface MarketListOptions {
  readonly venue: PerpetualVenue;
  readonly account: Readonly<Record<string, string>> | undefined;
  readonly logger: Logger;
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly clock: Clock;
  /** Markets that are followed. */
  readonly tradingPairs: ReadonlySet<TradingPair>;
  /** Another list is in force. */
  readonly onTaken: () => void;
  readonly requestTradingRules: () => void;
}

/** The venue's markets as last listed, with those that are gone and still followed. */
export class MarketList {
  readonly #options: MarketListOptions;
  readonly #tradingPairs: ReadonlySet<TradingPair>;
  readonly #skippedSymbols = new Set<string>();
  readonly #toldUnavailable = new Map<TradingPair, "gone" | "refused">();
  #markets: VenueMarkets;
  #gone: ReadonlySet<TradingPair> = new Set();
  /** Listed and not trading. */
  #closed: ReadonlyMap<TradingPair, Market> = new Map();
  #unread = new UnreadRows({ markets: [], skipped: [] });

  constructor(options: MarketListOptions) {
    this.#options = options;
    this.#tradingPairs = options.tradingPairs;
    const { venue, account } = options;
    this.#markets = createVenueMarkets(venue.manifest.name, venue.domain, [], account);
  }

  get markets(): VenueMarkets {
    return this.#markets;
  }

  /** Takes an answer of the venue. Throws where it has not told of a market that is followed and not known yet. */
  take(info: ExchangeInfo): void {
    const { venue, logger } = this.#options;
    const { name } = venue.manifest;
    for (const { symbol, reason } of info.skipped) {
      if (this.#skippedSymbols.has(symbol)) continue;
      this.#skippedSymbols.add(symbol);
      logger.error(`Error parsing the trading pair rule ${symbol}. Skipping.`, { connector: name, reason });
    }
    const unread = new UnreadRows(info);
    const unknown = [...this.#tradingPairs].filter((pair) => !this.#markets.byPair.has(pair));
    unread.assertNoneOf(unknown, name);
    this.#unread = unread;
    this.takeListed(info);
    this.#options.onTaken();
    this.#askAgainForAbsent();
  }

  /** Takes the symbols and rules that the venue lists; markets whose row was not read stay as they are. */
  takeListed({ markets, closed = [] }: ExchangeInfo): void {
    const { venue, account } = this.#options;
    const known = [...this.#markets.byPair.values()];
    const kept = known.filter((market) => !this.isGone(market.tradingPair) && this.#unread.mayBeOneOf(market));
    const listed = createVenueMarkets(venue.manifest.name, venue.domain, [...markets, ...kept], account);
    this.#closed = new Map(closed.map((market) => [market.tradingPair, market]));
    this.#markets = this.#withMarketsThatAreGone(listed, known);
  }

  /**
   * Makes sure that every pair to follow is a market. One that the venue lists and does not trade, or that an earlier
   * process followed and the venue has forgotten, is gone: it is told, and the others are followed. Throws `NotFoundError`
   * for one that is neither.
   */
  takeKnown(recall: (tradingPair: TradingPair) => Market | undefined, others: Iterable<TradingPair> = []): void {
    const marketThatWas = (tradingPair: TradingPair) => this.#closed.get(tradingPair) ?? recall(tradingPair);
    const missing = [...new Set([...this.#tradingPairs, ...others])].filter((pair) => !this.#markets.byPair.has(pair));
    const gone = missing.flatMap((tradingPair) => marketThatWas(tradingPair) ?? []);
    const { byPair, connectorName, domain, account } = this.#markets;
    const before = [...byPair.values()].filter(({ tradingPair }) => this.#gone.has(tradingPair));
    const listed = [...byPair.values()].filter(({ tradingPair }) => !this.#gone.has(tradingPair));
    const markets = createVenueMarkets(connectorName, domain, listed, account);
    this.#markets = this.#withMarketsThatAreGone(markets, [...before, ...gone]);
    for (const tradingPair of this.#tradingPairs) marketOf(this.#markets, tradingPair);
    this.#options.onTaken();
    this.#askAgainForAbsent();
  }

  /**
   * A market whose row was not read is as it was, and to a process that starts it is gone: the next list may tell. One
   * that is halted may trade again at any time.
   */
  #askAgainForAbsent(): void {
    for (const market of this.#markets.byPair.values()) {
      const { tradingPair } = market;
      const isGone = this.isGone(tradingPair);
      if (this.isClosed(tradingPair) && this.#tradingPairs.has(tradingPair)) this.#options.requestTradingRules();
      else if (isGone ? this.#unread.isOneOf(market) : this.#unread.mayBeOneOf(market))
        this.#options.requestTradingRules();
    }
  }

  /** A market that the venue no longer lists stays known, so that what is open on it is still followed. */
  #withMarketsThatAreGone(listed: VenueMarkets, known: Iterable<Market>): VenueMarkets {
    const gone = [...known].filter(({ tradingPair }) => !listed.byPair.has(tradingPair));
    for (const market of gone) {
      const { tradingPair } = market;
      if (!this.#tradingPairs.has(tradingPair)) continue;
      const absence = this.#unread.absenceOf(market);
      this.#tellUnavailable(tradingPair, true, this.#closed.has(tradingPair) ? "it is not trading" : absence);
    }
    for (const tradingPair of this.#toldUnavailable.keys()) {
      if (listed.byPair.has(tradingPair)) this.#toldUnavailable.delete(tradingPair);
    }
    this.#gone = new Set(gone.map(({ tradingPair }) => tradingPair));
    const { connectorName, domain, account } = listed;
    return createVenueMarkets(connectorName, domain, [...listed.byPair.values(), ...gone], account);
  }

  /**
   * Tells that the venue has stopped listing a market: open orders and positions on it are followed, nothing new is
   * sent.
   */
  isGone(tradingPair: TradingPair): boolean {
    return this.#gone.has(tradingPair);
  }

  /** Tells that the venue lists a market and does not trade it: it is halted, takes cancels only, or settles. */
  isClosed(tradingPair: TradingPair): boolean {
    return this.#closed.has(tradingPair);
  }

  /** A market was left out of an answer, because the venue does not know it any more or refuses to answer for it. */
  reportUnavailable(tradingPair: TradingPair, error: unknown): void {
    // A refusal is often the first word of a delisting.
    if (!this.isGone(tradingPair)) this.#options.requestTradingRules();
    this.#tellUnavailable(tradingPair, isUnknownMarket(error) || this.isGone(tradingPair), describeError(error));
  }

  /**
   * Reports a market that is not available once, until the venue lists it again or for the first time knows nothing of
   * it.
   */
  #tellUnavailable(tradingPair: TradingPair, isGone: boolean, reason: string): void {
    const { logger, events, clock } = this.#options;
    const told = this.#toldUnavailable.get(tradingPair);
    if (told === "gone" || (told === "refused" && !isGone)) return;
    this.#toldUnavailable.set(tradingPair, isGone ? "gone" : "refused");
    logger.warn(isGone ? "a market is no longer listed" : "the venue refuses to answer for a market", {
      tradingPair,
      reason,
    });
    events.emit("marketUnavailable", { tradingPair, isGone, reason, timestampMs: clock.now() });
  }
}
