import { formatAmount } from "../../engine/amount.ts";
import type { PositionView } from "../../engine/types.ts";
import type { LogEntry } from "../account-ledger.ts";
import type { GateContext } from "./context.ts";
import { COIN, contractOf, marketOf } from "./contracts.ts";
import { refusal } from "./errors.ts";
import type { BookKind } from "./ids.ts";
import { seconds, type WireObject } from "./wire.ts";

/** A change of the account's cash. */
export interface BookRow {
  readonly id: string;
  readonly type: BookKind;
  readonly change: bigint;
  /** Balance after the change. */
  readonly balance: bigint;
  /** The engine's name; undefined for what is of no market. */
  readonly market: string | undefined;
  readonly text: string;
  readonly tradeId: string;
  readonly timeMs: number;
}

/**
 * Makes rows, oldest first, of what is wanted: most calls want little of what is kept. Profit of a trade and its fee
 * are two.
 */
export function bookRows(
  context: GateContext,
  accountId: string,
  isWanted: (entry: LogEntry) => boolean,
): readonly BookRow[] {
  const rows: BookRow[] = [];
  let transfers = 0;
  for (const entry of context.ledger.log(accountId)) {
    if (entry.kind === "transfer") transfers += 1;
    if (isWanted(entry)) rows.push(...rowsOf(context, entry, transfers));
  }
  return rows;
}

function rowsOf({ engine, ids }: GateContext, entry: LogEntry, transfers: number): readonly BookRow[] {
  const { timeMs } = entry;
  if (entry.kind === "transfer") {
    const { change, cash: balance } = entry;
    const id = ids.bookRow("dnw", transfers);
    return [{ id, type: "dnw", change, balance, market: undefined, text: "", tradeId: "", timeMs }];
  }
  const { market } = entry.kind === "trade" ? entry.fill : entry.payment;
  const contract = contractOf(marketOf(engine, market));
  if (entry.kind === "settlement") {
    const { paymentId, amount: change, cash: balance } = entry.payment;
    const id = ids.bookRow("fund", paymentId);
    // Captures of ccxt have the contract alone here.
    return [{ id, type: "fund", change, balance, market, text: contract, tradeId: "", timeMs }];
  }
  const { fill, cash } = entry;
  const common = { market, text: `${contract}:${ids.order(fill.orderId)}`, tradeId: String(ids.trade(fill.tradeId)) };
  const profit = { id: ids.bookRow("pnl", fill.fillId), change: fill.realized, balance: cash + fill.fee };
  const fee = { id: ids.bookRow("fee", fill.fillId), change: -fill.fee, balance: cash };
  return [
    ...(fill.realized === 0n ? [] : [{ ...common, ...profit, type: "pnl" as const, timeMs }]),
    ...(fill.fee === 0n ? [] : [{ ...common, ...fee, type: "fee" as const, timeMs }]),
  ];
}

export function bookObject({ engine }: GateContext, row: BookRow): WireObject {
  return {
    id: row.id,
    time: seconds(row.timeMs),
    change: formatAmount(row.change),
    balance: formatAmount(row.balance),
    type: row.type,
    text: row.text,
    contract: row.market === undefined ? "" : contractOf(marketOf(engine, row.market)),
    trade_id: row.tradeId,
  };
}

/** Sums of what there is none of here. */
const NOTHING = { refr: "0", point_dnw: "0", point_fee: "0", point_refr: "0", bonus_dnw: "0", bonus_offset: "0" };
/** Fields of the newer kind of classic account, which this one is not. */
const NOT_EVOLVED = {
  enable_evolved_classic: false,
  cross_available: "0",
  cross_margin_balance: "0",
  cross_order_margin: "0",
  cross_initial_margin: "0",
  cross_maintenance_margin: "0",
  cross_unrealised_pnl: "0",
  isolated_position_margin: "0",
};

/** Sums of the account book by type. */
function historyOf(log: readonly LogEntry[]): WireObject {
  let [dnw, pnl, fee, fund] = [0n, 0n, 0n, 0n];
  for (const entry of log) {
    if (entry.kind === "transfer") dnw += entry.change;
    else if (entry.kind === "settlement") fund += entry.payment.amount;
    else {
      pnl += entry.fill.realized;
      fee -= entry.fill.fee;
    }
  }
  return { dnw: formatAmount(dnw), pnl: formatAmount(pnl), fee: formatAmount(fee), fund: formatAmount(fund) };
}

/** A classic account: `total` is its cash, without unrealised profit. */
export function accountObject(context: GateContext, accountId: string): WireObject {
  const account = context.engine.account(accountId);
  if (account === undefined) throw refusal("noSuchAccount");
  const isHedged = account.positionMode === "hedge";
  const { positions } = account;
  const sum = (pick: (position: PositionView) => bigint) =>
    formatAmount(positions.reduce((total, position) => total + pick(position), 0n));
  return {
    user: context.accounts.identifier(accountId),
    currency: COIN,
    total: formatAmount(account.cash),
    unrealised_pnl: formatAmount(account.unrealized),
    available: formatAmount(account.freeCollateral),
    order_margin: sum(({ orderMargin }) => orderMargin),
    position_margin: sum(({ initialMargin }) => initialMargin),
    position_initial_margin: sum(({ initialMargin }) => initialMargin),
    maintenance_margin: formatAmount(account.maintenanceMargin),
    point: "0",
    bonus: "0",
    in_dual_mode: isHedged,
    position_mode: isHedged ? "dual" : "single",
    margin_mode: 0,
    enable_credit: false,
    ...NOT_EVOLVED,
    history: { ...historyOf(context.ledger.log(accountId)), ...NOTHING },
  };
}
