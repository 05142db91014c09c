import type { Market, TradingPair } from "../model/market.ts";
import { JsonFields } from "../trading/json-fields.ts";
import type { OrderJournal } from "../trading/order-journal.ts";

/**
 * The markets that this journal's processes followed. A venue forgets a market that it has delisted; what was open on
 * it, and its fills and payments, are still the account's.
 */
export class KnownMarkets {
  readonly #journal: Pick<OrderJournal, "cursor" | "readCursor" | "setCursor">;

  constructor(journal: Pick<OrderJournal, "cursor" | "readCursor" | "setCursor">) {
    this.#journal = journal;
  }

  remember(market: Market): void {
    const name = keyOf(market.tradingPair);
    const text = encode(market);
    if (this.#journal.cursor(name) !== text) this.#journal.setCursor(name, text);
  }

  /** Throws `JournalError` that names a broken record. */
  recall(tradingPair: TradingPair): Market | undefined {
    return this.#journal.readCursor(keyOf(tradingPair), (text) => decode(JsonFields.parse(text)));
  }
}

const keyOf = (tradingPair: TradingPair): string => `market|${tradingPair}`;

const DECIMALS = [
  "minOrderSize",
  "minPriceIncrement",
  "minBaseAmountIncrement",
  "minNotionalSize",
  "contractSize",
] as const;

/** Facts that following a market needs; nothing new is sent to it, so that limits which may be absent are left out. */
function encode({ rule, ...market }: Market): string {
  const decimals = Object.fromEntries(DECIMALS.map((name) => [name, rule[name].toFixed()]));
  const { contractKind, buyOrderCollateralToken, sellOrderCollateralToken } = rule;
  return JSON.stringify({ ...market, ...decimals, contractKind, buyOrderCollateralToken, sellOrderCollateralToken });
}

function decode(fields: JsonFields): Market {
  const tradingPair = fields.text("tradingPair");
  return {
    tradingPair,
    symbol: fields.text("symbol"),
    baseAsset: fields.text("baseAsset"),
    quoteAsset: fields.text("quoteAsset"),
    fundingIntervalMs: fields.number("fundingIntervalMs"),
    rule: {
      tradingPair,
      minOrderSize: fields.decimal("minOrderSize"),
      minPriceIncrement: fields.decimal("minPriceIncrement"),
      minBaseAmountIncrement: fields.decimal("minBaseAmountIncrement"),
      minNotionalSize: fields.decimal("minNotionalSize"),
      contractSize: fields.decimal("contractSize"),
      contractKind: fields.oneOf("contractKind", ["linear", "inverse"]),
      buyOrderCollateralToken: fields.text("buyOrderCollateralToken"),
      sellOrderCollateralToken: fields.text("sellOrderCollateralToken"),
      supportsMarketOrders: false,
    },
  };
}
