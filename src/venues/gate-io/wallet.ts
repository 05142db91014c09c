import { z } from "zod";
import type { AccountUpdate, BalanceUpdate } from "../../model/account-update.ts";
import { type Decimal, ZERO } from "../../model/decimal.ts";
import { AuthError, ProtocolError } from "../../model/error.ts";
import type { PositionMode } from "../../model/order.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { each } from "../../net/payload.ts";
import { type OnUnreadable, type RowKind, readRows } from "../../net/rows.ts";
import { optionalWireDecimal, wireCoin, wireDecimal, wireText, wireTimeMs } from "../../net/wire.ts";
import { isOfPoints, POINTS, SETTLE_COIN, VENUE } from "./constants.ts";
import { isObject, read } from "./web-utils.ts";

export const BALANCE_ROW: RowKind = { subject: "balance", asset: "currency" };

const wireAccount = z.object({
  user: z.unknown(),
  currency: wireCoin,
  /** Sum of all postings, without the unrealised profit or loss of open positions. */
  total: wireDecimal,
  available: wireDecimal,
  unrealised_pnl: optionalWireDecimal,
  /** Figures of the account's cross positions, and of all positions where it is a unified or a new classic one. */
  ...each(optionalWireDecimal, "maintenance_margin", "cross_maintenance_margin", "cross_available", "point"),
  /** True in the new classic mode, whose cross positions share `cross_available`. */
  enable_evolved_classic: z.boolean().nullish(),
  /** 0 is the classic account; others are unified ones, whose balances are told elsewhere. */
  margin_mode: z.number().nullish(),
  in_dual_mode: z.boolean().nullish(),
  /** `single`, `dual` or `dual_plus`; older answers have `in_dual_mode` alone. */
  position_mode: z.string().nullish(),
});
type WireAccount = z.output<typeof wireAccount>;

/** The futures account, with what it says of its modes. */
export type FuturesAccount = WireAccount & { readonly isUnified: boolean; readonly mode: PositionMode };

function modeOf({ in_dual_mode: isDual, position_mode: mode }: WireAccount): PositionMode {
  if (mode === "dual" || mode === "dual_plus") return "hedge";
  if (mode === "single") return "oneWay";
  if ((mode == null || mode === "") && isDual != null) return isDual ? "hedge" : "oneWay";
  throw new ProtocolError(`an account in position mode ${mode ?? "(not told)"}`, { venue: VENUE });
}

/** A wrong user id would leave the private stream silent: it is told here, where the account says whose it is. */
function assertOwner(markets: VenueMarkets, user: unknown): void {
  const [own = "", told] = [markets.account?.userId, wireText(user)];
  if (own === "" || told === "" || own === told) return;
  throw new AuthError("the API key is another user's than the user id says", {
    venue: VENUE,
    code: "USER_ID_MISMATCH",
    hint: `give the user id ${told}, or the key of ${own}`,
  });
}

export function readAccount(markets: VenueMarkets, payload: unknown): FuturesAccount {
  const account = read("an account", wireAccount, payload);
  assertOwner(markets, account.user);
  return { ...account, isUnified: (account.margin_mode ?? 0) >= 1, mode: modeOf(account) };
}

/** Balance and margin of a classic account. */
export function parseBalances(account: FuturesAccount, timestampMs: number): readonly AccountUpdate[] {
  const { total, unrealised_pnl: unrealized = ZERO, point } = account;
  const isEvolved = account.enable_evolved_classic === true;
  const available = (isEvolved ? account.cross_available : undefined) ?? account.available;
  const maintenanceMarginRequirement = account.maintenance_margin ?? account.cross_maintenance_margin;
  const margin = { collateral: total.plus(unrealized), freeCollateral: available, maintenanceMarginRequirement };
  const points: BalanceUpdate[] =
    point?.gt(0) === true ? [{ type: "balance", asset: POINTS, total: point, available: point, timestampMs }] : [];
  return [
    { type: "balance", asset: account.currency.toUpperCase(), total, available, timestampMs },
    ...points,
    { type: "margin", ...margin, timestampMs },
    { type: "settings", pushedBalances: "account", timestampMs },
  ];
}

const wireUnified = z.object({
  balances: z.record(z.string(), z.unknown()),
  /** Figures of the whole account, in USD; 0 in single-currency mode, where each coin has its own. */
  ...each(optionalWireDecimal, "total_margin_balance", "total_available_margin", "total_maintenance_margin"),
});

const wireHolding = z.object({
  currency: wireCoin,
  /** Equity with the unrealised profit or loss of positions that settle in the coin. */
  equity: wireDecimal,
  available: wireDecimal,
  /** Figures in single-currency mode. */
  ...each(optionalWireDecimal, "available_margin", "margin_balance", "mm"),
});

/** Margin mode of a unified account in which each coin is a collateral of its own. */
const SINGLE_CURRENCY = 3;

/**
 * Balances and margin of a unified account, as documented, not seen live: the futures account's own total is no balance
 * there (docs, unified accounts). Coins share one collateral except in single-currency mode.
 */
export function parseUnifiedBalances(
  account: FuturesAccount,
  payload: unknown,
  timestampMs: number,
  onUnreadable?: OnUnreadable,
): readonly AccountUpdate[] {
  const unified = read("a unified account", wireUnified, payload);
  const isSingle = account.margin_mode === SINGLE_CURRENCY;
  const rows = Object.entries(unified.balances).map(([currency, row]) => (isObject(row) ? { ...row, currency } : row));
  const parse = (row: unknown) => read("a coin of a unified account", wireHolding, row);
  const coins = readRows("a coin of a unified account", rows, parse, onUnreadable, BALANCE_ROW);
  const shared = isSingle ? undefined : unified.total_available_margin;
  const balances = coins.map((row): BalanceUpdate => {
    const isSettled = row.currency === SETTLE_COIN;
    const total = isSettled ? row.equity.minus(account.unrealised_pnl ?? ZERO) : row.equity;
    const own = isSettled && isSingle ? row.available_margin : undefined;
    const available = (isSettled ? shared : undefined) ?? own ?? row.available;
    return { type: "balance", asset: row.currency, total, available, timestampMs };
  });
  const settled = coins.find(({ currency }) => currency === SETTLE_COIN);
  // A coin is zero by its absence from a list of which every row could be read.
  if (settled === undefined && coins.length === rows.length) {
    balances.push({ type: "balance", asset: SETTLE_COIN, total: ZERO, available: shared ?? ZERO, timestampMs });
  }
  const margin: Record<string, Decimal | undefined> = isSingle
    ? { collateral: settled?.margin_balance, free: settled?.available_margin, maintenance: settled?.mm }
    : {
        collateral: unified.total_margin_balance,
        free: unified.total_available_margin,
        maintenance: unified.total_maintenance_margin,
      };
  const { collateral, free: freeCollateral, maintenance: maintenanceMarginRequirement } = margin;
  return [
    ...balances,
    { type: "margin", collateral, freeCollateral, maintenanceMarginRequirement, timestampMs },
    // The stream tells the futures wallet, also of a unified account (docs, futures balances).
    { type: "settings", pushedBalances: "other", timestampMs },
  ];
}

const wireBalancePush = z.object({
  currency: wireCoin,
  /** Balance after the change. */
  balance: wireDecimal,
  type: z.string().nullish(),
  time_ms: wireTimeMs,
});

/** A pushed balance has no `available`. A payment is booked from the account book, which has its id: counted there, once. */
export function parseBalancePush(payload: unknown): readonly AccountUpdate[] {
  const { currency, balance: total, type, time_ms: timestampMs } = read("a balance", wireBalancePush, payload);
  const asset = isOfPoints(type ?? "") ? POINTS : currency.toUpperCase();
  const update = { type: "balance", asset, total, timestampMs } as const;
  return type === "fund" ? [update, { type: "fundingDue", timestampMs }] : [update];
}
