import type { Target, VenueChoices } from "../choices.ts";
import { source } from "../source.ts";

/** `derivative.ts`: orders, the account and its settings over REST; it also puts the venue together. */
export function derivativeFile({ hasServerTime, positionModes }: VenueChoices, target: Target): string {
  const hasHedge = positionModes === "hedge";
  const imports = [
    { module: "zod", names: ["z"] },
    { module: "connector/define-venue", names: ["defineVenue"] },
    { module: "connector/exchange-info", names: ["type MarketRow", "readExchangeInfo"] },
    { module: "connector/perpetual-venue", names: ["type ExchangeInfo", "type VenueDerivative", "type VenueModule"] },
    { module: "model/account-update", names: ["type OrderUpdate"] },
    { module: "model/decimal", names: ["ONE", "ZERO"] },
    { module: "model/error", names: ["NotFoundError", "ProtocolError"] },
    { module: "model/funding", names: ["type FundingPayment"] },
    { module: "model/market", names: ["type Market"] },
    { module: "model/order", names: ["type OrderReference", "type OrderToPlace"] },
    { module: "model/venue-markets", names: ["marketOf", "type VenueMarkets"] },
    { module: "net/rows", names: ["type RowKind", "readList"] },
    { module: "net/venue-api", names: ["type Lane", "type QueryValue", "type RestRequest", "type VenueContext"] },
    { module: "net/wire", names: ["optionalWireDecimal", "wireDecimal", "wireId", "wireText", "wireTimeMs"] },
    { module: "./auth", names: ["createAuth"] },
    { module: "./constants", namespace: "constants" },
    { module: "./errors", names: ["isOrderNotFound"] },
    { module: "./manifest", names: ["DEFAULT_FEES", "manifest"] },
    { module: "./order-book-data-source", names: ["orderBookDataSource"] },
    {
      module: "./user-stream-data-source",
      names: ["parseBalance", "parseFill", "parseOrder", "parsePosition", "ROWS", "rowMarket", "userStreamDataSource"],
    },
    {
      module: "./web-utils",
      names: ["createWebUtils", hasServerTime && "getCurrentServerTime", "publicRequest", "read"],
    },
  ];
  return source(
    target,
    imports,
    `
${WIRE}
${hasHedge ? 'const wireMode = z.object({ mode: z.enum(["one_way", "hedge"]) });\n' : ""}
${REQUESTS}

${MARKETS}

// CHECK: the fields of an order, and the words for its terms.
function orderRow(markets: VenueMarkets, order: OrderToPlace) {
  const isMarket = order.type === "market";
${hasHedge ? ORDER_IN_HEDGE : ""}  return {
    symbol: marketOf(markets, order.tradingPair).symbol,
    side: order.side,
    type: isMarket ? "market" : "limit",
    size: order.amount.toFixed(),
    price: isMarket ? undefined : order.price?.toFixed(),
    timeInForce: isMarket ? undefined : order.timeInForce,
    postOnly: order.type === "limitMaker",
${hasHedge ? HEDGE_FIELDS : "    reduceOnly: order.reduceOnly,\n"}    clientOrderId: order.clientOrderId,
  };
}

${FACTS}

export const derivative: VenueDerivative = {
  requestExchangeInfo: ({ api, signal }) => api.send(publicRequest(constants.INSTRUMENTS_PATH_URL), signal),
  parseExchangeInfo,

${hasServerTime ? CHECK_BY_TIME : CHECK_BY_PING}

${ORDERS}

${ACCOUNT}
${hasHedge ? POSITION_MODE : ""}
  async tradingFees({ api, signal }) {
    const payload = await api.send(get(constants.FEES_PATH_URL), signal);
    const { makerFeeRate: makerPercentFee, takerFeeRate: takerPercentFee } = read("the fees", wireFees, payload);
    return { ...DEFAULT_FEES, makerPercentFee, takerPercentFee };
  },
};

export const venueModule: VenueModule = defineVenue({
  manifest,
  paths: {
    tradingRulesRequestPath: constants.INSTRUMENTS_PATH_URL,
    checkNetworkRequestPath: constants.${hasServerTime ? "SERVER_TIME_PATH_URL" : "PING_PATH_URL"},
  },
  createWebUtils,
  orderBookDataSource,
  userStreamDataSource,
  derivative,
  rateLimits: constants.RATE_LIMITS,
  createAuthenticator: createAuth,
  errors: { isOrderNotFoundDuringStatusUpdateError: isOrderNotFound },
});
`,
  );
}

const ORDER_IN_HEDGE = `  const isHedge = order.positionMode === "hedge";
  const isLong = (order.side === "buy") === (order.positionAction === "open");
`;

const HEDGE_FIELDS = `    // CHECK: in hedge mode the position side says what closes; some venues want \`reduceOnly\` as well, others refuse it.
    reduceOnly: isHedge ? undefined : order.reduceOnly,
    positionSide: isHedge ? (isLong ? "long" : "short") : undefined,
`;

const CHECK_BY_TIME = `  async checkNetwork(context) {
    await getCurrentServerTime(context);
  },`;

const CHECK_BY_PING = `  checkNetwork: async ({ api, signal }) => void (await api.send(publicRequest(constants.PING_PATH_URL), signal)),`;

const POSITION_MODE = `
  // CHECK: whether the mode is the account's or each market's.
  async setPositionMode(context, positionMode) {
    await send(context, constants.POSITION_MODE_PATH_URL, { mode: positionMode === "hedge" ? "hedge" : "one_way" });
  },

  async fetchPositionMode({ api, signal }) {
    const payload = await api.send(get(constants.POSITION_MODE_PATH_URL), signal);
    return read("the position mode", wireMode, payload).mode === "hedge" ? "hedge" : "oneWay";
  },
`;

/** The shapes of the payloads. */
const WIRE = `type Params = Readonly<Record<string, QueryValue>>;

// CHECK: the fields of every payload.
const text = z.string().min(1);
const positive = wireDecimal.refine((value) => value.gt(0), "must be positive");
const wireInstrument = z.object({
  symbol: text,
  baseCurrency: text,
  quoteCurrency: text,
  settleCurrency: text,
  tickSize: positive,
  stepSize: positive,
  minSize: wireDecimal,
  maxSize: optionalWireDecimal,
  minNotional: optionalWireDecimal,
  fundingIntervalHours: z.number().positive(),
});
const wirePlaced = z.object({ orderId: wireId, timestamp: wireTimeMs });
const wireRows = z.array(z.unknown());
const wirePagedRow = z.object({ id: wireId, timestamp: wireTimeMs });
/** Negative was paid. */
const wirePayment = z.object({
  id: wireId,
  asset: text,
  amount: wireDecimal,
  rate: optionalWireDecimal,
  timestamp: wireTimeMs,
});
const wireFees = z.object({ makerFeeRate: wireDecimal, takerFeeRate: wireDecimal });`;

/** Requests to the venue. */
const REQUESTS = `const get = (path: string, params?: Params): RestRequest => ({ ...publicRequest(path, params), isAuthRequired: true });

// CHECK: what counts against which limit.
function post(path: string, data: object, lane: Lane, limitId = constants.REQUESTS_LIMIT_ID): RestRequest {
  return { method: "POST", path, data, isAuthRequired: true, limitId, lane };
}

// CHECK: how the venue pages.
/**
 * Every row from \`sinceMs\` on, oldest first. A full page is followed by the one from its last row's time on; rows that
 * come twice are told by their ids.
 */
async function rowsSince(
  context: VenueContext,
  path: string,
  params: Params,
  sinceMs: number,
  kind: RowKind,
): Promise<unknown[]> {
  const what = \`a row of GET \${path}\`;
  const rows = new Map<string, { readonly timestamp: number; readonly row: unknown }>();
  const parse = (row: unknown) => ({ ...read(what, wirePagedRow, row), row });
  for (let startTime = Math.floor(sinceMs); ; ) {
    const request = get(path, { ...params, startTime, limit: constants.PAGE_SIZE });
    const listed = read(\`GET \${path}\`, wireRows, await context.api.send(request, context.signal));
    const page = await readList(what, listed, parse, context, kind);
    for (const row of page) rows.set(row.id, row);
    if (listed.length < constants.PAGE_SIZE) break;
    const lastTime = Math.max(...page.map(({ timestamp }) => timestamp));
    if (!(lastTime > startTime)) throw new ProtocolError(\`more rows of \${path} at one time than a page holds\`);
    startTime = lastTime;
  }
  return [...rows.values()].sort((a, b) => a.timestamp - b.timestamp).map(({ row }) => row);
}

async function listOf(context: VenueContext, path: string, params: Params = {}): Promise<readonly unknown[]> {
  return read(\`GET \${path}\`, wireRows, await context.api.send(get(path, params), context.signal));
}`;

/** Instruments. */
const MARKETS = `// CHECK: what tells perpetuals from everything else.
function isPerpetual(row: MarketRow): boolean {
  return row.type === "perpetual";
}

function parseMarket(payload: unknown): Market {
  const row = read("an instrument", wireInstrument, payload);
  const tradingPair = \`\${row.baseCurrency}-\${row.quoteCurrency}\`;
  return {
    tradingPair,
    symbol: row.symbol,
    baseAsset: row.baseCurrency,
    quoteAsset: row.quoteCurrency,
    fundingIntervalMs: row.fundingIntervalHours * 3_600_000,
    rule: {
      tradingPair,
      minOrderSize: row.minSize,
      maxOrderSize: row.maxSize,
      minPriceIncrement: row.tickSize,
      minBaseAmountIncrement: row.stepSize,
      minNotionalSize: row.minNotional ?? ZERO,
      // CHECK: whether sizes are base units; where they are contracts every amount is translated in this folder.
      contractSize: ONE,
      contractKind: "linear",
      buyOrderCollateralToken: row.settleCurrency,
      sellOrderCollateralToken: row.settleCurrency,
      supportsMarketOrders: true,
    },
  };
}

function parseExchangeInfo(exchangeInfo: unknown): ExchangeInfo {
  return readExchangeInfo({
    rows: read("the instruments", wireRows, exchangeInfo),
    isOffered: isPerpetual,
    symbolOf: (row) => wireText(row.symbol),
    // CHECK: the words of a market that trades now.
    isOpen: (row) => row.status === "trading",
    parse: parseMarket,
  });
}`;

/** Parsing of the answers. */
const FACTS = `/** The exchange's id where it is known, else the client's. */
function idsOf(markets: VenueMarkets, { tradingPair, exchangeOrderId: orderId, clientOrderId }: OrderReference) {
  const { symbol } = marketOf(markets, tradingPair);
  return orderId === undefined ? { symbol, clientOrderId } : { symbol, orderId };
}

function parsePlaced(payload: unknown) {
  const { orderId: exchangeOrderId, timestamp: timestampMs } = read("an accepted order", wirePlaced, payload);
  return { exchangeOrderId, timestampMs };
}

async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const request = get(constants.ORDERS_PATH_URL, idsOf(context.markets, order));
  const update = parseOrder(context.markets, await context.api.send(request, context.signal));
  if (update === undefined) throw new NotFoundError("the order is on a market that is not a known perpetual");
  return update;
}

function parsePayment(markets: VenueMarkets, payload: unknown): FundingPayment | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a funding payment", wirePayment, payload);
  const { id: paymentId, asset, amount, rate, timestamp: timestampMs } = row;
  return { paymentId, tradingPair: market.tradingPair, asset, amount, rate, timestampMs };
}

const PAYMENT_ROW: RowKind = { subject: "fundingPayment", symbol: "symbol" };

async function fundingPaymentsSince(context: VenueContext, sinceMs: number, symbol?: string) {
  const { markets } = context;
  const rows = await rowsSince(context, constants.FUNDING_PAYMENTS_PATH_URL, { symbol }, sinceMs, PAYMENT_ROW);
  return readList("a funding payment", rows, (row) => parsePayment(markets, row), context, PAYMENT_ROW);
}

async function fillsSince(context: VenueContext, params: Params, sinceMs: number) {
  const { markets } = context;
  const rows = await rowsSince(context, constants.FILLS_PATH_URL, params, sinceMs, ROWS.fills);
  return readList("a fill", rows, (row) => parseFill(markets, row), context, ROWS.fills);
}

async function send(context: VenueContext, path: string, data: object): Promise<void> {
  await context.api.send(post(path, data, "create"), context.signal);
}`;

/** Orders and fills. */
const ORDERS = `  placeOrder(markets, order) {
    const row = orderRow(markets, order);
    const request = post(constants.ORDERS_PATH_URL, row, "create", constants.ORDERS_LIMIT_ID);
    return { kind: "rest", request, parse: parsePlaced };
  },

  // CHECK: whether the answer confirms the end of the order; \`cancelsAreSynchronous\` in the manifest says the same.
  placeCancel(markets, order) {
    const params = idsOf(markets, order);
    const request: RestRequest = { ...get(constants.ORDERS_PATH_URL, params), method: "DELETE", lane: "cancel" };
    return { kind: "rest", request, parse: () => undefined };
  },

  requestOrderStatus,

  async allTradeUpdatesForOrder(context, order) {
    // CHECK: by which ids fills can be asked for; here by the exchange's, which the status tells where it is not known.
    const orderId = order.exchangeOrderId ?? (await requestOrderStatus(context, order)).exchangeOrderId;
    const params = { symbol: marketOf(context.markets, order.tradingPair).symbol, orderId };
    const fills = await fillsSince(context, params, order.createdAtMs - 60_000);
    return fills.map((fill) => ({ ...fill, clientOrderId: order.clientOrderId }));
  },

  // CHECK: whether one question answers for all markets; where each is asked for by itself, \`settleEach\` does it.
  tradesSince: (context, sinceMs) => fillsSince(context, {}, sinceMs),

  async fetchOpenOrders(context) {
    const rows = await listOf(context, constants.OPEN_ORDERS_PATH_URL);
    const { markets } = context;
    return readList("an open order", rows, (row) => parseOrder(markets, row)?.order, context, ROWS.orders);
  },`;

/** Balances, positions, payments. */
const ACCOUNT = `  async fetchBalances(context) {
    // The time of the question: an event with a later time may not be in the answer.
    const timestampMs = context.now();
    const rows = await listOf(context, constants.BALANCES_PATH_URL);
    const parse = (row: unknown) => parseBalance(row, timestampMs);
    const balances = await readList("a balance", rows, parse, context, ROWS.balances);
    const told = new Set(balances.map(({ asset }) => asset));
    // Assets that the account does not hold may be left out of the answer; collateral is known to be zero then, if all
    // was read.
    const isWhole = balances.length === rows.length;
    const empty = isWhole ? manifest.collateralTokens.filter((asset) => !told.has(asset)) : [];
    const zero = { type: "balance", total: ZERO, available: ZERO, timestampMs } as const;
    return [...balances, ...empty.map((asset) => ({ ...zero, asset }))];
  },

  async fetchPositions(context) {
    const timestampMs = context.now();
    const rows = await listOf(context, constants.POSITIONS_PATH_URL);
    const { markets } = context;
    const parse = (row: unknown) => parsePosition(markets, row, timestampMs);
    return readList("a position", rows, parse, context, ROWS.positions);
  },

  fetchFundingPayments: (context, sinceMs) => fundingPaymentsSince(context, sinceMs),

  async fetchLastFeePayment(context, tradingPair) {
    const { symbol, fundingIntervalMs } = marketOf(context.markets, tradingPair);
    return (await fundingPaymentsSince(context, context.now() - 2 * fundingIntervalMs, symbol)).at(-1);
  },

  fetchLastTradedPrice: async (context, tradingPair) =>
    wireDecimal.parse((await orderBookDataSource.fetchLastTradedPrices(context, [tradingPair])).get(tradingPair)),

  async setTradingPairLeverage(context, tradingPair, leverage) {
    const { symbol } = marketOf(context.markets, tradingPair);
    await send(context, constants.LEVERAGE_PATH_URL, { symbol, leverage: leverage.toFixed() });
  },`;
