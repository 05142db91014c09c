import type { TradingPair } from "../model/market.ts";
import { type JsonFields, quoted } from "../trading/json-fields.ts";
import type { OrderJournal } from "../trading/order-journal.ts";

interface Key {
  readonly tradeKey: string;
  readonly tradingPair: TradingPair;
  readonly timestampMs: number;
}

/** `tradingPair` is undefined for a key of an earlier version of the journal. */
type Counted = Pick<Key, "timestampMs"> & { readonly tradingPair: TradingPair | undefined };

/** An order whose fate was not known for a while may claim trades of before. */
const MARGIN_MS = 3_600_000;

/** Trades of others and of the venue itself that were counted, so that none is counted again after a restart. */
export class TradeKeys {
  readonly #journal: Pick<OrderJournal, "writeAccountFact">;
  readonly #prefix: string;
  readonly #counted: Map<string, Counted>;
  #listedFromMs = Number.NEGATIVE_INFINITY;
  #listedFromMsOf: ReadonlyMap<TradingPair, number> = new Map();

  /** `name` keeps several sets of keys apart. */
  constructor(journal: Pick<OrderJournal, "accountFacts" | "writeAccountFact">, name: "trade" | "adjustment") {
    this.#journal = journal;
    this.#prefix = `${name}|`;
    this.#counted = new Map(journal.accountFacts(this.#prefix, (fields, key) => [key, decodeCounted(fields)]));
  }

  has({ tradeKey }: Pick<Key, "tradeKey">): boolean {
    return this.#counted.has(tradeKey);
  }

  /** Too old to tell whether it was counted. */
  isForgotten({ tradingPair, timestampMs }: Pick<Key, "tradingPair" | "timestampMs">): boolean {
    return timestampMs < this.#keptFromMs(tradingPair);
  }

  add({ tradeKey, tradingPair, timestampMs }: Key): void {
    this.#counted.set(tradeKey, { tradingPair, timestampMs });
    this.#journal.writeAccountFact(`${this.#prefix}${tradeKey}`, factOf(tradingPair, timestampMs));
  }

  /**
   * Trades of before are not listed again; their keys are kept for a while all the same. Markets that are behind the
   * others have times of their own.
   */
  forgetTradesBefore(timestampMs: number, behind: ReadonlyMap<TradingPair, number>): void {
    this.#listedFromMs = timestampMs;
    this.#listedFromMsOf = behind;
    for (const [key, counted] of this.#counted) {
      if (counted.timestampMs >= this.#keptFromMs(counted.tradingPair)) continue;
      this.#counted.delete(key);
      this.#journal.writeAccountFact(`${this.#prefix}${key}`, undefined);
    }
  }

  #keptFromMs(tradingPair: TradingPair | undefined): number {
    const behind = this.#listedFromMsOf;
    const own = tradingPair === undefined ? [...behind.values()] : [behind.get(tradingPair) ?? this.#listedFromMs];
    return Math.min(this.#listedFromMs, ...own) - MARGIN_MS;
  }
}

const factOf = (tradingPair: TradingPair, timestampMs: number): string =>
  `{"tradingPair":${quoted(tradingPair)},"timestampMs":${timestampMs}}`;

function decodeCounted(fields: JsonFields): Counted {
  const tradingPair = fields.optional("tradingPair", (from) => from.text("tradingPair"));
  return { tradingPair, timestampMs: fields.number("timestampMs") };
}
