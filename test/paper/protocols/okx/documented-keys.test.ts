import { afterEach, beforeEach, expect, it } from "vitest";
import { BTC, type Harness, startVenue, type Wire } from "./harness.ts";

/** The fields of the documentation's examples (docs v5); what belongs to other products or to loans is there and empty. */
const DOCUMENTED = {
  instrument:
    "alias baseCcy category ctMult ctType ctVal ctValCcy expTime instFamily instId instType lever listTime lotSz maxIcebergSz maxLmtAmt maxLmtSz maxMktAmt maxMktSz maxStopSz maxTriggerSz maxTwapSz minSz optType quoteCcy ruleType settleCcy state stk tickSz uly",
  ticker:
    "instType instId last lastSz askPx askSz bidPx bidSz open24h high24h low24h volCcy24h vol24h sodUtc0 sodUtc8 ts",
  indexTicker: "instId idxPx high24h sodUtc0 open24h low24h sodUtc8 ts",
  fundingRate:
    "fundingRate fundingTime instId instType method maxFundingRate minFundingRate nextFundingRate nextFundingTime premium settFundingRate settState ts",
  trade: "instId side sz px tradeId ts count",
  balance: "adjEq borrowFroz details imr isoEq mgnRatio mmr notionalUsd ordFroz totalEq uTime upl",
  detail:
    "availBal availEq borrowFroz cashBal ccy crossLiab disEq eq eqUsd fixedBal frozenBal imr interest isoEq isoLiab isoUpl liab maxLoan mgnRatio mmr notionalLever ordFrozen rewardBal spotInUseAmt clSpotInUseAmt spotIsoBal stgyEq twap uTime upl uplLiab",
  position:
    "adl availPos avgPx cTime ccy deltaBS deltaPA gammaBS gammaPA imr instId instType interest idxPx usdPx bePx last lever liab liabCcy liqPx markPx margin mgnMode mgnRatio mmr notionalUsd optVal pendingCloseOrdLiabVal pTime pos baseBorrowed baseInterest quoteBorrowed quoteInterest posCcy posId posSide spotInUseAmt spotInUseCcy clSpotInUseAmt maxSpotInUseAmt bizRefId bizRefType thetaBS thetaPA tradeId uTime upl uplLastPx uplRatio uplRatioLastPx vegaBS vegaPA realizedPnl pnl fee fundingFee liqPenalty closeOrderAlgo",
  order:
    "accFillSz algoClOrdId algoId attachAlgoClOrdId attachAlgoOrds avgPx cTime cancelSource cancelSourceReason category ccy clOrdId fee feeCcy fillPx fillSz fillTime instId instType isTpLimit lever linkedAlgoOrd ordId ordType pnl posSide px pxType pxUsd pxVol quickMgnType rebate rebateCcy reduceOnly side slOrdPx slTriggerPx slTriggerPxType source state stpId stpMode sz tag tdMode tgtCcy tpOrdPx tpTriggerPx tpTriggerPxType tradeId uTime",
  orderFrame:
    "accFillSz algoClOrdId algoId amendResult amendSource avgPx cancelSource category ccy clOrdId code cTime execType fee feeCcy fillFee fillFeeCcy fillNotionalUsd fillPx fillSz fillPnl fillTime fillPxVol fillPxUsd fillMarkVol fillFwdPx fillMarkPx instId instType lever msg notionalUsd ordId ordType pnl posSide px pxUsd pxVol pxType quickMgnType rebate rebateCcy reduceOnly reqId side attachAlgoClOrdId slOrdPx slTriggerPx slTriggerPxType source state stpId stpMode sz tag tdMode tgtCcy tpOrdPx tpTriggerPx tpTriggerPxType attachAlgoOrds tradeId lastPx uTime isTpLimit",
  fill: "side fillSz fillPx fillPxVol fillFwdPx fee fillPnl ordId feeRate instType fillPxUsd instId clOrdId posSide billId subType fillMarkVol tag fillTime execType fillIdxPx tradeId fillMarkPx feeCcy ts",
  bill: "bal balChg billId ccy clOrdId execType fee fillFwdPx fillIdxPx fillMarkPx fillMarkVol fillPxUsd fillPxVol fillTime from instId instType interest mgnMode notes ordId pnl posBal posBalChg px subType sz tag to tradeId ts type",
  config:
    "acctLv acctStpMode autoLoan ctIsoMode greeksType level levelTmp mgnIsoMode posMode spotOffsetType uid label roleType traderInsts spotRoleType spotTraderInsts opAuth kycLv ip perm mainUid",
  fee: "category delivery exercise instType level maker makerU makerUSDC taker takerU takerUSDC ts fiat",
  leverage: "instId mgnMode posSide lever",
  book: "asks bids ts checksum prevSeqId seqId",
  both: "pTime eventType balData posData trades",
  bothPosition: "posId tradeId instId instType mgnMode posSide pos ccy posCcy avgPx uTime",
} as const;

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
});
afterEach(() => harness.venue.stop());

/** One row of each kind, after a trade. */
async function rows(): Promise<Record<keyof typeof DOCUMENTED, Wire>> {
  const market = await harness.publicSocket({ channel: "books", instId: BTC });
  const account = await harness.privateSocket(
    { channel: "orders", instType: "SWAP" },
    { channel: "balance_and_position" },
  );
  harness.quote("sell", "20000");
  const { ordId } = await harness.place({ sz: "1", ordType: "market" });
  const first = async (path: string, query: Record<string, string> = {}) => (await harness.list(path, query))[0];
  const balance = await first("/account/balance");
  const both = account.rows("balance_and_position").at(-1);
  return {
    instrument: await first("/public/instruments", { instType: "SWAP" }),
    ticker: await first("/market/ticker", { instId: BTC }),
    indexTicker: await first("/market/index-tickers", { instId: "BTC-USDT" }),
    fundingRate: await first("/public/funding-rate", { instId: BTC }),
    trade: await first("/market/trades", { instId: BTC }),
    balance,
    detail: balance.details[0],
    position: await first("/account/positions"),
    order: await harness.order(ordId),
    orderFrame: account.rows("orders").at(-1),
    fill: await first("/trade/fills"),
    bill: await first("/account/bills", { type: "2" }),
    config: await first("/account/config"),
    fee: await first("/account/trade-fee", { instType: "SWAP" }),
    leverage: await first("/account/leverage-info", { instId: BTC, mgnMode: "cross" }),
    book: market.rows("books")[0],
    both,
    bothPosition: both.posData[0],
  };
}

it("has every documented field in each of its rows, and texts where the documentation has texts", async () => {
  for (const [name, row] of Object.entries(await rows())) {
    const wanted = DOCUMENTED[name as keyof typeof DOCUMENTED].split(" ");
    expect([name, wanted.filter((field) => !(field in row))]).toEqual([name, []]);
    const numbers = Object.entries(row).filter(([, value]) => typeof value === "number");
    expect([name, numbers.map(([field]) => field)]).toEqual([
      name,
      { instrument: ["instIdCode"], trade: ["seqId"], book: ["seqId", "checksum", "prevSeqId"] }[name] ?? [],
    ]);
  }
});
