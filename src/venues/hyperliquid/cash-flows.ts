import { z } from "zod";
import type { CashFlow } from "../../model/cash-flow.ts";
import type { Decimal } from "../../model/decimal.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { oldestFirst, readList } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import {
  optionalWireCoin,
  optionalWireDecimal,
  wireDecimal,
  wireIntegerId,
  wireSymbol,
  wireText,
} from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { allRows, isRow, type Row } from "./requests.ts";
import { fillIdOf, flatRow, rowMarket } from "./rows.ts";
import { read, wireTime } from "./web-utils.ts";

const wireTrade = z.object({
  coin: wireSymbol,
  oid: wireIntegerId,
  tid: wireIntegerId,
  time: wireTime,
  closedPnl: wireDecimal,
  /** Positive where it was charged. */
  fee: wireDecimal,
  feeToken: optionalWireCoin,
});
const wirePayment = z.object({
  coin: wireSymbol,
  time: wireTime,
  /** Payment in USDC: positive was received, negative was paid. */
  usdc: wireDecimal,
  fundingRate: optionalWireDecimal,
  /** Number among the rows of its market and time, from the second on: see `fundingRows`. */
  place: z.number().optional(),
});

/** Spot trades exchange one coin for another, and other exchanges of the venue have other coins. */
const isOfMainExchange = (coin: string): boolean => !/[@/:]/.test(coin);

function flowsOfTrade(markets: VenueMarkets, payload: unknown): CashFlow[] {
  const row = read("a fill", wireTrade, payload);
  const { coin, oid, time: timestampMs, closedPnl, fee } = row;
  if (!isOfMainExchange(coin)) return [];
  const sourceId = fillIdOf(row);
  const tradingPair = markets.bySymbol.get(coin)?.tradingPair;
  const flowOf = (kind: CashFlow["kind"], asset: string, amount: Decimal): CashFlow => {
    return {
      cashFlowId: `${coin}:${oid}:${sourceId}:${kind}`,
      kind,
      tradingPair,
      asset,
      amount,
      sourceId,
      timestampMs,
    };
  };
  return [
    flowOf("realizedPnl", constants.SETTLE_COIN, closedPnl),
    flowOf("fee", row.feeToken ?? constants.SETTLE_COIN, fee.neg()),
  ];
}

/**
 * Rows of a list of `userFunding`, flat. A payment has no id, and its hash is zero: a market pays once an hour, and its row
 * keeps its time. Rows that differ in nothing but the amount would correct each other with every list: they are numbered.
 */
export function fundingRows(rows: readonly Row[]): readonly unknown[] {
  const places = new Map<string, number>();
  return rows.map((row) => {
    const flat = flatRow(row, "delta");
    if (!isRow(flat)) return flat;
    const name = `${wireText(flat.coin)}:${wireText(flat.time)}`;
    const place = (places.get(name) ?? 0) + 1;
    places.set(name, place);
    return place === 1 ? flat : { ...flat, place };
  });
}

function paymentIdOf({ coin, time, place }: z.output<typeof wirePayment>): string {
  return place === undefined ? `${coin}:${time}` : `${coin}:${time}:${place}`;
}

export function parseFundingPayment(markets: VenueMarkets, payload: unknown): FundingPayment | undefined {
  const tradingPair = rowMarket(markets, payload)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const row = read("a payment", wirePayment, payload);
  const { time: timestampMs, usdc: amount, fundingRate: rate } = row;
  return { paymentId: paymentIdOf(row), tradingPair, asset: constants.SETTLE_COIN, amount, rate, timestampMs };
}

function flowOfPayment(markets: VenueMarkets, payload: unknown): CashFlow | undefined {
  const row = read("a payment", wirePayment, payload);
  const { coin, time: timestampMs, usdc: amount } = row;
  if (!isOfMainExchange(coin) || amount.isZero()) return undefined;
  const tradingPair = markets.bySymbol.get(coin)?.tradingPair;
  const sourceId = paymentIdOf(row);
  const asset = constants.SETTLE_COIN;
  return { cashFlowId: `funding:${sourceId}`, kind: "funding", tradingPair, asset, amount, sourceId, timestampMs };
}

/** Profits, fees and funding of every market of the main exchange: the venue lists them with fills and payments. */
export async function fetchCashFlows(context: VenueContext, sinceMs: number): Promise<CashFlow[]> {
  const { markets } = context;
  const [trades, payments] = await Promise.all([
    allRows(context, "userFillsByTime", sinceMs),
    allRows(context, "userFunding", sinceMs),
  ]);
  const ofTrades = readList("a row of userFillsByTime", trades, (row) => flowsOfTrade(markets, row), context);
  const rows = fundingRows(payments);
  const ofPayments = readList("a row of userFunding", rows, (row) => flowOfPayment(markets, row), context);
  return oldestFirst([...(await ofTrades), ...(await ofPayments)]);
}
