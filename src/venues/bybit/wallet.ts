import { z } from "zod";
import type { AccountUpdate, BalanceUpdate, MarginUpdate } from "../../model/account-update.ts";
import { Decimal, ONE, ZERO } from "../../model/decimal.ts";
import { type OnUnreadable, type RowKind, readRows } from "../../net/rows.ts";
import { optionalWireDecimal, wireCoin, wireDecimal } from "../../net/wire.ts";
import { SETTLE_COINS } from "./constants.ts";
import { read } from "./web-utils.ts";

export const WALLET_ROW: RowKind = { subject: "balance" };
const COIN_ROW: RowKind = { subject: "balance", asset: "coin" };

const wireHolding = z.object({
  coin: wireCoin,
  walletBalance: wireDecimal,
  /** Borrowed coins, which `walletBalance` contains (docs, since 2025-09-16). */
  spotBorrow: optionalWireDecimal,
  /** The coin's equity, and the same in USD: their quotient is the coin's index price. */
  equity: optionalWireDecimal,
  usdValue: optionalWireDecimal,
  /** Initial margin of positions. */
  totalPositionIM: optionalWireDecimal,
  /** Initial margin of open orders. */
  totalOrderIM: optionalWireDecimal,
  /** Held by open spot orders. */
  locked: optionalWireDecimal,
  bonus: optionalWireDecimal,
});
type Coin = z.output<typeof wireHolding>;

/** Totals are in USD, and empty in isolated margin. */
const wireWallet = z.object({
  totalMarginBalance: optionalWireDecimal,
  totalAvailableBalance: optionalWireDecimal,
  totalMaintenanceMargin: optionalWireDecimal,
  coin: z.array(z.unknown()),
});

/** Digits of a quotient of few cents say nothing, and settle coins are worth about a dollar. */
const MIN_EQUITY = ONE;
const [LOWEST_PRICE, HIGHEST_PRICE] = [new Decimal("0.5"), new Decimal("2")];

/** USD of one settle coin; 1 where the row does not tell. */
function indexPriceOf({ equity, usdValue }: Coin): Decimal {
  if (equity === undefined || usdValue === undefined || equity.lt(MIN_EQUITY)) return ONE;
  const price = usdValue.div(equity);
  return price.lt(LOWEST_PRICE) || price.gt(HIGHEST_PRICE) ? ONE : price;
}

function readCoins(rows: readonly unknown[], onUnreadable: OnUnreadable | undefined): readonly Coin[] {
  return readRows("a coin of a wallet", rows, (row) => read("a coin", wireHolding, row), onUnreadable, COIN_ROW);
}

/**
 * Computes the amount of a coin that new orders may use: in cross margin the account's `totalAvailableBalance`, which
 * all settle coins share, converted from USD by the coin's index price; it is empty in isolated margin, where each coin
 * has its own (docs, wallet-balance). `availableToWithdraw` is neither.
 */
function availableOf(row: Coin, total: Decimal, shared: Decimal | undefined): Decimal {
  if (shared !== undefined && SETTLE_COINS.includes(row.coin)) {
    const price = indexPriceOf(row);
    return price.eq(ONE) ? shared : shared.div(price).toDecimalPlaces(8, Decimal.ROUND_DOWN);
  }
  const used = [row.totalPositionIM, row.totalOrderIM, row.locked, row.bonus];
  return used.reduce<Decimal>((left, part) => left.minus(part ?? ZERO), total);
}

/**
 * Reads balances and margin. A list (`isList`) leaves out coins that are zero, of which the settle coins are told all the
 * same. A push has the coins that changed: of a settle coin that it leaves out, only what is available, which is shared.
 */
export function parseWallet(
  payload: unknown,
  timestampMs: number,
  onUnreadable?: OnUnreadable,
  isList = false,
): readonly AccountUpdate[] {
  const wallet = read("a wallet", wireWallet, payload);
  const { totalAvailableBalance, totalMarginBalance, totalMaintenanceMargin } = wallet;
  const coins = readCoins(wallet.coin, onUnreadable);
  const balances = coins.map((row): BalanceUpdate => {
    const total = row.walletBalance.minus(row.spotBorrow ?? ZERO);
    const available = availableOf(row, total, totalAvailableBalance);
    return { type: "balance", asset: row.coin, total, available, timestampMs };
  });
  // A coin is zero by its absence from a list of which every row could be read.
  const areAllRead = coins.length === wallet.coin.length;
  const total = isList && areAllRead ? ZERO : undefined;
  const isTold = isList || totalAvailableBalance !== undefined;
  const absent = isTold ? SETTLE_COINS.filter((asset) => !coins.some(({ coin }) => coin === asset)) : [];
  for (const asset of absent) {
    balances.push({ type: "balance", asset, total, available: totalAvailableBalance ?? total, timestampMs });
  }
  const margin: MarginUpdate = {
    type: "margin",
    collateral: totalMarginBalance,
    freeCollateral: totalAvailableBalance,
    maintenanceMarginRequirement: totalMaintenanceMargin,
    timestampMs,
  };
  return [...balances, margin];
}
