import { z } from "zod";
import type { CashFlow } from "../../model/cash-flow.ts";
import { type Decimal, ZERO } from "../../model/decimal.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { oldestFirst, readList } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireCoin, optionalWireDecimal, wireDecimal, wireIntegerId, wireSymbol } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { allRows } from "./requests.ts";
import { fillIdOf, fundingRows } from "./rows.ts";
import { read, wireTime } from "./web-utils.ts";

const wireTrade = z.object({
  coin: wireSymbol,
  oid: wireIntegerId,
  tid: wireIntegerId,
  time: wireTime,
  closedPnl: optionalWireDecimal,
  /** Positive where it was charged. */
  fee: optionalWireDecimal,
  feeToken: optionalWireCoin,
});
const wirePayment = z.object({ coin: wireSymbol, time: wireTime, usdc: wireDecimal });

/** Spot trades exchange one coin for another, and other exchanges of the venue have other coins. */
const isOfMainExchange = (coin: string): boolean => !/[@/:]/.test(coin);

function flowsOfTrade(markets: VenueMarkets, payload: unknown): CashFlow[] {
  const row = read("a fill", wireTrade, payload);
  const { coin, oid, time: timestampMs, closedPnl = ZERO, fee = ZERO } = row;
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

function flowOfPayment(markets: VenueMarkets, payload: unknown): CashFlow | undefined {
  const { coin, time: timestampMs, usdc: amount } = read("a payment", wirePayment, payload);
  if (!isOfMainExchange(coin) || amount.isZero()) return undefined;
  const tradingPair = markets.bySymbol.get(coin)?.tradingPair;
  const sourceId = `${coin}:${timestampMs}`;
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
