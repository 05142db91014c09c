import { z } from "zod";
import type { CashFlow } from "../../model/cash-flow.ts";
import { ProtocolError } from "../../model/error.ts";
import type { FundingPayment } from "../../model/funding.ts";
import { readPages } from "../../net/pages.ts";
import { type RowKind, readList } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { wireCoin, wireDecimal, wireIntegerId, wireTimeMs } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { manifest } from "./manifest.ts";
import { get, type Params, rowsOf, windowsSince } from "./requests.ts";
import { read } from "./web-utils.ts";

const wireIncome = z.object({
  /** Empty where the posting is of no market. */
  symbol: z.string(),
  incomeType: z.string(),
  /** Amount in `asset`, negative where the account has paid. */
  income: wireDecimal,
  asset: wireCoin,
  /** Epoch milliseconds. */
  time: wireTimeMs,
  tranId: wireIntegerId,
  /** Id of the fill; empty where there is none. */
  tradeId: z.union([z.literal(""), wireIntegerId]).nullish(),
});
const LIST = "GET /fapi/v1/income";
const WHAT = `a row of ${LIST}`;
const INCOME_ROW: RowKind = { subject: "fundingPayment", symbol: "symbol" };
const wireTime = wireIncome.pick({ time: true });
type WireIncome = z.output<typeof wireIncome>;

/** Names a posting: one transaction may book several, of other types or markets. */
const idOf = ({ incomeType, tranId, symbol, tradeId, asset }: WireIncome) =>
  [incomeType, tranId, symbol, tradeId ?? "", asset].join(":");

const paymentIdOf = (row: WireIncome) => `${row.tranId}:${row.symbol}`;

/** Finds the last time on a page. Rows after a page without any time cannot be requested. */
function lastTimeOf(rows: readonly unknown[]): number {
  const times = rows.flatMap((row) => wireTime.safeParse(row).data?.time ?? []);
  if (times.length === 0) throw new ProtocolError(`no row of a page of ${LIST} has a time`, { venue: manifest.name });
  return Math.max(...times);
}

/**
 * Postings from `sinceMs` on, oldest first, each once. Pages go on by time: rows of a page's last moment come again
 * with the next one (numbered pages were taken away on 2026-10-16).
 */
async function incomeSince(context: VenueContext, sinceMs: number, wanted: Params): Promise<WireIncome[]> {
  const rows = new Map<string, WireIncome>();
  const firstMs = Math.max(sinceMs, context.now() - constants.INCOME_HISTORY_MS);
  for (const { startTime, endTime } of windowsSince(context, firstMs)) {
    const ask = async (fromMs = startTime) => {
      const params = { ...wanted, startTime: fromMs, endTime, limit: constants.PAGE_SIZE };
      const payload = await context.api.send(get(constants.INCOME_PATH_URL, 30, params), context.signal);
      const listed = rowsOf(LIST, payload);
      // A moment can fill a page: the next one begins after it.
      const nextOf = (hasNew: boolean) => {
        if (listed.length < constants.PAGE_SIZE) return undefined;
        const lastMs = lastTimeOf(listed);
        const nextMs = hasNew && lastMs > fromMs ? lastMs : Math.max(fromMs, lastMs) + 1;
        return nextMs > endTime ? undefined : nextMs;
      };
      return { rows: listed, nextOf };
    };
    const listed = await readPages({ venue: manifest.name, what: LIST, ask });
    const parse = (row: unknown) => read(WHAT, wireIncome, row);
    for (const row of await readList(WHAT, listed, parse, context, INCOME_ROW)) rows.set(idOf(row), row);
  }
  return [...rows.values()].sort((a, b) => a.time - b.time);
}

/**
 * Lists the symbols with postings from `sinceMs` on; undefined where a row cannot be read or the postings do not reach
 * back so far.
 */
export async function symbolsOfIncomeSince(
  context: VenueContext,
  sinceMs: number,
): Promise<ReadonlySet<string> | undefined> {
  if (sinceMs < context.now() - constants.INCOME_HISTORY_MS) return undefined;
  let isWhole = true;
  const onUnreadable = (): void => {
    isWhole = false;
  };
  const rows = await incomeSince({ ...context, onUnreadable }, sinceMs, {});
  return isWhole ? new Set(rows.map(({ symbol }) => symbol)) : undefined;
}

/** Settlements of the account or of one market; their id is the venue's, with the market. */
export async function fundingSince(context: VenueContext, sinceMs: number, symbol?: string): Promise<FundingPayment[]> {
  const rows = await incomeSince(context, sinceMs, { incomeType: "FUNDING_FEE", symbol });
  const payments = rows.flatMap((row): FundingPayment[] => {
    const tradingPair = context.markets.bySymbol.get(row.symbol)?.tradingPair;
    if (tradingPair === undefined) return [];
    const { asset, time: timestampMs } = row;
    return [{ paymentId: paymentIdOf(row), tradingPair, asset, amount: row.income, timestampMs }];
  });
  return [...new Map(payments.map((payment) => [payment.paymentId, payment])).values()];
}

/** Income that made the account richer or poorer, on every market of it. */
export async function fetchCashFlows(context: VenueContext, sinceMs: number): Promise<readonly CashFlow[]> {
  const rows = await incomeSince(context, sinceMs, {});
  return rows.flatMap((row): CashFlow[] => {
    const kind = constants.CASH_FLOW_KINDS[row.incomeType];
    if (kind === undefined) return [];
    return [
      {
        cashFlowId: idOf(row),
        kind,
        tradingPair: context.markets.bySymbol.get(row.symbol)?.tradingPair,
        asset: row.asset,
        amount: row.income,
        sourceId: kind === "funding" ? paymentIdOf(row) : (row.tradeId ?? undefined),
        timestampMs: row.time,
      },
    ];
  });
}
