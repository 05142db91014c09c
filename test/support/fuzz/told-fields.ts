/**
 * Where each figure that a venue's parsers tell stands on the wire: the names of its fields, by the kind of fact. A name
 * with `*` counts contracts of the fact's market, one with `-` has the other sign, one with `±` either sign. `whole\part` is
 * what is left of a whole after its parts, with either sign and a price of its own.
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

/** A figure of one venue that is worked out from others. */
export const WORKED = "(worked out)";

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
    ...{
      price: ["avgPrice", "price", "L"],
      amount: ["±executedQty", "±qty", "±l", "executedQty\\qty"],
      fee: ["commission", "n"],
    },
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

/** Sizes are contracts with the sign of the side; times are seconds, beside milliseconds or in their place. */
const GATE_IO: ToldFields = {
  publicTrade: { price: "price", amount: "±*size", timestampMs: "create_time_ms", side: "size" },
  trade: {
    ...{ price: "price", amount: "±*size", fee: ["fee", "point_fee"] },
    ...{ timestampMs: ["create_time_ms", "create_time"], side: "size" },
  },
  positionAdjustment: {
    ...{ price: "price", amount: "±*size", fee: ["fee", "point_fee"], timestampMs: ["create_time_ms", "create_time"] },
  },
  // What was executed is the size without what is left.
  order: {
    ...{ price: "price", amount: "±*size", executedAmount: WORKED, averagePrice: "fill_price" },
    timestampMs: ["create_time_ms", "create_time", "update_time", "finish_time_ms", "finish_time"],
    updatedAtMs: ["update_time", "finish_time_ms", "finish_time", "create_time_ms", "create_time"],
  },
  position: {
    ...{ amount: "*size", entryPrice: "entry_price", liquidationPrice: "liq_price", markPrice: "mark_price" },
    ...{ leverage: ["leverage", "cross_leverage_limit"], timestampMs: ["time_ms", "update_time"] },
  },
  balance: { timestampMs: "time_ms" },
  margin: { timestampMs: "time_ms" },
  settings: { leverage: ["leverage", "cross_leverage_limit"], timestampMs: "time_ms" },
  fundingDue: { timestampMs: "time_ms" },
  placed: { timestampMs: ["create_time_ms", "create_time", "update_time", "finish_time_ms", "finish_time"] },
  payment: { amount: "change", rate: "r", timestampMs: "time" },
  fundingInfo: {
    ...{ indexPrice: "index_price", markPrice: "mark_price", rate: "funding_rate", timestampMs: "time_ms" },
    nextFundingTimestampMs: "funding_next_apply",
  },
  lastPrice: { price: "last" },
  fees: { makerPercentFee: "maker_fee", takerPercentFee: "taker_fee" },
  // The least size is one contract where none is told.
  rule: {
    ...{ minPriceIncrement: "order_price_round", minPrice: "order_price_round", maxOrderSize: "*order_size_max" },
    ...{ minOrderSize: ["*order_size_min", "quanto_multiplier"], maxMarketOrderSize: "*market_order_size_max" },
    minBaseAmountIncrement: ["*order_size_min", "quanto_multiplier"],
  },
};

const HYPERLIQUID: ToldFields = {
  publicTrade: { price: "px", amount: "sz", timestampMs: "time", ...SIDE },
  trade: { price: "px", amount: "sz", fee: "fee", realizedPnl: "closedPnl", timestampMs: "time", ...SIDE },
  positionAdjustment: { price: "px", amount: "±sz", fee: "fee", realizedPnl: "closedPnl", timestampMs: "time" },
  order: {
    ...{ price: "limitPx", amount: ["origSz", "sz"], executedAmount: WORKED },
    ...{ timestampMs: ["timestamp", "statusTimestamp"], updatedAtMs: "statusTimestamp" },
  },
  position: { amount: "szi", entryPrice: "entryPx", liquidationPrice: "liquidationPx", leverage: "value" },
  balance: { timestampMs: "time", noOlderThanMs: "time" },
  margin: { timestampMs: "time", noOlderThanMs: "time" },
  settings: { leverage: "value" },
  fundingDue: { timestampMs: "time" },
  payment: { amount: "usdc", rate: "fundingRate", timestampMs: "time" },
  // Paid each full hour; the answer that has the other three has no time.
  fundingInfo: {
    ...{ indexPrice: "oraclePx", markPrice: "markPx", rate: "funding" },
    ...{ nextFundingTimestampMs: WORKED, timestampMs: WORKED },
  },
  lastPrice: { price: "px" },
  fees: { makerPercentFee: "userAddRate", takerPercentFee: "userCrossRate" },
  // Steps are powers of ten by `szDecimals`, limits come from the documents by `maxLeverage`.
  rule: {
    ...{ minPriceIncrement: WORKED, minPrice: WORKED, minBaseAmountIncrement: WORKED, minOrderSize: WORKED },
    ...{ minNotionalSize: WORKED, maxNotionalSize: WORKED, maxMarketNotionalSize: WORKED },
  },
};

export const TOLD_FIELDS: Readonly<Record<string, ToldFields>> = {
  ftx_perpetual: FTX,
  binance_perpetual: BINANCE,
  bybit_perpetual: BYBIT,
  okx_perpetual: OKX,
  gate_io_perpetual: GATE_IO,
  hyperliquid_perpetual: HYPERLIQUID,
};
