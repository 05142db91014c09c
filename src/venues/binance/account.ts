import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { AccountUpdate } from "../../model/account-update.ts";
import { Decimal, ZERO } from "../../model/decimal.ts";
import type { TradeFeeSchema } from "../../model/fee.ts";
import type { TradingPair } from "../../model/market.ts";
import { askBeside, settleInTurn } from "../../net/fan-out.ts";
import { readList, readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { wireCoin, wireDecimal, wireTimeMs } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { fetchCashFlows, fundingSince } from "./income.ts";
import { DEFAULT_FEES, manifest } from "./manifest.ts";
import { funding, get, rowsOf, send, symbolOf } from "./requests.ts";
import { BALANCE_ROW, POSITION_ROW, parsePosition } from "./rows.ts";
import { read } from "./web-utils.ts";

/** Asset of the account's own figures in single-asset mode. */
const MARGIN_ASSET = "USDT";

/** An account that was never funded has empty texts in place of its amounts. */
const wireAmount = z.union([z.literal("").transform(() => ZERO), wireDecimal]);

const wireAsset = z.object({
  asset: wireCoin,
  walletBalance: wireAmount,
  availableBalance: wireAmount,
  updateTime: wireTimeMs.optional(),
});

/** Totals of the account, and the amounts of each asset in that asset. */
const wireAccount = z.object({
  totalMarginBalance: wireAmount,
  availableBalance: wireAmount,
  totalMaintMargin: wireAmount,
  assets: z.array(z.unknown()),
});

const wireSymbolConfig = z.object({
  symbol: z.string(),
  leverage: wireDecimal,
});

/** Rates are fractions: "0.0002" is 0.02 %. */
const wireCommission = z.object({
  makerCommissionRate: wireDecimal,
  takerCommissionRate: wireDecimal,
});

/** Position mode: true is hedge mode. */
const wireMode = z.object({ dualSidePosition: z.boolean() });
const wireRate = z.object({ fundingRate: wireDecimal });

/**
 * Collateral free for new orders that an asset margins. In single-asset mode the account's figure is that of USDT; in
 * multi-assets and credits mode (BNFCR) it is the value that all assets share, whichever holds it. The answer does not
 * say the mode: a figure that USDT alone does not explain is a shared one. Where it could be either, nothing is known
 * of an asset that the account does not hold.
 */
function availableOf(
  asset: string,
  { availableBalance: ofAccount }: z.output<typeof wireAccount>,
  rows: ReadonlyMap<string, z.output<typeof wireAsset>>,
  isWhole: boolean,
): { readonly available: Decimal; readonly isAvailableUnknown?: boolean } {
  const own = rows.get(asset)?.availableBalance;
  const isShared = isWhole && !ofAccount.eq(rows.get(MARGIN_ASSET)?.availableBalance ?? ZERO);
  if (!manifest.collateralTokens.includes(asset)) return { available: own ?? ZERO };
  if (isShared) return { available: Decimal.max(ofAccount, own ?? ZERO) };
  return { available: own ?? ZERO, isAvailableUnknown: own === undefined && ofAccount.gt(0) };
}

async function fetchBalances(context: VenueContext): Promise<readonly AccountUpdate[]> {
  // Time of the question: an event with a later time may not be in the answer.
  const timestampMs = context.now();
  const payload = await context.api.send(get(constants.ACCOUNT_PATH_URL, 5), context.signal);
  const account = read("GET /fapi/v3/account", wireAccount, payload);
  const what = "an asset of GET /fapi/v3/account";
  const readAsset = (row: unknown) => read(what, wireAsset, row);
  const assets = readRows(what, account.assets, readAsset, context.onUnreadable, BALANCE_ROW);
  const rows = new Map(assets.map((row) => [row.asset, row]));
  // Assets that the account does not hold are left out of the answer: zero, where every row could be read.
  const isWhole = assets.length === account.assets.length;
  const told = new Set([...rows.keys(), ...(isWhole ? manifest.collateralTokens : [])]);
  const updates = [...told].map((asset): AccountUpdate => {
    const total = rows.get(asset)?.walletBalance ?? ZERO;
    const noOlderThanMs = rows.get(asset)?.updateTime;
    return { type: "balance", asset, total, ...availableOf(asset, account, rows, isWhole), timestampMs, noOlderThanMs };
  });
  updates.push({
    type: "margin",
    collateral: account.totalMarginBalance,
    freeCollateral: account.availableBalance,
    maintenanceMarginRequirement: account.totalMaintMargin,
    timestampMs,
  });
  return updates;
}

/** Asks two questions: flat positions are left out of the first answer, and leverage is told in the second. */
async function fetchPositions(context: VenueContext): Promise<readonly AccountUpdate[]> {
  const { api, markets, signal } = context;
  const timestampMs = context.now();
  const listOf = async (path: string) => rowsOf(`GET ${path}`, await api.send(get(path, 5), signal));
  const [rows, settings] = await Promise.all([
    listOf(constants.POSITIONS_PATH_URL),
    askBeside(context, "GET /fapi/v1/symbolConfig", () => listOf(constants.SYMBOL_CONFIG_PATH_URL)),
  ]);
  const parseConfig = (row: unknown): AccountUpdate | undefined => {
    const { symbol, leverage } = read("a row of GET /fapi/v1/symbolConfig", wireSymbolConfig, row);
    const tradingPair = markets.bySymbol.get(symbol)?.tradingPair;
    return tradingPair === undefined ? undefined : { type: "settings", tradingPair, leverage, timestampMs };
  };
  const whatPosition = "a row of GET /fapi/v3/positionRisk";
  return [
    ...(await readList("a row of GET /fapi/v1/symbolConfig", settings, parseConfig, context)),
    ...(await readList(whatPosition, rows, (row) => parsePosition(markets, row), context, POSITION_ROW)),
  ];
}

async function tradingFees(context: VenueContext, tradingPairs: readonly TradingPair[]) {
  const { api, markets, signal } = context;
  const fees = new Map<TradingPair, TradeFeeSchema>();
  await settleInTurn(context, tradingPairs, async (tradingPair) => {
    const request = get(constants.COMMISSION_RATE_PATH_URL, 20, { symbol: symbolOf(markets, tradingPair) });
    const rates = read("GET /fapi/v1/commissionRate", wireCommission, await api.send(request, signal));
    fees.set(tradingPair, {
      ...DEFAULT_FEES,
      makerPercentFee: rates.makerCommissionRate,
      takerPercentFee: rates.takerCommissionRate,
    });
  });
  return fees;
}

export const account = {
  fetchBalances,
  fetchPositions,
  fetchFundingPayments: (context, sinceMs) => fundingSince(context, sinceMs),
  fetchCashFlows,

  /** Adds the rate, which the income history lacks. */
  async fetchLastFeePayment(context, tradingPair) {
    const symbol = symbolOf(context.markets, tradingPair);
    const last = (await fundingSince(context, context.now() - constants.WINDOW_MS + 60_000, symbol)).at(-1);
    if (last === undefined) return undefined;
    const around = { startTime: last.timestampMs - 60_000, endTime: last.timestampMs + 60_000 };
    const request = funding(constants.FUNDING_RATES_PATH_URL, { symbol, ...around });
    const what = "GET /fapi/v1/fundingRate";
    const rows = await askBeside(context, what, async () =>
      rowsOf(what, await context.api.send(request, context.signal)),
    );
    const parse = (row: unknown) => read(`a row of ${what}`, wireRate, row);
    const rates = readRows(`a row of ${what}`, rows, parse, context.onUnreadable);
    return { ...last, rate: rates.at(-1)?.fundingRate };
  },

  async setTradingPairLeverage({ api, markets, signal }, tradingPair, leverage) {
    const form = { symbol: symbolOf(markets, tradingPair), leverage: leverage.toFixed() };
    await api.send(send("POST", constants.LEVERAGE_PATH_URL, form), signal);
  },

  /** Changes every market of the account, those that the connector does not follow too. */
  async setPositionMode({ api, signal }, mode) {
    await api.send(send("POST", constants.POSITION_MODE_PATH_URL, { dualSidePosition: mode === "hedge" }), signal);
  },

  async fetchPositionMode({ api, signal }) {
    const payload = await api.send(get(constants.POSITION_MODE_PATH_URL, 30), signal);
    return read("GET /fapi/v1/positionSide/dual", wireMode, payload).dualSidePosition ? "hedge" : "oneWay";
  },

  tradingFees,
} satisfies Partial<VenueDerivative>;
