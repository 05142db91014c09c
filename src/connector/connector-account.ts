import type { DailyReport } from "../account/daily-result.ts";
import type { AccountMargin } from "../account/perpetual-account.ts";
import type { AccountBalance } from "../model/balance.ts";
import type { Decimal, DecimalInput } from "../model/decimal.ts";
import type { TradeFee, TradeFeeSchema } from "../model/fee.ts";
import type { FundingPayment } from "../model/funding.ts";
import type { TradingPair } from "../model/market.ts";
import type { MarginMode, OrderSide, PositionAction, PositionMode } from "../model/order.ts";
import type { Position } from "../model/position.ts";
import { atWholeMs } from "../model/time.ts";
import { expectedPerpetualFee } from "../trading/fees.ts";
import { type AccountSettingsOptions, setLeverage, setPositionMode } from "./account-settings.ts";
import { accountBalance, type ValueSource } from "./account-values.ts";
import { assertOptions } from "./call-arguments.ts";
import { ConnectorMarkets } from "./connector-markets.ts";
import type { ConnectorParts } from "./connector-parts.ts";
import { parseLeverage } from "./order-request.ts";

/** Members of a connector that are about the account: balances, positions, settings, funding payments and fees. */
export class ConnectorAccount extends ConnectorMarkets {
  readonly #parts: ConnectorParts;

  constructor(parts: ConnectorParts) {
    super(parts);
    this.#parts = parts;
  }

  /** Cash, equity and what is available, by asset; equity and FTX's cash move with the mark prices. */
  balances(): readonly AccountBalance[] {
    const { account } = this.#parts.tradingSide();
    const market = this.#parts.market;
    const source: ValueSource = {
      fairPrice: (tradingPair) => market.fairPrice(tradingPair),
      rule: (tradingPair) => market.markets.byPair.get(tradingPair)?.rule,
    };
    const { positions } = account;
    const isEquity = this.manifest.balancesAreEquity === true;
    return account.balances.map((balance) => atWholeMs(accountBalance(balance, positions, source, isEquity)));
  }

  /**
   * Balance of an asset by the venue's definition: cash, on FTX equity; zero for one that the account does not hold.
   * `balances()` tells the two apart on every venue.
   */
  balance(asset: string): Decimal {
    return this.#parts.tradingSide().account.getBalance(asset);
  }

  /** Balance of an asset that is not locked. */
  availableBalance(asset: string): Decimal {
    return this.#parts.tradingSide().account.getAvailableBalance(asset);
  }

  /** Account-wide margin figures; undefined where the venue tells none, as in isolated margin. */
  get margin(): AccountMargin | undefined {
    const { margin } = this.#parts.tradingSide().account;
    return margin === undefined ? undefined : atWholeMs(margin);
  }

  /** Open positions. */
  positions(): readonly Position[] {
    return this.#parts.tradingSide().account.positions.map((position) => atWholeMs(position));
  }

  /**
   * The position of one side; in one-way mode, the market's one position. Undefined when flat. Where the venue holds a
   * cross and an isolated one side by side (OKX), the cross one unless `marginMode` says which; `positions()` has both.
   */
  position(tradingPair: TradingPair, side: Position["side"] = "both", marginMode?: MarginMode): Position | undefined {
    const position = this.#parts.tradingSide().account.position(tradingPair, side, marginMode);
    return position === undefined ? undefined : atWholeMs(position);
  }

  /**
   * Result of the running UTC day so far, realised, whoever caused it; what `maxDailyLoss` is held against together
   * with the unrealised profit and loss of open positions.
   */
  get dailyResult(): DailyReport {
    const { dailyResult, nowMs } = this.#parts.tradingSide();
    return dailyResult.reportAt(nowMs);
  }

  /**
   * Funding received on a market less funding paid, in `asset`: by all payments that the journal has ever counted,
   * those that it has forgotten included. `asset` is by default the market's collateral token. Throws `NotFoundError`
   * for a market that the venue does not have.
   */
  fundingTotal(tradingPair: TradingPair, asset?: string): Decimal {
    const { rule } = this.market(tradingPair);
    return this.#parts.tradingSide().fundingLedger.total(tradingPair, asset ?? rule.buyOrderCollateralToken);
  }

  /** The leverage of a market as last told by the venue. Costs no request. */
  leverage(tradingPair: TradingPair): Decimal {
    return this.#parts.tradingSide().account.leverage(tradingPair);
  }

  /** Resolves when the venue has taken it. On venues with one leverage for the whole account it changes all markets. */
  async setLeverage(tradingPair: TradingPair, leverage: DecimalInput | number): Promise<void> {
    const settings = this.#settings();
    this.market(tradingPair);
    await this.#parts.told(setLeverage(settings, tradingPair, parseLeverage(tradingPair, leverage)));
  }

  /**
   * The account's position mode. Where each market has its own (Bybit): `hedge` as soon as one that is followed is
   * hedged; `positionModeOf` tells each.
   */
  get positionMode(): PositionMode {
    const { account } = this.#parts.tradingSide();
    const modes = this.tradingPairs.map((tradingPair) => account.positionModeOf(tradingPair));
    if (modes.length === 0) return account.positionMode;
    return modes.includes("hedge") ? "hedge" : "oneWay";
  }

  /** The position mode of one market as last told by the venue. */
  positionModeOf(tradingPair: TradingPair): PositionMode {
    return this.#parts.tradingSide().account.positionModeOf(tradingPair);
  }

  /**
   * Resolves when the venue has taken it; rejects, and emits `positionModeChangeFailed`, when it has not. Where each
   * market has a mode of its own, those of the markets that are followed and can be hedged are set.
   */
  async setPositionMode(positionMode: PositionMode): Promise<void> {
    await this.#parts.told(setPositionMode(this.#settings(), positionMode));
  }

  #settings(): AccountSettingsOptions {
    const { sync } = this.#parts.tradingSide();
    const { tradingPairs } = this;
    return { venue: this.#parts.venue, sync, events: this.#parts.events, tradingPairs, context: this.#parts.context() };
  }

  /**
   * Every settlement that is known, oldest first: those of the last `timings.journalHistoryMs`, 100 days by default.
   */
  fundingPayments(tradingPair?: TradingPair): readonly FundingPayment[] {
    const payments = this.#parts.tradingSide().journal.fundingPayments();
    return tradingPair === undefined ? payments : payments.filter((payment) => payment.tradingPair === tradingPair);
  }

  /** The newest settlement of a market as the venue tells it now. */
  fetchLastFeePayment(tradingPair: TradingPair): Promise<FundingPayment | undefined> {
    this.#parts.tradingSide();
    return this.#parts.venue.derivative.fetchLastFeePayment(this.#parts.context(), tradingPair);
  }

  /** The account's own fees where the venue tells them, its published ones else. */
  feeSchema(tradingPair: TradingPair): TradeFeeSchema {
    return this.#parts.tradingSide().feeSchema(tradingPair);
  }

  /** The fee that an order is expected to pay. */
  fee(
    tradingPair: TradingPair,
    order: { readonly side: OrderSide; readonly positionAction: PositionAction; readonly isMaker: boolean },
  ): TradeFee {
    assertOptions(order, "fee()", '{ side: "buy", positionAction: "open", isMaker: true }');
    const token = order.side === "buy" ? this.buyCollateralToken(tradingPair) : this.sellCollateralToken(tradingPair);
    return expectedPerpetualFee(this.feeSchema(tradingPair), order, token);
  }

  /**
   * Asks the venue for everything again and resolves when all of it is known: everything was asked for after the call,
   * and taken. Calls at a time share one. Rejects with the first failure, or where fills come faster than answers.
   */
  async refresh(): Promise<void> {
    this.#parts.tradingSide();
    this.#parts.life.assertNotStopped();
    await this.#parts.told(this.#parts.refreshing.run());
  }
}
