import { z } from "zod";
import type { CashFlow } from "../../model/cash-flow.ts";
import { type Decimal, ZERO } from "../../model/decimal.ts";
import { ProtocolError } from "../../model/error.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { oldestFirst, readList } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireCoin, wireId } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { allRows, listSince } from "./requests.ts";
import { adjustmentSourceOf } from "./rows.ts";
import { read, wireTime } from "./web-utils.ts";

const wireBill = z.object({
  billId: wireId,
  type: z.string().min(1),
  ccy: wireCoin,
  instType: z.string().nullish(),
  instId: z.string().nullish(),
  tradeId: z.string().nullish(),
  ordId: z.string().nullish(),
  fillTime: z.string().nullish(),
  /** Profit or loss that was realized; the payment where the bill is of funding. */
  pnl: optionalWireDecimal,
  /** Negative where it was charged. */
  fee: optionalWireDecimal,
  /** Change of the balance; zero where an isolated position has its own. */
  balChg: optionalWireDecimal,
  /** Change of an isolated position's balance. */
  posBalChg: optionalWireDecimal,
  ts: wireTime,
});

/** The trade, which liquidations have under another id in each list: their order and its time name them there. */
function sourceOf({ type, tradeId, ordId, fillTime }: z.output<typeof wireBill>): string | undefined {
  if (type !== "2" && ordId && fillTime) return adjustmentSourceOf(ordId, Number(fillTime));
  return tradeId && tradeId !== "0" ? tradeId : undefined;
}

/** Throws for a bill without the figures of its kind: a zero would take the place of what is known from the fills. */
function assertTold({ type, pnl, fee, balChg, posBalChg }: z.output<typeof wireBill>): void {
  const isTold =
    type === "2" ? pnl !== undefined && fee !== undefined : (pnl ?? fee ?? balChg ?? posBalChg) !== undefined;
  if (!isTold) throw new ProtocolError("a bill without its amount", { venue: constants.VENUE });
}

/**
 * A bill's change is that of the balance and of an isolated position's own together. Profit and fee are told apart; a
 * bill that has neither (interest, clawback, what a liquidation left) is all of its change.
 */
function cashFlowsOf(markets: VenueMarkets, payload: unknown): CashFlow[] {
  const row = read("a bill", wireBill, payload);
  // A spot trade exchanges one coin for another.
  if (!constants.CASH_FLOW_BILLS.has(row.type) || row.instType === "SPOT") return [];
  assertTold(row);
  const { billId, ccy: asset, pnl = ZERO, fee = ZERO, balChg = ZERO, posBalChg = ZERO } = row;
  const tradingPair = markets.bySymbol.get(row.instId ?? "")?.tradingPair;
  const isFunding = row.type === constants.FUNDING_BILL_TYPE;
  const change = balChg.plus(posBalChg);
  const isWhole = pnl.isZero() && fee.isZero();
  const flowOf = (kind: CashFlow["kind"], amount: Decimal): CashFlow[] => {
    // One bill tells the whole trade: its profit or fee can be zero.
    if (amount.isZero() && (kind === "funding" || kind === "other")) return [];
    const sourceId = isFunding ? billId : sourceOf(row);
    return [{ cashFlowId: `${billId}:${kind}`, kind, tradingPair, asset, amount, sourceId, timestampMs: row.ts }];
  };
  if (isFunding) return flowOf("funding", isWhole ? change : pnl.plus(fee));
  if (isWhole && row.type !== "2") return flowOf("other", change);
  return [...flowOf("realizedPnl", pnl), ...flowOf("fee", fee)];
}

/** Bills that made the account richer or poorer, on every market of it. */
export async function fetchCashFlows(context: VenueContext, sinceMs: number): Promise<CashFlow[]> {
  const { path, begin } = listSince(context, sinceMs, constants.BILLS);
  const rows = await allRows(context, path, { begin }, "billId");
  const parse = (row: unknown) => cashFlowsOf(context.markets, row);
  return oldestFirst(await readList(`a row of GET ${path}`, rows, parse, context));
}
