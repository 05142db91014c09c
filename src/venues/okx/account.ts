import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { AccountUpdate, SettingsUpdate } from "../../model/account-update.ts";
import { ProtocolError } from "../../model/error.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { TradingPair } from "../../model/market.ts";
import { marketOf } from "../../model/venue-session.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireDecimal } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { DEFAULT_FEES } from "./manifest.ts";
import { allRows, get, listSince, oldestFirst, post, rowsOf } from "./requests.ts";
import { parseAccount, parsePosition } from "./rows.ts";
import { read, wireTime } from "./web-utils.ts";

type Account = Pick<
  VenueDerivative,
  | "fetchBalances"
  | "fetchPositions"
  | "fetchFundingPayments"
  | "fetchLastFeePayment"
  | "setTradingPairLeverage"
  | "setPositionMode"
  | "getPositionMode"
  | "tradingFees"
>;

const wireLeverage = z.object({
  instId: z.string(),
  lever: optionalWireDecimal,
});

const wireConfig = z.object({
  posMode: z.enum(["net_mode", "long_short_mode"]),
});

/** Rates of a fee: negative is charged, positive a rebate; the `U` ones are of contracts in USDT (docs, trade fee). */
const wireFeeRate = z.object({
  maker: optionalWireDecimal,
  taker: optionalWireDecimal,
  makerU: optionalWireDecimal,
  takerU: optionalWireDecimal,
});

/** A bill of a funding payment. */
const wirePayment = z.object({
  billId: z.string().min(1),
  ccy: z.string().min(1),
  /** Change of the balance, in `ccy`: negative was paid, positive received. */
  balChg: wireDecimal,
  ts: wireTime,
});

const instType = constants.INSTRUMENT_TYPE;
const mgnMode = constants.MARGIN_MODE;

/** Leverage is a setting of the market, told also where there is no position. */
async function leverages(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<SettingsUpdate[]> {
  const timestampMs = context.now();
  const symbols = tradingPairs.map((pair) => marketOf(context.session, pair).symbol);
  const rows: unknown[] = [];
  while (symbols.length > 0) {
    const instId = symbols.splice(0, constants.LEVERAGE_BATCH_SIZE).join(",");
    rows.push(...(await rowsOf(context, get(constants.LEVERAGE_INFO_PATH_URL, { instId, mgnMode }))));
  }
  return rows.flatMap((row) => {
    const { instId, lever: leverage } = read("a leverage", wireLeverage, row);
    const tradingPair = context.session.marketsBySymbol.get(instId)?.tradingPair;
    return tradingPair === undefined ? [] : { type: "settings", tradingPair, leverage, timestampMs };
  });
}

/** The list has open positions only. */
async function fetchPositions(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<AccountUpdate[]> {
  const asked = rowsOf(context, get(constants.POSITIONS_PATH_URL, { instType }));
  const [rows, settings] = await Promise.all([asked, leverages(context, tradingPairs)]);
  return [...settings, ...rows.flatMap((row) => parsePosition(context.session, row) ?? [])];
}

async function fetchFundingPayments(context: VenueContext, sinceMs: number, tradingPairs: readonly TradingPair[]) {
  const { path, begin } = listSince(context, sinceMs, constants.BILLS);
  const rows = await allRows(context, path, { instType, type: constants.FUNDING_BILL_TYPE, begin }, "billId");
  const payments = rows.flatMap((row): FundingPayment[] => {
    const tradingPair = context.session.marketsBySymbol.get(String(row.instId))?.tradingPair;
    if (tradingPair === undefined || (tradingPairs.length > 0 && !tradingPairs.includes(tradingPair))) return [];
    const { billId, ccy, balChg: amount, ts } = read("a bill", wirePayment, row);
    return [{ paymentId: billId, tradingPair, asset: ccy, amount, timestampMs: ts }];
  });
  return oldestFirst(payments);
}

export const account: Account = {
  async fetchBalances(context) {
    const rows = await rowsOf(context, get(constants.BALANCES_PATH_URL, {}));
    return rows.flatMap(parseAccount);
  },

  fetchPositions,

  fetchFundingPayments,

  async fetchLastFeePayment(context, tradingPair) {
    const sinceMs = context.now() - constants.BILLS.reachesMs / 2;
    return (await fetchFundingPayments(context, sinceMs, [tradingPair])).at(-1);
  },

  async setTradingPairLeverage({ api, session, signal }, tradingPair, leverage) {
    const { symbol: instId } = marketOf(session, tradingPair);
    const data = { instId, lever: leverage.toFixed(), mgnMode };
    await api.send(post(constants.LEVERAGE_PATH_URL, data, "create"), signal);
  },

  async setPositionMode({ api, signal }, mode) {
    const data = { posMode: mode === "hedge" ? "long_short_mode" : "net_mode" };
    await api.send(post(constants.POSITION_MODE_PATH_URL, data, "create"), signal);
  },

  async getPositionMode(context) {
    const rows = await rowsOf(context, get(constants.CONFIG_PATH_URL, {}));
    const [{ posMode }] = read("the account's settings", z.tuple([wireConfig]), rows);
    return posMode === "long_short_mode" ? "hedge" : "oneWay";
  },

  async tradingFees(context) {
    const rows = await rowsOf(context, get(constants.FEE_RATES_PATH_URL, { instType }));
    const [row] = read("the fee rates", z.tuple([wireFeeRate], z.unknown()), rows);
    const maker = row.makerU ?? row.maker;
    const taker = row.takerU ?? row.taker;
    if (maker === undefined || taker === undefined)
      throw new ProtocolError("the fee rates are not whole", { venue: constants.VENUE });
    return {
      ...DEFAULT_FEES,
      makerPercentFee: maker.neg(),
      takerPercentFee: taker.neg(),
      percentFeeToken: constants.SETTLE_COIN,
    };
  },
};
