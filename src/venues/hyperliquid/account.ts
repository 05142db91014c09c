import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { AccountUpdate, BalanceUpdate, PositionUpdate, SettingsUpdate } from "../../model/account-update.ts";
import { ZERO } from "../../model/decimal.ts";
import { AuthError, ConfigError, describeError, OrderRejectedError } from "../../model/error.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { TradingPair } from "../../model/market.ts";
import { marketOf } from "../../model/venue-markets.ts";
import { askBeside, isUnknownMarket, settleEach } from "../../net/fan-out.ts";
import { datedBalances } from "../../net/reading-time.ts";
import { oldestFirst, readList, readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireCoin, wireDecimal } from "../../net/wire.ts";
import { fetchCashFlows, fundingRows, parseFundingPayment } from "./cash-flows.ts";
import * as constants from "./constants.ts";
import { DEFAULT_FEES } from "./manifest.ts";
import { assetOf, isIsolatedOnly } from "./markets.ts";
import { allRows, ofUser, post, userOf } from "./requests.ts";
import { flatRow, PAYMENT_ROW, POSITION_ROW, parsePosition } from "./rows.ts";
import { read, wireTime } from "./web-utils.ts";

const { SETTLE_COIN } = constants;

const wireState = z.object({
  marginSummary: z.object({ accountValue: wireDecimal }),
  crossMaintenanceMarginUsed: optionalWireDecimal,
  withdrawable: wireDecimal,
  assetPositions: z.array(z.unknown()),
  time: wireTime,
});
const wireHolding = z.object({ coin: wireCoin, total: wireDecimal, hold: wireDecimal });
const wireSpotState = z.object({ balances: z.array(z.unknown()) });
const wireRole = z.object({ role: z.string() });
const wireActiveAsset = z.object({ leverage: z.object({ type: z.string(), value: wireDecimal }) });
const wireFees = z.object({ userCrossRate: wireDecimal, userAddRate: wireDecimal });

/** Modes in which one balance carries everything: the figures of the perpetual account mean nothing then. */
const UNIFIED: ReadonlySet<unknown> = new Set(["unifiedAccount", "portfolioMargin"]);

async function stateOf(context: VenueContext) {
  const payload = await context.api.send(ofUser(context, "clearinghouseState"), context.signal);
  return read("clearinghouseState", wireState, payload);
}

/** A venue that does not know the question, as older ones did, has no such modes. */
async function isUnified(context: VenueContext): Promise<boolean> {
  const request = { ...ofUser(context, "userAbstraction"), freshForMs: constants.FRESH_MODE_MS };
  try {
    return UNIFIED.has(await context.api.send(request, context.signal));
  } catch (error) {
    if (error instanceof OrderRejectedError && error.venueCode === "422") return false;
    throw error;
  }
}

/**
 * An API wallet signs for an account and has none of its own: asked about by its own address the venue tells of an empty
 * account, without an error. So it does of an address that is none. Throws `AuthError` for either.
 */
async function assertAccount(context: VenueContext): Promise<void> {
  const request = { ...ofUser(context, "userRole"), freshForMs: constants.FRESH_ROLE_MS };
  const { role } = read("userRole", wireRole, await context.api.send(request, context.signal));
  if (role === "missing") {
    throw new AuthError(`the venue knows no account ${userOf(context.markets)}`, {
      venue: constants.VENUE,
      hint: "check credentials.accountAddress; an account is there from its first deposit on",
    });
  }
  if (role !== "agent") return;
  throw new AuthError(`${userOf(context.markets)} is an API wallet, which has no account of its own`, {
    venue: constants.VENUE,
    hint: "credentials.accountAddress is that of the account which approved it",
  });
}

/** Balances of a unified account, of which USDC carries the positions. */
async function unifiedBalances(context: VenueContext, timestampMs: number): Promise<AccountUpdate[]> {
  const payload = await context.api.send(ofUser(context, "spotClearinghouseState"), context.signal);
  const { balances: rows } = read("spotClearinghouseState", wireSpotState, payload);
  const what = "a balance of spotClearinghouseState";
  const kind = { subject: "balance", asset: "coin" } as const;
  const parse = (row: unknown): BalanceUpdate => {
    const { coin: asset, total, hold } = read(what, wireHolding, row);
    return { type: "balance", asset, total, available: total.minus(hold), timestampMs };
  };
  const told = readRows(what, rows, parse, context.onUnreadable, kind);
  // A coin is zero by its absence from a list of which every row could be read.
  const isNone = told.length === rows.length && told.every(({ asset }) => asset !== SETTLE_COIN);
  const none: BalanceUpdate = { type: "balance", asset: SETTLE_COIN, total: ZERO, available: ZERO, timestampMs };
  return isNone ? [...told, none] : told;
}

async function fetchBalances(context: VenueContext): Promise<readonly AccountUpdate[]> {
  const timestampMs = context.now();
  const [state, isOneBalance] = await Promise.all([stateOf(context), isUnified(context)]);
  if (isOneBalance) return unifiedBalances(context, timestampMs);
  const { marginSummary, withdrawable, crossMaintenanceMarginUsed, assetPositions, time } = state;
  const { accountValue } = marginSummary;
  if (accountValue.isZero() && assetPositions.length === 0) await assertAccount(context);
  const updates: AccountUpdate[] = [
    { type: "balance", asset: SETTLE_COIN, total: accountValue, available: withdrawable, timestampMs },
    {
      type: "margin",
      collateral: accountValue,
      freeCollateral: withdrawable,
      maintenanceMarginRequirement: crossMaintenanceMarginUsed,
      timestampMs,
    },
  ];
  return datedBalances(context, updates, { askedMs: timestampMs, answeredMs: time });
}

/** A question for each market, whose leverage is a setting also where there is no position. */
async function leverages(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<SettingsUpdate[]> {
  const timestampMs = context.now();
  const perMinute = Math.max(1, tradingPairs.length / constants.LEVERAGES_PER_MINUTE);
  const freshForMs = Math.ceil(constants.FRESH_LEVERAGE_MS * perMinute);
  const what = "activeAssetData";
  const onMarketFailure = (tradingPair: TradingPair, error: unknown): void => {
    // The first word of a delisting, where nothing else is asked about the market.
    if (isUnknownMarket(error)) context.onMarketFailure?.(tradingPair, error);
    else context.onUnreadable?.({ what, reason: `${tradingPair}: ${describeError(error)}`, row: undefined });
  };
  return settleEach({ onMarketFailure }, tradingPairs, async (tradingPair) => {
    const coin = marketOf(context.markets, tradingPair).symbol;
    const request = { ...ofUser(context, "activeAssetData", { coin }), freshForMs };
    const { leverage } = read("activeAssetData", wireActiveAsset, await context.api.send(request, context.signal));
    return { type: "settings", tradingPair, leverage: leverage.value, timestampMs };
  });
}

/** The list has open positions only, with their leverage; that of other markets is asked for beside it. */
async function fetchPositions(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<AccountUpdate[]> {
  // Time of the question: a fill of which the stream tells while the answer is under way is newer.
  const timestampMs = context.now();
  const { assetPositions } = await stateOf(context);
  const rows = assetPositions.map((row) => flatRow(row, "position"));
  const parse = (row: unknown) => parsePosition(context.markets, row, timestampMs);
  const what = "a position of clearinghouseState";
  const positions: PositionUpdate[] = await readList(what, rows, parse, context, POSITION_ROW);
  const open = new Set(positions.map(({ tradingPair }) => tradingPair));
  const others = tradingPairs.filter((tradingPair) => !open.has(tradingPair));
  const settings = await askBeside(context, "activeAssetData", () => leverages(context, others));
  return [...settings, ...positions];
}

async function fetchFundingPayments(context: VenueContext, sinceMs: number, tradingPairs: readonly TradingPair[]) {
  const rows = fundingRows(await allRows(context, "userFunding", sinceMs));
  const parse = (row: unknown): FundingPayment | undefined => {
    const payment = parseFundingPayment(context.markets, row);
    const isWanted = tradingPairs.length === 0 || tradingPairs.includes(payment?.tradingPair ?? "");
    return isWanted ? payment : undefined;
  };
  return oldestFirst(await readList("a row of userFunding", rows, parse, context, PAYMENT_ROW));
}

/** A leverage is set together with the margin mode, which stays as it is. */
async function isCross(context: VenueContext, tradingPair: TradingPair): Promise<boolean> {
  const market = marketOf(context.markets, tradingPair);
  if (isIsolatedOnly(market)) return false;
  const request = ofUser(context, "activeAssetData", { coin: market.symbol });
  const { leverage } = read("activeAssetData", wireActiveAsset, await context.api.send(request, context.signal));
  return leverage.type !== "isolated";
}

export const account = {
  fetchBalances,

  fetchPositions,

  fetchFundingPayments,

  fetchCashFlows,

  async fetchLastFeePayment(context, tradingPair) {
    const sinceMs = context.now() - 2 * 86_400_000;
    return (await fetchFundingPayments(context, sinceMs, [tradingPair])).at(-1);
  },

  async setTradingPairLeverage(context, tradingPair, leverage) {
    if (!leverage.isInteger()) throw new ConfigError(`Hyperliquid has whole leverages, not ${leverage.toFixed()}`);
    const asset = assetOf(marketOf(context.markets, tradingPair));
    const terms = { asset, isCross: await isCross(context, tradingPair), leverage: leverage.toNumber() };
    await context.api.send(post({ type: "updateLeverage", ...terms }, { outdatesAnswers: true }), context.signal);
  },

  async tradingFees(context) {
    const payload = await context.api.send(ofUser(context, "userFees"), context.signal);
    const { userAddRate, userCrossRate } = read("userFees", wireFees, payload);
    return { ...DEFAULT_FEES, makerPercentFee: userAddRate, takerPercentFee: userCrossRate };
  },
} satisfies Partial<VenueDerivative>;
