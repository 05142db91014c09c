import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import type { Decimal } from "../model/decimal.ts";
import type { TradingPair } from "../model/market.ts";
import { isTerminal, type PositionMode, type VenueOrder } from "../model/order.ts";
import { type Position, positionKey } from "../model/position.ts";
import type { Findings } from "./findings.ts";

const shown = ({ amount, entryPrice, leverage }: Position): string =>
  `${amount.toFixed()} at ${entryPrice.toFixed()} with leverage ${leverage.toFixed()}`;

const nameOf = ({ tradingPair, exchangeOrderId }: VenueOrder): string => `${tradingPair} ${exchangeOrderId}`;
const termsOf = ({ side, amount, price, executedAmount }: VenueOrder): string =>
  `${side} ${executedAmount.toFixed()} of ${amount.toFixed()} at ${price?.toFixed() ?? "market"}`;

type Words = ReadonlyMap<string, string>;

/** Things that events and look-ups say differently, by their names; `none` is a thing that one of them does not say. */
function differencesOf(what: string, none: string, byEvents: Words, byLookUps: Words): readonly string[] {
  return [...new Set([...byEvents.keys(), ...byLookUps.keys()])].flatMap((name) => {
    const [told = none, is = none] = [byEvents.get(name), byLookUps.get(name)];
    return told === is ? [] : [`${what} ${name} is ${is}, and ${told} by its events`];
  });
}

/**
 * A program that follows the events alone sees what the look-ups say at the same moment: positions, orders of others,
 * leverages and modes. Made with a connector that has told nothing yet.
 */
export class ToldWatch {
  readonly #connector: PerpetualConnector;
  readonly #positions = new Map<string, string>();
  /** Open orders of others, by market and id. */
  readonly #others = new Map<string, string>();
  readonly #leverages = new Map<TradingPair, Decimal>();
  readonly #modes = new Map<TradingPair | undefined, PositionMode>();

  constructor(connector: PerpetualConnector) {
    this.#connector = connector;
    connector.on("position", (position) => {
      const key = this.#keyOf(position);
      if (position.amount.isZero()) this.#positions.delete(key);
      else this.#positions.set(key, shown(position));
    });
    connector.on("externalOrder", ({ order }) => {
      if (isTerminal(order.state)) this.#others.delete(nameOf(order));
      else this.#others.set(nameOf(order), termsOf(order));
    });
    connector.on("externalOrderGone", ({ order }) => void this.#others.delete(nameOf(order)));
    connector.on("leverageChanged", ({ tradingPair, leverage }) => {
      const pairs = tradingPair === undefined ? connector.tradingPairs : [tradingPair];
      for (const pair of pairs) this.#leverages.set(pair, leverage);
    });
    connector.on("positionModeChanged", ({ tradingPair, positionMode }) => {
      // The mode of the account replaces what was told of markets.
      if (tradingPair === undefined) this.#modes.clear();
      this.#modes.set(tradingPair, positionMode);
    });
  }

  /** A position of one margin mode can become one of the other, where a market does not hold both. */
  #keyOf({ tradingPair, side, marginMode }: Position): string {
    const areBoth = this.#connector.manifest.marginModesSideBySide === true;
    return positionKey(tradingPair, side, areBoth ? marginMode : undefined);
  }

  /** `connector`: the one whose look-ups are held against the events; another one in tests. */
  check(host: string, findings: Findings, connector = this.#connector): void {
    for (const text of this.#differences(connector)) findings.add("events tell what look-ups say", `${host}: ${text}`);
  }

  #differences(connector: PerpetualConnector): readonly string[] {
    const positions = new Map(
      connector
        .positions()
        .filter(({ amount }) => !amount.isZero())
        .map((each) => [this.#keyOf(each), shown(each)]),
    );
    const ofLeverages = [...this.#leverages].flatMap(([pair, told]) => {
      const is = connector.leverage(pair);
      return is.eq(told) ? [] : [`leverage of ${pair} is ${is.toFixed()}, and ${told.toFixed()} by its events`];
    });
    const ofModes = connector.tradingPairs.flatMap((pair) => {
      const [told, is] = [this.#modes.get(pair) ?? this.#modes.get(undefined), connector.positionModeOf(pair)];
      return told === undefined || told === is ? [] : [`mode of ${pair} is ${is}, and ${told} by its events`];
    });
    const others = new Map(connector.externalOrders().map((order) => [nameOf(order), termsOf(order)]));
    return [
      ...differencesOf("order of others", "gone", this.#others, others),
      ...differencesOf("position", "flat", this.#positions, positions),
      ...ofLeverages,
      ...ofModes,
    ];
  }
}
