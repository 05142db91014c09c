import { z } from "zod";
import type { CashFlow } from "../../model/cash-flow.ts";
import { ZERO } from "../../model/decimal.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { TradingPair } from "../../model/market.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { type OnUnreadable, oldestFirst, type RowKind, readList } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { wireDecimal, wireId, wireIntegerId, wireText } from "../../net/wire.ts";
import { ACCOUNT_BOOK_PATH_URL, CASH_FLOW_KINDS, HISTORY_MS, isOfPoints, POINTS, SETTLE_COIN } from "./constants.ts";
import { type Params, rowsSince } from "./requests.ts";
import { isObject, read, wireSeconds } from "./web-utils.ts";

const wireEntry = z.object({
  id: wireId,
  time: wireSeconds,
  /** Positive where the account received it. */
  change: wireDecimal,
  type: z.string().min(1),
  /** Comment: `BTC_USDT:771`. */
  text: z.string().nullish(),
  /** Contract; absent from entries of before 2023-10-30. */
  contract: z.string().nullish(),
  trade_id: z.union([z.literal(""), wireIntegerId]).nullish(),
});
type WireEntry = z.output<typeof wireEntry>;

const WHAT = `a row of GET ${ACCOUNT_BOOK_PATH_URL}`;
const ENTRY_ROW: RowKind = { subject: "fundingPayment", symbol: "contract" };

/** The book as far back as it is known to reach. */
function entriesSince(context: VenueContext, params: Params, sinceMs: number): Promise<unknown[]> {
  return rowsSince(context, ACCOUNT_BOOK_PATH_URL, params, Math.max(sinceMs, context.now() - HISTORY_MS));
}

const readEntry = (row: unknown): WireEntry => read("an entry of the account book", wireEntry, row);

function pairOf(markets: VenueMarkets, { contract, text }: WireEntry): TradingPair | undefined {
  const symbol = contract || text?.slice(0, text.lastIndexOf(":"));
  return symbol === undefined ? undefined : markets.bySymbol.get(symbol)?.tradingPair;
}

/** Settlements of the account; the book does not tell the rate. */
export async function fundingSince(
  context: VenueContext,
  sinceMs: number,
  tradingPairs: readonly TradingPair[],
): Promise<FundingPayment[]> {
  const rows = await entriesSince(context, { type: "fund" }, sinceMs);
  const parse = (row: unknown): FundingPayment | undefined => {
    const entry = readEntry(row);
    const tradingPair = pairOf(context.markets, entry);
    if (entry.type !== "fund" || tradingPair === undefined) return undefined;
    if (tradingPairs.length > 0 && !tradingPairs.includes(tradingPair)) return undefined;
    const { id: paymentId, change: amount, time: timestampMs } = entry;
    return { paymentId, tradingPair, asset: SETTLE_COIN, amount, timestampMs };
  };
  return oldestFirst(await readList(WHAT, rows.toReversed(), parse, context, ENTRY_ROW));
}

function cashFlowOf(markets: VenueMarkets, row: unknown): CashFlow | undefined {
  const entry = readEntry(row);
  const kind = CASH_FLOW_KINDS[entry.type];
  if (kind === undefined) return undefined;
  return {
    cashFlowId: `${entry.type}:${entry.id}`,
    kind,
    tradingPair: pairOf(markets, entry),
    asset: isOfPoints(entry.type) ? POINTS : SETTLE_COIN,
    amount: entry.change,
    sourceId: kind === "funding" ? entry.id : entry.trade_id || undefined,
    timestampMs: entry.time,
  };
}

/** Trade whose profit an unread row may be: "" where it does not say, undefined where it is another entry for certain. */
function tradeOfUnread(row: unknown): string | undefined {
  const { type, trade_id: trade } = isObject(row) ? row : {};
  const kind = typeof type === "string" ? (CASH_FLOW_KINDS[type] ?? "none") : undefined;
  return kind === undefined || kind === "realizedPnl" ? wireText(trade) : undefined;
}

/**
 * A trade that realised nothing has no entry of profit. Its fee says that it is posted: the zero is told, so that no
 * estimate stands, which a fill that does not name the leg that it closed can have wrong. Nothing is told of a trade
 * whose entry of profit may be one that could not be read.
 */
function zeroProfits(flows: readonly CashFlow[], unread: readonly unknown[]): readonly CashFlow[] {
  const unreadTrades = unread.map(tradeOfUnread).filter((trade) => trade !== undefined);
  if (unreadTrades.includes("")) return [];
  // Trades are counted by contract.
  const tradeOf = ({ tradingPair = "", sourceId }: CashFlow): string => `${tradingPair}:${sourceId}`;
  const realized = new Set(flows.filter(({ kind }) => kind === "realizedPnl").map(tradeOf));
  return flows.flatMap((flow): CashFlow[] => {
    const trade = tradeOf(flow);
    if (flow.kind !== "fee" || flow.sourceId === undefined || realized.has(trade)) return [];
    if (unreadTrades.includes(flow.sourceId)) return [];
    realized.add(trade);
    return [{ ...flow, cashFlowId: `none:${trade}`, kind: "realizedPnl", asset: SETTLE_COIN, amount: ZERO }];
  });
}

/** Postings of the futures account, on every contract of it. */
export async function fetchCashFlows(context: VenueContext, sinceMs: number): Promise<CashFlow[]> {
  const rows = await entriesSince(context, {}, sinceMs);
  const parse = (row: unknown) => cashFlowOf(context.markets, row);
  const unread: unknown[] = [];
  const { onUnreadable: tell } = context;
  const onUnreadable: OnUnreadable | undefined =
    tell &&
    ((row) => {
      unread.push(row.row);
      tell(row);
    });
  const flows = await readList(WHAT, rows.toReversed(), parse, { ...context, onUnreadable });
  return oldestFirst([...flows, ...zeroProfits(flows, unread)]);
}
