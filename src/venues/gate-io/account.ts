import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { AccountUpdate, SettingsUpdate } from "../../model/account-update.ts";
import { OrderRejectedError } from "../../model/error.ts";
import type { TradeFeeSchema } from "../../model/fee.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { TradingPair } from "../../model/market.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { askBeside, isUnknownMarket, settleEach } from "../../net/fan-out.ts";
import { readList, readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireDecimal } from "../../net/wire.ts";
import { fetchCashFlows, fundingSince } from "./cash-flows.ts";
import * as constants from "./constants.ts";
import { DEFAULT_FEES } from "./manifest.ts";
import { allRows, get, itemOf, publicRequest, setting, symbolOf, wireList } from "./requests.ts";
import { marginOf, POSITION_ROW, parsePosition } from "./rows.ts";
import { parseBalances, parseUnifiedBalances, readAccount } from "./wallet.ts";
import { read, wireSeconds } from "./web-utils.ts";

const wireFees = z.record(z.string(), z.unknown());
/** Fractions, the user's own. */
const wireFeeRate = z.object({ taker_fee: wireDecimal, maker_fee: wireDecimal });
const wireSettledRate = z.object({ t: wireSeconds, r: wireDecimal });
const wireMargin = z.object({ leverage: wireDecimal, cross_leverage_limit: optionalWireDecimal, size: wireDecimal });

/** Longest time from a settlement until its payment is booked. */
const BOOKED_WITHIN_MS = 60_000;
const LAST_PAYMENT_WITHIN_MS = 3 * 86_400_000;

async function accountOf(context: VenueContext) {
  return readAccount(context.markets, await context.api.send(get(constants.ACCOUNT_PATH_URL), context.signal));
}

async function fetchBalances(context: VenueContext): Promise<readonly AccountUpdate[]> {
  // Time of the question: an event with a later time may not be in the answer.
  const timestampMs = context.now();
  const account = await accountOf(context);
  if (!account.isUnified) return parseBalances(account, timestampMs);
  const unified = await context.api.send(get(constants.UNIFIED_ACCOUNT_PATH_URL), context.signal);
  return parseUnifiedBalances(account, unified, timestampMs, context.onUnreadable);
}

/** Contracts that were never traded are asked for one by one: so many at a time, others the next minute. */
const ASKED_ALONE = 20;

function inTurn(pairs: readonly TradingPair[], nowMs: number): readonly TradingPair[] {
  const turns = Math.ceil(pairs.length / ASKED_ALONE);
  const first = turns <= 1 ? 0 : ASKED_ALONE * (Math.floor(nowMs / 60_000) % turns);
  return pairs.slice(first, first + ASKED_ALONE);
}

/** Leverage is a setting of the contract, told also where there is no position and never was one. */
async function leveragesOf(
  context: VenueContext,
  pairs: readonly TradingPair[],
  timestampMs: number,
): Promise<readonly SettingsUpdate[]> {
  if (pairs.length === 0) return [];
  const what = `GET ${constants.POSITIONS_PATH_URL}`;
  return askBeside(context, what, async () => {
    const ofMode = await positionPath(context);
    const told = await settleEach({}, pairs, async (tradingPair): Promise<SettingsUpdate> => {
      const rows = await settingsOf(context, itemOf(ofMode, symbolOf(context.markets, tradingPair)));
      const leverage = rows.map((row) => marginOf(row).leverage).find((each) => each !== undefined);
      return { type: "settings", tradingPair, leverage, timestampMs };
    });
    return told.filter(({ leverage }) => leverage !== undefined);
  });
}

/**
 * The list has a row for every contract that was ever traded, flat or not, so that its pages do not move when a position is
 * closed; with `holding` it would be shorter, and a position that was passed over would look flat.
 */
async function fetchPositions(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<AccountUpdate[]> {
  const { markets } = context;
  const path = constants.POSITIONS_PATH_URL;
  // Time of the request: what the stream tells while the answer is under way is newer.
  const timestampMs = context.now();
  const rows = await allRows(context, get(path), constants.POSITIONS_PAGE_SIZE);
  const parse = (row: unknown) => parsePosition(markets, row, timestampMs);
  const positions = await readList(`a row of GET ${path}`, rows, parse, context, POSITION_ROW);
  const told = positions.filter(({ amount, tradingPair }) => !amount.isZero() || tradingPairs.includes(tradingPair));
  const listed = new Set(positions.map(({ tradingPair }) => tradingPair));
  const untold = tradingPairs.filter((pair) => !listed.has(pair) && markets.byPair.has(pair));
  return [...told, ...(await leveragesOf(context, inTurn(untold, timestampMs), timestampMs))];
}

/** Path where a contract's settings are read and set: each position mode has paths of its own. */
async function positionPath(context: VenueContext): Promise<string> {
  const { mode } = await accountOf(context);
  return mode === "hedge" ? constants.DUAL_POSITIONS_PATH_URL : constants.POSITIONS_PATH_URL;
}

/** One row, or one of each side; none of a contract that was never traded. */
async function settingsOf(context: VenueContext, path: string) {
  const request = get(path, undefined, constants.POSITIONS_PATH_URL);
  const payload = await context.api.send(request, context.signal).catch((error: unknown) => {
    if (isUnknownMarket(error)) return [];
    throw error;
  });
  return (Array.isArray(payload) ? payload : [payload]).map((row) => read("a position", wireMargin, row));
}

/** Margin mode of a contract; `cross` for one that was never traded. */
async function marginModeOf(context: VenueContext, path: string): Promise<"cross" | "isolated"> {
  const rows = await settingsOf(context, path);
  const open = rows.filter(({ size }) => !size.isZero());
  const modes = new Set((open.length > 0 ? open : rows).map((row) => marginOf(row).marginMode));
  if (modes.size > 1)
    throw new OrderRejectedError("one side is cross and the other isolated: one leverage would make them alike", {
      venue: constants.VENUE,
      hint: "set it on the venue's site",
    });
  return modes.has("isolated") ? "isolated" : "cross";
}

/**
 * Sets the leverage and keeps the margin mode: `leverage` alone makes a cross position isolated, and 0 with a limit makes an
 * isolated one cross (docs, update position leverage).
 */
async function setTradingPairLeverage(
  context: VenueContext,
  tradingPair: TradingPair,
  leverage: { toFixed(): string },
): Promise<void> {
  const path = itemOf(await positionPath(context), symbolOf(context.markets, tradingPair));
  const value = leverage.toFixed();
  const isCross = (await marginModeOf(context, path)) === "cross";
  const params = isCross ? { leverage: "0", cross_leverage_limit: value } : { leverage: value };
  const request = setting(`${path}/leverage`, params, constants.POSITIONS_PATH_URL);
  await context.api.send(request, context.signal);
}

/** The rate that was settled last before the payment, which is booked a moment after its settlement. */
async function rateOf(context: VenueContext, payment: FundingPayment) {
  const path = constants.FUNDING_RATES_PATH_URL;
  const { symbol: contract, fundingIntervalMs } = marketOf(context.markets, payment.tradingPair);
  const from = Math.floor((payment.timestampMs - Math.min(fundingIntervalMs / 2, BOOKED_WITHIN_MS)) / 1_000);
  const to = Math.ceil(payment.timestampMs / 1_000);
  const request = publicRequest(path, { contract, from, to, limit: 10 });
  const rows = await askBeside(context, `GET ${path}`, async () =>
    read(`GET ${path}`, wireList, await context.api.send(request, context.signal)),
  );
  const what = `a row of GET ${path}`;
  const rates = readRows(what, rows, (row) => read(what, wireSettledRate, row), context.onUnreadable);
  const settled = rates.filter(({ t }) => t >= from * 1_000 && t <= payment.timestampMs);
  return settled.reduce<(typeof settled)[number] | undefined>(
    (last, each) => (last === undefined || each.t > last.t ? each : last),
    undefined,
  )?.r;
}

function parseFees(markets: VenueMarkets, symbol: string, payload: unknown) {
  const tradingPair = markets.bySymbol.get(symbol)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const { maker_fee: makerPercentFee, taker_fee: takerPercentFee } = read("a fee rate", wireFeeRate, payload);
  const schema: TradeFeeSchema = { ...DEFAULT_FEES, makerPercentFee, takerPercentFee };
  return { tradingPair, schema };
}

export const account = {
  fetchBalances,
  fetchPositions,
  fetchFundingPayments: fundingSince,
  fetchCashFlows,
  setTradingPairLeverage,

  async fetchLastFeePayment(context, tradingPair) {
    const sinceMs = context.now() - LAST_PAYMENT_WITHIN_MS;
    const payment = (await fundingSince(context, sinceMs, [tradingPair])).at(-1);
    return payment === undefined ? undefined : { ...payment, rate: await rateOf(context, payment) };
  },

  /** Changes every contract of the account, which has to be without positions and orders. */
  async setPositionMode({ api, signal }, mode) {
    await api.send(setting(constants.DUAL_MODE_PATH_URL, { dual_mode: mode === "hedge" }), signal);
  },

  async fetchPositionMode(context) {
    return (await accountOf(context)).mode;
  },

  /** One question tells the rates of every contract. */
  async tradingFees(context) {
    const path = constants.FEES_PATH_URL;
    const fees = read(`GET ${path}`, wireFees, await context.api.send(get(path), context.signal));
    const parse = ([symbol, row]: readonly [string, unknown]) => parseFees(context.markets, symbol, row);
    const rows = await readList(`a row of GET ${path}`, Object.entries(fees), parse, context);
    return new Map(rows.map(({ tradingPair, schema }) => [tradingPair, schema]));
  },
} satisfies Partial<VenueDerivative>;
