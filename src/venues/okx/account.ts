import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { AccountUpdate, SettingsUpdate } from "../../model/account-update.ts";
import type { Decimal } from "../../model/decimal.ts";
import { describeError, ProtocolError } from "../../model/error.ts";
import type { TradeFeeSchema } from "../../model/fee.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { TradingPair } from "../../model/market.ts";
import { marketOf } from "../../model/venue-markets.ts";
import { askBeside, isUnknownMarket, settleBatches } from "../../net/fan-out.ts";
import { datedBalances } from "../../net/reading-time.ts";
import { oldestFirst, type RowKind, readList, readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireCoin, wireDecimal, wireId } from "../../net/wire.ts";
import { fetchCashFlows } from "./cash-flows.ts";
import * as constants from "./constants.ts";
import { DEFAULT_FEES } from "./manifest.ts";
import { publicRequest } from "./order-book-data-source.ts";
import { allRows, get, listSince, post, rowsOf } from "./requests.ts";
import { ACCOUNT_ROW, POSITION_ROW, parseAccount, parsePosition, rowMarket } from "./rows.ts";
import { read, wireTime } from "./web-utils.ts";

const wireLeverage = z.object({
  instId: z.string(),
  lever: optionalWireDecimal,
});

const wireConfig = z.object({
  posMode: z.enum(["net_mode", "long_short_mode"]),
});
const wireConfigs = z.tuple([wireConfig]);

/** Rates of a group of instruments: negative is charged, positive a rebate (docs, trade fee). */
const wireFeeGroup = z.object({ groupId: z.string(), maker: wireDecimal, taker: wireDecimal });
const wireFeeRate = z.object({
  feeGroup: z.array(wireFeeGroup).nullish(),
  /** Rates of contracts in USDT, deprecated: `maker` and `taker` are of those in coins (docs, trade fee). */
  makerU: optionalWireDecimal,
  takerU: optionalWireDecimal,
});
const wireFeeRates = z.tuple([wireFeeRate], z.unknown());
/** An instrument with the group that its fees are those of. */
const wireGroupMember = z.object({ instId: z.string(), groupId: z.string().nullish() });

/** A bill of a funding payment. */
const wirePayment = z.object({
  billId: wireId,
  ccy: wireCoin,
  /** Payment in `ccy`: negative was paid, positive received. */
  pnl: optionalWireDecimal,
  /** Change of the balance, in `ccy`; zero where the position is isolated. */
  balChg: optionalWireDecimal,
  /** Change of the margin of an isolated position, in `ccy`. */
  posBalChg: optionalWireDecimal,
  ts: wireTime,
});

const BILL_ROW: RowKind = { subject: "fundingPayment", symbol: "instId" };

const instType = constants.INSTRUMENT_TYPE;
const mgnMode = constants.MARGIN_MODE;

/** Leverage is a setting of the market, told also where there is no position. */
async function leverages(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<SettingsUpdate[]> {
  const timestampMs = context.now();
  const what = `GET ${constants.LEVERAGE_INFO_PATH_URL}`;
  const ask = async (pairs: readonly TradingPair[]) => {
    const instId = pairs.map((pair) => marketOf(context.markets, pair).symbol).join(",");
    return rowsOf(context, get(constants.LEVERAGE_INFO_PATH_URL, { instId, mgnMode }));
  };
  const onMarketFailure = (tradingPair: TradingPair, error: unknown): void => {
    // The first word of a delisting, where nothing else is asked about the market.
    if (isUnknownMarket(error)) context.onMarketFailure?.(tradingPair, error);
    else context.onUnreadable?.({ what, reason: `${tradingPair}: ${describeError(error)}`, row: undefined });
  };
  const rows = await askBeside(context, what, () =>
    settleBatches({ onMarketFailure }, tradingPairs, constants.LEVERAGE_BATCH_SIZE, ask),
  );
  const parse = (row: unknown): SettingsUpdate | undefined => {
    const { instId, lever: leverage } = read("a leverage", wireLeverage, row);
    const tradingPair = context.markets.bySymbol.get(instId)?.tradingPair;
    return tradingPair === undefined ? undefined : { type: "settings", tradingPair, leverage, timestampMs };
  };
  return readList(`a row of ${what}`, rows, parse, context);
}

/** The list has open positions only. */
async function fetchPositions(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<AccountUpdate[]> {
  const asked = rowsOf(context, get(constants.POSITIONS_PATH_URL, { instType }));
  const [rows, settings] = await Promise.all([asked, leverages(context, tradingPairs)]);
  const { markets } = context;
  const what = `a row of GET ${constants.POSITIONS_PATH_URL}`;
  const positions = await readList(what, rows, (row) => parsePosition(markets, row), context, POSITION_ROW);
  return [...settings, ...positions];
}

async function fetchFundingPayments(context: VenueContext, sinceMs: number, tradingPairs: readonly TradingPair[]) {
  const { path, begin } = listSince(context, sinceMs, constants.BILLS);
  const rows = await allRows(context, path, { instType, type: constants.FUNDING_BILL_TYPE, begin }, "billId");
  const { markets } = context;
  const parse = (row: unknown): FundingPayment | undefined => {
    const tradingPair = rowMarket(markets, row)?.tradingPair;
    if (tradingPair === undefined || (tradingPairs.length > 0 && !tradingPairs.includes(tradingPair))) return undefined;
    const { billId, ccy, pnl, balChg, posBalChg, ts } = read("a bill", wirePayment, row);
    const amount = [pnl, balChg, posBalChg].find((change) => change?.isZero() === false) ?? pnl ?? balChg ?? posBalChg;
    if (amount === undefined) throw new ProtocolError("a bill without its amount", { venue: constants.VENUE });
    return { paymentId: billId, tradingPair, asset: ccy, amount, timestampMs: ts };
  };
  const payments = await readList(`a row of GET ${path}`, rows, parse, context, BILL_ROW);
  return oldestFirst(payments);
}

/** Time of the figures, as in what is pushed (docs, balance). */
const wireAnswerTime = z.object({ uTime: wireTime });

export const account = {
  async fetchBalances(context) {
    const askedMs = context.now();
    const rows = await rowsOf(context, get(constants.BALANCES_PATH_URL, {}));
    const parse = (row: unknown) => {
      const updates = parseAccount(row, context.onUnreadable, true);
      const { uTime: answeredMs } = read("an account", wireAnswerTime, row);
      return datedBalances(context, updates, { askedMs, answeredMs });
    };
    return readRows<unknown, AccountUpdate>("an account", rows, parse, context.onUnreadable, ACCOUNT_ROW);
  },

  fetchPositions,

  fetchFundingPayments,

  fetchCashFlows,

  async fetchLastFeePayment(context, tradingPair) {
    const sinceMs = context.now() - constants.BILLS.reachesMs / 2;
    return (await fetchFundingPayments(context, sinceMs, [tradingPair])).at(-1);
  },

  async setTradingPairLeverage({ api, markets, signal }, tradingPair, leverage) {
    const { symbol: instId } = marketOf(markets, tradingPair);
    const data = { instId, lever: leverage.toFixed(), mgnMode };
    await api.send(post(constants.LEVERAGE_PATH_URL, data, "create"), signal);
  },

  async setPositionMode({ api, signal }, mode) {
    const data = { posMode: mode === "hedge" ? "long_short_mode" : "net_mode" };
    await api.send(post(constants.POSITION_MODE_PATH_URL, data, "create"), signal);
  },

  async fetchPositionMode(context) {
    const rows = await rowsOf(context, get(constants.CONFIG_PATH_URL, {}));
    const [{ posMode }] = read("the account's settings", wireConfigs, rows);
    return posMode === "long_short_mode" ? "hedge" : "oneWay";
  },

  /** A market whose group has no rate is left out: it keeps the fees that it had. */
  async tradingFees(context, tradingPairs) {
    const [rates, instruments] = await Promise.all([
      rowsOf(context, get(constants.FEE_RATES_PATH_URL, { instType })),
      rowsOf(context, publicRequest(constants.INSTRUMENTS_PATH_URL, { instType })),
    ]);
    const [{ feeGroup, makerU, takerU }] = read("the fee rates", wireFeeRates, rates);
    const common = makerU && takerU && feesOf(makerU, takerU);
    const ofGroup = new Map(feeGroup?.map(({ groupId, maker, taker }) => [groupId, feesOf(maker, taker)]));
    if (common === undefined && ofGroup.size === 0)
      throw new ProtocolError("the fee rates are not whole", { venue: constants.VENUE });
    const parse = (row: unknown) => read("an instrument", wireGroupMember, row);
    const members = await readList("an instrument", instruments, parse, context);
    const groupOf = new Map(members.map(({ instId, groupId }) => [instId, groupId ?? ""]));
    return new Map(
      tradingPairs.flatMap((tradingPair) => {
        const group = groupOf.get(marketOf(context.markets, tradingPair).symbol) ?? "";
        const fees = ofGroup.get(group) ?? common;
        return fees === undefined ? [] : [[tradingPair, fees] as const];
      }),
    );
  },
} satisfies Partial<VenueDerivative>;

/** Fees of rates, which are negative where they are charged. */
function feesOf(maker: Decimal, taker: Decimal): TradeFeeSchema {
  const own = { makerPercentFee: maker.neg(), takerPercentFee: taker.neg() };
  return { ...DEFAULT_FEES, ...own, percentFeeToken: constants.SETTLE_COIN };
}
