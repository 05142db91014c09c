import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { AccountUpdate } from "../../model/account-update.ts";
import { ZERO } from "../../model/decimal.ts";
import { marketOf } from "../../model/venue-markets.ts";
import { type RowKind, readList, readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireCoin, wireDecimal } from "../../net/wire.ts";
import {
  ACCOUNT_PATH_URL,
  BALANCES_PATH_URL,
  FUNDING_PAYMENTS_PATH_URL,
  LEVERAGE_PATH_URL,
  POSITIONS_PATH_URL,
} from "./constants.ts";
import { DEFAULT_FEES } from "./manifest.ts";
import { get, pagedSince, read, wireRows } from "./requests.ts";
import { PAYMENT_ROW, POSITION_ROW, parseFundingPayment, parsePosition } from "./user-stream-data-source.ts";

/** Made once: a schema that was made for each list took as long as its rows. */

/** Currency of every future's margin, profit and fees. */
const COLLATERAL = "USD";

const wireBalance = z.object({
  coin: wireCoin,
  // Amounts of the coin.
  total: wireDecimal,
  free: wireDecimal,
});

const BALANCE_ROW: RowKind = { subject: "balance", asset: "coin" };

const wireAccount = z.object({
  // Collateral, all of it and what is free, in USD.
  collateral: wireDecimal,
  freeCollateral: wireDecimal,
  // Value of the account over the notional of its positions; null without a position.
  marginFraction: optionalWireDecimal,
  // Margin fraction that the positions need to stay open.
  maintenanceMarginRequirement: optionalWireDecimal,
});

// The account's answer has settings and fees too, each read by itself: one that is odd hides no balance.

const wireLeverage = z.object({
  // Leverage that the account may use at most, over all markets.
  leverage: wireDecimal,
});

const wireFees = z.object({
  // Fees as fractions of the notional: 0.0002 is 0.02 %.
  makerFee: wireDecimal,
  takerFee: wireDecimal,
});

async function fetchBalances(context: VenueContext): Promise<readonly AccountUpdate[]> {
  // Time of the question: what happens while the answer is under way may not be in it.
  const timestampMs = context.now();
  const [balances, account] = await Promise.all([
    context.api.send(get(BALANCES_PATH_URL), context.signal),
    context.api.send(get(ACCOUNT_PATH_URL), context.signal),
  ]);
  const rows = read("GET /wallet/balances", wireRows, balances);
  const summary = read("GET /account", wireAccount, account);
  const what = "a row of GET /wallet/balances";
  const coins = readRows(what, rows, (row) => read(what, wireBalance, row), context.onUnreadable, BALANCE_ROW);
  const none = coins.length === rows.length ? ZERO : undefined;
  const parseLeverage = (payload: unknown): AccountUpdate => {
    return { type: "settings", leverage: read("the leverage", wireLeverage, payload).leverage, timestampMs };
  };
  const held = new Map(coins.map((row) => [row.coin, row]));
  const told = new Set(rows.length === 0 ? [] : [...held.keys(), COLLATERAL]);
  return [
    ...[...told].map((asset): AccountUpdate => {
      const { total = none, free } = held.get(asset) ?? {};
      // All coins of an account are collateral of its futures: what is free for orders is the account's figure, in USD.
      const available = asset === COLLATERAL ? summary.freeCollateral : free;
      return { type: "balance", asset, total, available, timestampMs };
    }),
    {
      type: "margin",
      collateral: summary.collateral,
      freeCollateral: summary.freeCollateral,
      marginFraction: summary.marginFraction,
      maintenanceMarginRequirement: summary.maintenanceMarginRequirement,
      timestampMs,
    },
    ...readRows("the leverage of GET /account", [account], parseLeverage, context.onUnreadable),
  ];
}

/** Balances, positions, leverage, funding payments and fees of the account. */
export const account = {
  fetchBalances,

  async fetchPositions(context) {
    // Time of the request: a fill of which the stream tells while the answer is under way is newer.
    const timestampMs = context.now();
    const payload = await context.api.send(get(POSITIONS_PATH_URL, { showAvgPrice: true }), context.signal);
    const rows = read("GET /positions", wireRows, payload);
    const parse = (row: unknown) => parsePosition(context.markets, row, timestampMs);
    return readList("a row of GET /positions", rows, parse, context, POSITION_ROW);
  },

  /** Sets leverage for all markets: it is account-wide. */
  async setTradingPairLeverage({ api, signal }, _tradingPair, leverage) {
    const data = { leverage: leverage.toNumber() };
    await api.send({ ...get(LEVERAGE_PATH_URL), method: "POST", data }, signal);
  },

  async fetchFundingPayments(context, sinceMs) {
    const rows = await pagedSince(context, FUNDING_PAYMENTS_PATH_URL, {}, sinceMs, PAYMENT_ROW);
    const parse = (row: unknown) => parseFundingPayment(context.markets, row);
    return readList("a row of GET /funding_payments", rows, parse, context, PAYMENT_ROW);
  },

  async fetchLastFeePayment(context, tradingPair) {
    const future = marketOf(context.markets, tradingPair).symbol;
    const payload = await context.api.send(get(FUNDING_PAYMENTS_PATH_URL, { future }), context.signal);
    const newest = read("GET /funding_payments", wireRows, payload)[0];
    return newest === undefined ? undefined : parseFundingPayment(context.markets, newest);
  },

  async tradingFees(context) {
    const payload = await context.api.send(get(ACCOUNT_PATH_URL), context.signal);
    const { makerFee, takerFee } = read("GET /account", wireFees, payload);
    return { ...DEFAULT_FEES, makerPercentFee: makerFee, takerPercentFee: takerFee };
  },
} satisfies Partial<VenueDerivative>;
