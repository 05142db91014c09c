/**
 * Where each figure that a venue's parsers tell stands on the wire: the names of its fields, by the kind of fact. A name
 * with `*` counts contracts of the fact's market, one with `-` has the other sign, one with `±` either sign.
 */
export interface ToldFields {
  readonly [kind: string]: Readonly<Record<string, string | readonly string[]>>;
}

/** Figures that are worked out from others, or are no figures of the wire: nothing to look for. */
export const WORKED_OUT: ReadonlySet<string> = new Set([
  // From the mark price and the entry on FTX; margins and balances of an account are sums and differences.
  ...["position.unrealizedPnl", "margin.collateral", "margin.freeCollateral", "margin.maintenanceMarginRequirement"],
  ...["balance.total", "balance.available", "margin.marginFraction", "cashFlow.amount"],
  ...[
    "rule.fundingIntervalMs",
    "rule.maxPriceSignificantDigits",
    "rule.maxOpenOrders",
    "fees.percent",
    "trade.percent",
  ],
  ...["positionAdjustment.percent", "cashFlow.timestampMs", "rule.contractSize"],
]);

/** What tells the side of a trade, in the venue's word for it. */
const SIDE = { side: "side" } as const;
const FTX_ORDER = {
  price: "price",
  amount: "size",
  executedAmount: "filledSize",
  averagePrice: "avgFillPrice",
} as const;

const FTX: ToldFields = {
  publicTrade: { price: "price", amount: "size", timestampMs: "time", ...SIDE },
  trade: { price: "price", amount: "size", fee: "fee", timestampMs: "time", ...SIDE },
  positionAdjustment: { price: "price", amount: "±size", fee: "fee", timestampMs: "time" },
  order: { ...FTX_ORDER, timestampMs: "createdAt", updatedAtMs: "createdAt" },
  // The entry price that FTX lists is the mark price of the last settlement of profit and loss (docs, get positions).
  position: {
    ...{
      amount: "±netSize",
      entryPrice: ["recentAverageOpenPrice", "entryPrice"],
      markPrice: "entryPrice",
      leverage: "leverage",
    },
    liquidationPrice: "estimatedLiquidationPrice",
  },
  settings: { leverage: "leverage" },
  payment: { amount: "-payment", rate: "rate", timestampMs: "time" },
  fundingInfo: {
    indexPrice: "index",
    markPrice: "mark",
    rate: "nextFundingRate",
    nextFundingTimestampMs: "nextFundingTime",
  },
  lastPrice: { price: "last" },
  placed: { timestampMs: "createdAt" },
  fees: { makerPercentFee: "makerFee", takerPercentFee: "takerFee" },
  rule: {
    ...{ minPriceIncrement: "priceIncrement", minPrice: "priceIncrement", minBaseAmountIncrement: "sizeIncrement" },
    ...{ minOrderSize: "sizeIncrement", minMakerSize: ["minProvideSize", "sizeIncrement"] },
  },
};

const BINANCE: ToldFields = {
  publicTrade: { price: "p", amount: "q", timestampMs: "T", side: "m" },
  trade: {
    ...{ price: ["price", "L"], amount: ["qty", "l"], fee: ["commission", "n"], realizedPnl: ["realizedPnl", "rp"] },
    ...{ timestampMs: ["time", "T"], side: ["side", "S"] },
  },
  positionAdjustment: {
    ...{ price: ["avgPrice", "price", "L"], amount: ["±executedQty", "±qty", "±l"], fee: ["commission", "n"] },
    ...{ realizedPnl: ["realizedPnl", "rp"], timestampMs: ["time", "updateTime", "T"] },
  },
  order: {
    ...{ price: ["price", "p"], amount: ["origQty", "q"], executedAmount: ["executedQty", "z"] },
    ...{ averagePrice: ["avgPrice", "ap"], timestampMs: ["time", "updateTime", "T"], updatedAtMs: ["updateTime", "T"] },
  },
  position: {
    ...{ amount: ["±positionAmt", "±pa"], entryPrice: ["entryPrice", "ep"], liquidationPrice: "liquidationPrice" },
    ...{ markPrice: "markPrice", leverage: "leverage", timestampMs: ["updateTime", "E", "T"] },
  },
  balance: { timestampMs: ["updateTime", "E", "T"], noOlderThanMs: "updateTime" },
  margin: { timestampMs: ["updateTime", "E", "T"] },
  settings: { leverage: ["leverage", "l"], timestampMs: ["E", "T"] },
  fundingDue: { timestampMs: ["E", "T"] },
  payment: { amount: "income", rate: "fundingRate", timestampMs: ["time", "fundingTime"] },
  fundingInfo: {
    ...{ indexPrice: ["indexPrice", "i"], markPrice: ["markPrice", "p"], rate: ["lastFundingRate", "r"] },
    ...{ nextFundingTimestampMs: ["nextFundingTime", "T"], timestampMs: ["time", "E"] },
  },
  lastPrice: { price: "price" },
  placed: { timestampMs: "updateTime" },
  fees: { makerPercentFee: "makerCommissionRate", takerPercentFee: "takerCommissionRate" },
  rule: {
    ...{ minPriceIncrement: "tickSize", minPrice: "minPrice", maxPrice: "maxPrice", minOrderSize: "minQty" },
    ...{ maxOrderSize: "maxQty", maxMarketOrderSize: "maxQty", minMarketOrderSize: "minQty" },
    ...{ minBaseAmountIncrement: "stepSize", minMarketBaseAmountIncrement: "stepSize" },
    minNotionalSize: "notional",
  },
};

const BYBIT: ToldFields = {
  publicTrade: { price: "p", amount: "v", timestampMs: "T", side: "S" },
  trade: {
    ...{
      price: "execPrice",
      amount: "execQty",
      fee: ["execFee", "fee"],
      realizedPnl: "execPnl",
      timestampMs: "execTime",
    },
    ...SIDE,
  },
  positionAdjustment: {
    price: "execPrice",
    amount: "±execQty",
    fee: ["execFee", "fee"],
    realizedPnl: "execPnl",
    timestampMs: "execTime",
  },
  order: {
    ...{ price: "price", amount: "qty", executedAmount: "cumExecQty", averagePrice: "avgPrice" },
    ...{ timestampMs: ["createdTime", "updatedTime"], updatedAtMs: "updatedTime" },
  },
  position: {
    ...{
      amount: "±size",
      entryPrice: ["avgPrice", "entryPrice"],
      liquidationPrice: "liqPrice",
      markPrice: "markPrice",
    },
    ...{ leverage: "leverage", timestampMs: ["updatedTime", "time", "creationTime"] },
  },
  balance: { timestampMs: ["time", "creationTime"], noOlderThanMs: "time" },
  margin: { timestampMs: ["time", "creationTime"] },
  settings: { leverage: "leverage", timestampMs: ["updatedTime", "time", "creationTime"] },
  fundingDue: { timestampMs: "execTime" },
  payment: { amount: "funding", rate: "±feeRate", timestampMs: "transactionTime" },
  fundingInfo: {
    ...{ indexPrice: "indexPrice", markPrice: "markPrice", rate: "fundingRate", timestampMs: ["ts", "time"] },
    nextFundingTimestampMs: "nextFundingTime",
  },
  lastPrice: { price: "lastPrice" },
  placed: { timestampMs: ["createAt", "time"] },
  fees: { makerPercentFee: "makerFeeRate", takerPercentFee: "takerFeeRate" },
  rule: {
    ...{ minPriceIncrement: "tickSize", minPrice: "minPrice", maxPrice: "maxPrice", minOrderSize: "minOrderQty" },
    ...{ maxOrderSize: "maxOrderQty", maxMarketOrderSize: "maxMktOrderQty", minBaseAmountIncrement: "qtyStep" },
    minNotionalSize: "minNotionalValue",
  },
};

const OKX: ToldFields = {
  publicTrade: { price: "px", amount: "*sz", timestampMs: "ts", ...SIDE },
  trade: {
    ...{
      price: "fillPx",
      amount: "*fillSz",
      fee: ["-fee", "-fillFee"],
      realizedPnl: "fillPnl",
      timestampMs: "fillTime",
    },
    ...SIDE,
  },
  positionAdjustment: {
    ...{
      price: "fillPx",
      amount: "±*fillSz",
      fee: ["-fee", "-fillFee"],
      realizedPnl: "fillPnl",
      timestampMs: "fillTime",
    },
  },
  order: {
    ...{
      price: "px",
      amount: "*sz",
      executedAmount: "*accFillSz",
      averagePrice: "avgPx",
      timestampMs: ["cTime", "uTime"],
    },
    updatedAtMs: "uTime",
  },
  position: {
    ...{ amount: "±*pos", entryPrice: "avgPx", liquidationPrice: "liqPx", markPrice: "markPx", leverage: "lever" },
    timestampMs: "uTime",
  },
  balance: { timestampMs: "uTime", noOlderThanMs: "uTime" },
  margin: { timestampMs: "uTime" },
  settings: { leverage: "lever" },
  fundingDue: { timestampMs: ["pTime", "uTime"] },
  payment: { amount: ["pnl", "balChg", "posBalChg"], timestampMs: "ts" },
  fundingInfo: {
    ...{ indexPrice: "idxPx", markPrice: "markPx", rate: "fundingRate", nextFundingTimestampMs: "fundingTime" },
    timestampMs: "ts",
  },
  lastPrice: { price: "last" },
  placed: { timestampMs: "ts" },
  fees: { makerPercentFee: ["-maker", "-makerU"], takerPercentFee: ["-taker", "-takerU"] },
  rule: {
    ...{ minPriceIncrement: "tickSz", minPrice: "tickSz", minOrderSize: "*minSz", maxOrderSize: "*maxLmtSz" },
    ...{ maxMarketOrderSize: "*maxMktSz", minBaseAmountIncrement: "*lotSz" },
    ...{ maxNotionalSize: "maxLmtAmt", maxMarketNotionalSize: "maxMktAmt" },
  },
};

export const TOLD_FIELDS: Readonly<Record<string, ToldFields>> = {
  ftx_perpetual: FTX,
  binance_perpetual: BINANCE,
  bybit_perpetual: BYBIT,
  okx_perpetual: OKX,
};
