import { formatAmount } from "../../engine/amount.ts";
import type { PositionView } from "../../engine/types.ts";
import type { GateContext } from "./context.ts";
import { contractOf, marketOf, type SizeForm, sizeValue } from "./contracts.ts";
import { riskLimitOf, roundTo, valueText } from "./market-objects.ts";
import { amountNumber, averageOf, type WireObject, wholeSeconds } from "./wire.ts";

const MODES = { both: "single", long: "dual_long", short: "dual_short" } as const;
/** 1 is first in the queue of auto-deleveraging and 5 last; 6 is a flat position. */
const RANKS = { open: 5, flat: 6 };

/** A leverage of 0 says that it is cross; the leverage itself then stands in the limit. */
function leverageOf({ marginMode, leverage }: PositionView) {
  const isCross = marginMode === "cross";
  return { leverage: isCross ? 0n : leverage, limit: isCross ? leverage : 0n };
}

/** Computes what was realised since the position was opened from flat. */
function realizedOf({ costs }: GateContext, accountId: string, position: PositionView) {
  const { fees, funding } = costs.of(accountId, position);
  const profit = position.recentRealized;
  return { profit, fees: -fees, funding, total: profit - fees + funding };
}

/** The row of REST. */
export function positionObject(
  context: GateContext,
  accountId: string,
  position: PositionView,
  form: SizeForm,
): WireObject {
  const market = marketOf(context.engine, position.market);
  const { size, cost, mark, isolatedMargin, liquidationPrice, initialMargin, maintenanceMargin } = position;
  const { spec } = market;
  const { leverage, limit } = leverageOf(position);
  const realized = realizedOf(context, accountId, position);
  const orders = context.engine.openOrders(accountId, position.market);
  const isOpen = size !== 0n;
  return {
    user: context.accounts.identifier(accountId),
    contract: contractOf(market),
    size: sizeValue(size, market, form),
    leverage: formatAmount(leverage),
    cross_leverage_limit: formatAmount(limit),
    risk_limit: formatAmount(riskLimitOf(market)),
    leverage_max: formatAmount(spec.maxLeverage),
    maintenance_rate: formatAmount(spec.maintenanceFraction),
    value: valueText(size, mark),
    margin: formatAmount(isolatedMargin),
    entry_price: formatAmount(averageOf(cost, size)),
    liq_price: formatAmount(liquidationPrice ?? 0n),
    mark_price: formatAmount(roundTo(mark, spec.tick)),
    initial_margin: formatAmount(initialMargin),
    maintenance_margin: formatAmount(maintenanceMargin),
    unrealised_pnl: formatAmount(position.unrealized),
    realised_pnl: formatAmount(realized.total),
    pnl_pnl: formatAmount(realized.profit),
    pnl_fund: formatAmount(realized.funding),
    pnl_fee: formatAmount(realized.fees),
    history_pnl: formatAmount(position.realized - position.recentRealized),
    last_close_pnl: "0",
    realised_point: "0",
    history_point: "0",
    adl_ranking: isOpen ? RANKS.open : RANKS.flat,
    pending_orders: orders.filter(({ positionSide }) => positionSide === position.side).length,
    close_order: null,
    mode: MODES[position.side],
    update_time: wholeSeconds(position.updatedMs),
    update_id: position.sequence,
    open_time: isOpen ? wholeSeconds(position.openedMs) : 0,
    lever: formatAmount(position.leverage),
    pos_margin_mode: position.marginMode,
  };
}

/** The row of the `positions` channel: numbers, and neither mark nor unrealised profit. */
export function positionFrameObject(
  context: GateContext,
  accountId: string,
  position: PositionView,
  form: SizeForm,
): WireObject {
  const market = marketOf(context.engine, position.market);
  const { spec } = market;
  const { leverage, limit } = leverageOf(position);
  const nowMs = context.now();
  return {
    contract: contractOf(market),
    mode: MODES[position.side],
    size: sizeValue(position.size, market, form),
    entry_price: amountNumber(averageOf(position.cost, position.size)),
    leverage: amountNumber(leverage),
    leverage_max: amountNumber(spec.maxLeverage),
    cross_leverage_limit: amountNumber(limit),
    liq_price: amountNumber(position.liquidationPrice ?? 0n),
    maintenance_rate: amountNumber(spec.maintenanceFraction),
    margin: amountNumber(position.isolatedMargin),
    realised_pnl: amountNumber(realizedOf(context, accountId, position).total),
    history_pnl: amountNumber(position.realized - position.recentRealized),
    last_close_pnl: 0,
    realised_point: 0,
    history_point: 0,
    risk_limit: amountNumber(riskLimitOf(market)),
    time: wholeSeconds(nowMs),
    time_ms: Math.floor(nowMs),
    update_id: position.sequence,
    user: String(context.accounts.identifier(accountId)),
  };
}
