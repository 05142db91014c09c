import { z } from "zod";
import type { CashFlow } from "../../model/cash-flow.ts";
import { type Decimal, ZERO } from "../../model/decimal.ts";
import { ProtocolError } from "../../model/error.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { oldestFirst, readList } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireCoin, wireId } from "../../net/wire.ts";
import { CASH_FLOW_TYPES, TRADE_FLOW_TYPES, TRANSACTION_LOG_PATH_URL, VENUE } from "./constants.ts";
import { rowsSince } from "./requests.ts";
import { rowMarket } from "./rows.ts";
import { read, wireTime } from "./web-utils.ts";

export const wireSettlementId = {
  /** Shared by entries of several types, and by the two legs of a hedge, which are settled at one time. */
  id: wireId,
  side: z.string().nullable(),
  /**
   * Id of the execution; empty where there is none. A row without the field is not read: the payment had another name then,
   * and was counted a second time.
   */
  tradeId: z.string().nullable(),
};

/**
 * Names one settlement of one leg. The log's `id` ends with a sequence number that all share which was concluded at one
 * moment, and the documents do not say of any field that it is unique.
 */
export function settlementIdOf({ id, side, tradeId }: z.output<z.ZodObject<typeof wireSettlementId>>): string {
  return [id, side, tradeId].filter(Boolean).join(":");
}

const wireEntry = z.object({
  ...wireSettlementId,
  type: z.string().min(1),
  currency: wireCoin,
  /** Profit or loss that was realized. */
  cashFlow: optionalWireDecimal,
  /** Positive where it was received. */
  funding: optionalWireDecimal,
  /** Positive where it was charged. */
  fee: optionalWireDecimal,
  /** Cash that moved. */
  change: optionalWireDecimal,
  /** Taxes beside `fee`; empty where there are none. */
  extraFees: z.union([z.string(), z.array(z.unknown())]).nullish(),
  transactionTime: wireTime,
});

/** Throws for an entry without the figures of its kind: a zero would take the place of what is known from the fills. */
function assertTold({ type, cashFlow, funding, fee, change }: z.output<typeof wireEntry>): void {
  const isTold = TRADE_FLOW_TYPES.has(type)
    ? cashFlow !== undefined && fee !== undefined
    : (cashFlow ?? funding ?? fee ?? change) !== undefined;
  if (!isTold) throw new ProtocolError("an entry without its amount", { venue: VENUE });
}

function cashFlowsOf(markets: VenueMarkets, payload: unknown): CashFlow[] {
  const row = read("an entry of the transaction log", wireEntry, payload);
  if (!CASH_FLOW_TYPES.has(row.type)) return [];
  assertTold(row);
  const { id, type, currency: asset, tradeId, cashFlow = ZERO, funding = ZERO, fee: feeAlone = ZERO } = row;
  // The documents do not say whether `change` has the taxes in it: what has moved is what was paid.
  const isTaxed = row.extraFees != null && row.extraFees.length > 0 && row.extraFees !== "[]";
  const fee = isTaxed && row.change !== undefined ? cashFlow.plus(funding).minus(row.change) : feeAlone;
  const isProfit = type === "SETTLEMENT" || TRADE_FLOW_TYPES.has(type);
  const entryId = [type, id, tradeId || (row.side ?? ""), asset].join(":");
  const tradingPair = rowMarket(markets, payload)?.tradingPair;
  const flowOf = (kind: CashFlow["kind"], amount: Decimal): CashFlow[] => {
    // One entry tells the whole trade: its profit or fee can be zero.
    if (amount.isZero() && (kind === "funding" || !TRADE_FLOW_TYPES.has(type))) return [];
    const sourceId = kind === "funding" ? settlementIdOf(row) : (tradeId ?? undefined);
    const cashFlowId = `${entryId}:${kind}`;
    return [{ cashFlowId, kind, tradingPair, asset, amount, sourceId, timestampMs: row.transactionTime }];
  };
  return [
    ...flowOf(isProfit ? "realizedPnl" : "other", cashFlow),
    ...flowOf("funding", funding),
    ...flowOf("fee", fee.neg()),
  ];
}

/**
 * Cash that made the account richer or poorer, on every linear market of it: `change = cashFlow + funding - fee`
 * (docs).
 */
export async function fetchCashFlows(context: VenueContext, sinceMs: number): Promise<CashFlow[]> {
  const rows = await rowsSince(context, TRANSACTION_LOG_PATH_URL, { accountType: "UNIFIED", limit: 50 }, sinceMs);
  const what = `a row of GET ${TRANSACTION_LOG_PATH_URL}`;
  return oldestFirst(await readList(what, rows, (row) => cashFlowsOf(context.markets, row), context));
}
