import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { AccountUpdate, PositionUpdate } from "../../model/account-update.ts";
import { isAbort } from "../../model/error.ts";
import type { TradeFeeSchema } from "../../model/fee.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { TradingPair } from "../../model/market.ts";
import type { MarginMode, PositionMode } from "../../model/order.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { leaveOut, settleEach, settleInTurn } from "../../net/fan-out.ts";
import { datedBalances } from "../../net/reading-time.ts";
import { oldestFirst, type RowKind, readList, readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireCoin, wireDecimal } from "../../net/wire.ts";
import { fetchCashFlows, settlementIdOf, wireSettlementId } from "./cash-flows.ts";
import * as constants from "./constants.ts";
import { DEFAULT_FEES } from "./manifest.ts";
import { allRows, get, type Params, post, rowsSince, wireList } from "./requests.ts";
import { canHedge, POSITION_ROW, parsePosition, rowMarket, settleCoinOf } from "./rows.ts";
import { parseWallet, WALLET_ROW } from "./wallet.ts";
import { read, wireTime } from "./web-utils.ts";

/** Fractions of the notional. */
const wireFeeRate = z.object({
  takerFeeRate: wireDecimal,
  makerFeeRate: wireDecimal,
});

const wireSettlement = z.object({
  ...wireSettlementId,
  currency: wireCoin,
  /** Negative where it was paid. */
  funding: optionalWireDecimal,
  /** Cash moved besides funding and fees. */
  cashFlow: optionalWireDecimal,
  feeRate: optionalWireDecimal,
  transactionTime: wireTime,
});

const SETTLEMENT_ROW: RowKind = { subject: "fundingPayment", symbol: "symbol" };

async function send(context: VenueContext, path: string, data: object): Promise<void> {
  await context.api.send(post(path, data, "create"), context.signal);
}

async function positions(context: VenueContext, params: Params, timestampMs: number): Promise<PositionUpdate[]> {
  const rows = await allRows(context, get(constants.POSITIONS_PATH_URL, { ...params, limit: 200 }));
  const parse = (row: unknown) => parsePosition(context.markets, row, timestampMs);
  return readList(`a row of GET ${constants.POSITIONS_PATH_URL}`, rows, parse, context, POSITION_ROW);
}

const wireAccountInfo = z.object({ marginMode: z.string() });

/** Margin mode of all markets; undefined in portfolio margin, and where it cannot be had: positions stand without it. */
async function marginModeOf({ api, signal }: VenueContext): Promise<MarginMode | undefined> {
  const path = constants.ACCOUNT_INFO_PATH_URL;
  try {
    const payload = await api.send({ ...get(path, {}), params: {} }, signal);
    return constants.MARGIN_MODES[read(`GET ${path}`, wireAccountInfo, payload).marginMode];
  } catch (error) {
    if (isAbort(error)) throw error;
    return undefined;
  }
}

/**
 * A list by settle coin has every open position and leaves flat ones out, so the markets that are followed are asked for
 * one by one besides: for both sides of hedged ones, their leverage and their position mode. One that does not answer,
 * even the only one, hides no open position.
 */
async function fetchPositions(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<PositionUpdate[]> {
  // Time of the request: what the stream tells while the answer is under way is newer.
  const timestampMs = context.now();
  const ofMarket = async (tradingPair: TradingPair): Promise<PositionUpdate[]> => {
    try {
      return await positions(context, { symbol: marketOf(context.markets, tradingPair).symbol }, timestampMs);
    } catch (error) {
      leaveOut(context, tradingPairs, { tradingPair, what: "the positions of one market", error });
      return [];
    }
  };
  const lists = [
    ...constants.SETTLE_COINS.map((settleCoin) => positions(context, { settleCoin }, timestampMs)),
    ...tradingPairs.map(ofMarket),
  ];
  const [updates, ofAccount] = await Promise.all([Promise.all(lists), marginModeOf(context)]);
  const rows = new Map(updates.flat().map((update) => [`${update.tradingPair} ${update.side}`, update]));
  return [...rows.values()].map((update) => ({ ...update, marginMode: update.marginMode ?? ofAccount }));
}

/** Leaves out the markets that have one mode only. One that is not known is found to be so when it is asked for. */
function hedgeable({ markets }: VenueContext, tradingPairs: readonly TradingPair[]): TradingPair[] {
  return tradingPairs.filter((pair) => {
    const market = markets.byPair.get(pair);
    return market === undefined || canHedge(market);
  });
}

/**
 * Reads the modes from the positions of the USDT markets, each of which has its own; others are one-way always. A market
 * has a row in its list even where it is flat: one that does not answer, or of whose rows none can be read, is left out.
 */
async function fetchPositionMode(context: VenueContext, tradingPairs: readonly TradingPair[]) {
  const asked = hedgeable(context, tradingPairs);
  const listOf = async (pair: TradingPair) =>
    positions(context, { symbol: marketOf(context.markets, pair).symbol }, context.now());
  const rows = (await settleEach(context, asked, listOf)).flat();
  const ofOneMode = tradingPairs.filter((pair) => !asked.includes(pair));
  const modes = new Map<TradingPair, PositionMode>(ofOneMode.map((pair) => [pair, "oneWay"]));
  for (const { tradingPair, side } of rows) modes.set(tradingPair, side === "both" ? "oneWay" : "hedge");
  return modes;
}

function parseSettlement(markets: VenueMarkets, payload: unknown): FundingPayment | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a settlement", wireSettlement, payload);
  const { funding, cashFlow, feeRate } = row;
  // A USDC perpetual's session settlement has this type too: it moves cash and has no funding.
  if (funding === undefined || (funding.isZero() && cashFlow?.isZero() === false)) return undefined;
  return {
    paymentId: settlementIdOf(row),
    tradingPair: market.tradingPair,
    asset: row.currency,
    amount: funding,
    // `feeRate` is that of the row's own side (docs, transaction-log).
    rate: row.side === "Sell" ? feeRate?.neg() : feeRate,
    timestampMs: row.transactionTime,
  };
}

/** The log cannot be asked for one symbol, so its rows are chosen here. */
async function fetchFundingPayments(
  context: VenueContext,
  sinceMs: number,
  tradingPairs: readonly TradingPair[],
): Promise<FundingPayment[]> {
  const params = { accountType: "UNIFIED", type: "SETTLEMENT", limit: 50 };
  const rows = await rowsSince(context, constants.TRANSACTION_LOG_PATH_URL, params, sinceMs);
  const { markets } = context;
  const what = `a row of GET ${constants.TRANSACTION_LOG_PATH_URL}`;
  const payments = await readList(what, rows, (row) => parseSettlement(markets, row), context, SETTLEMENT_ROW);
  const isAskedFor = (pair: TradingPair) => tradingPairs.length === 0 || tradingPairs.includes(pair);
  return oldestFirst(payments.filter(({ tradingPair }) => isAskedFor(tradingPair)));
}

function parseFees(markets: VenueMarkets, payload: unknown) {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const { makerFeeRate, takerFeeRate } = read("a fee rate", wireFeeRate, payload);
  const schema: TradeFeeSchema = {
    ...DEFAULT_FEES,
    makerPercentFee: makerFeeRate,
    takerPercentFee: takerFeeRate,
    percentFeeToken: settleCoinOf(market),
  };
  return { tradingPair: market.tradingPair, schema };
}

/** One account has one wallet: this list has no pages (docs, wallet balance). */
const wireWallets = wireList.pick({ list: true }).extend({ time: wireTime.nullish().catch(undefined) });

export const account = {
  async fetchBalances(context) {
    const askedMs = context.now();
    const request = { ...get(constants.BALANCES_PATH_URL, {}), params: { accountType: "UNIFIED" } };
    const payload = await context.api.send(request, context.signal);
    const { list, time: answeredMs } = read(`GET ${request.path}`, wireWallets, payload);
    const parse = (row: unknown) => {
      const updates = parseWallet(row, askedMs, context.onUnreadable, true);
      return answeredMs == null ? updates : datedBalances(context, updates, { askedMs, answeredMs });
    };
    return readRows<unknown, AccountUpdate>("a wallet", list, parse, context.onUnreadable, WALLET_ROW);
  },

  fetchPositions,

  async setTradingPairLeverage(context, tradingPair, leverage) {
    const { symbol } = marketOf(context.markets, tradingPair);
    const value = leverage.toFixed();
    await send(context, constants.LEVERAGE_PATH_URL, { symbol, buyLeverage: value, sellLeverage: value });
  },

  async setPositionMode(context, positionMode, tradingPairs) {
    const mode = positionMode === "hedge" ? 3 : 0;
    const pairs = hedgeable(context, tradingPairs);
    const set = (scope: object) => send(context, constants.POSITION_MODE_PATH_URL, { ...scope, mode });
    if (pairs.length === 0) await set({ coin: constants.HEDGE_SETTLE_COIN });
    else await settleInTurn(context, pairs, (pair) => set({ symbol: marketOf(context.markets, pair).symbol }));
  },

  fetchPositionMode,

  canHedge,

  fetchFundingPayments,

  fetchCashFlows,

  async fetchLastFeePayment(context, tradingPair) {
    const sinceMs = context.now() - constants.WINDOW_MS;
    return (await fetchFundingPayments(context, sinceMs, [tradingPair])).at(-1);
  },

  async tradingFees(context) {
    const { markets } = context;
    const rows = await allRows(context, get(constants.FEE_RATES_PATH_URL, {}));
    const fees = await readList("a fee rate", rows, (row) => parseFees(markets, row), context);
    return new Map(fees.map(({ tradingPair, schema }) => [tradingPair, schema]));
  },
} satisfies Partial<VenueDerivative>;
