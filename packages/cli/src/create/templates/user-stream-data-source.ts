import type { Target, VenueChoices } from "../choices.ts";
import { source } from "../source.ts";

/** `user-stream-data-source.ts`: the private stream, and the rows that it shares with REST. */
export function userStreamDataSourceFile({ access, positionModes }: VenueChoices, target: Target): string {
  const isLogin = access === "login";
  const hasHedge = positionModes === "hedge";
  const imports = [
    { module: "zod", names: ["z"] },
    {
      module: "account/venue-user-stream-data-source",
      names: ["type PrivateFrameKind", "type VenueUserStreamDataSource"],
    },
    {
      module: "model/account-update",
      names: [
        "type AccountUpdate",
        "type BalanceUpdate",
        "type OrderUpdate",
        "type PositionUpdate",
        "type TradeUpdate",
      ],
    },
    { module: "model/decimal", names: ["type Decimal"] },
    { module: "model/error", names: ["ProtocolError"] },
    { module: "model/fee", names: ["flatFee"] },
    { module: "model/market", names: ["type Market"] },
    { module: "model/order", names: ["type VenueOrder"] },
    { module: "model/venue-markets", names: ["type VenueMarkets"] },
    { module: "net/rows", names: ["type RowKind", "readRows"] },
    { module: "net/venue-api", names: [!isLogin && "type VenueContext"] },
    { module: "net/wire", names: ["optionalWireDecimal", "wireDecimal", "wireId", "wireTimeMs"] },
    { module: "./constants", namespace: "constants" },
    { module: "./web-utils", names: ["isFrame", !isLogin && "publicRequest", "read"] },
  ];
  return source(
    target,
    imports,
    `
${WIRE}
const wirePosition = z.object({
${hasHedge ? '  positionSide: z.enum(["both", "long", "short"]),\n' : ""}  /** Negative is short. */
  size: wireDecimal,
  entryPrice: optionalWireDecimal,
  unrealizedPnl: optionalWireDecimal,
  leverage: optionalWireDecimal,
  liquidationPrice: optionalWireDecimal,
  markPrice: optionalWireDecimal,
});
const wireBalance = z.object({ asset: z.string(), total: wireDecimal, available: wireDecimal });
${isLogin ? "" : "const wireListenKey = z.object({ listenKey: z.string().min(1) });\n"}
${ORDERS}

export function parsePosition(
  markets: VenueMarkets,
  payload: unknown,
  timestampMs: number,
): PositionUpdate | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a position", wirePosition, payload);
  return {
    type: "position",
    tradingPair: market.tradingPair,
    side: ${hasHedge ? "row.positionSide" : '"both"'},
    amount: row.size,
    entryPrice: positive(row.entryPrice),
    unrealizedPnl: row.unrealizedPnl,
    leverage: positive(row.leverage),
    liquidationPrice: positive(row.liquidationPrice),
    markPrice: positive(row.markPrice),
    timestampMs,
  };
}

${ROWS}
${isLogin ? "" : LISTEN_KEY_REQUEST}
export const userStreamDataSource: VenueUserStreamDataSource = {
${isLogin ? LOGIN : LISTEN_KEY}

  // CHECK: how answers and errors look${isLogin ? "" : ", and the frame that says that the listen key has expired"}.
  channelOriginatingMessage(message): PrivateFrameKind {
    if (!isFrame(message)) return "unknown";
    if (channelOf(message.channel) !== undefined && message.op === undefined) return "update";
    if (message.op === "pong") return "pong";
${isLogin ? LOGIN_KINDS : LISTEN_KEY_KINDS}
    return message.success === false ? "error" : "unknown";
  },

${FRAMES}
`,
  );
}

const LOGIN = `  loginIsAcknowledged: true,

  // CHECK: which channels say something at every fill: one that is silent then is taken to be dead.
  channels: constants.PRIVATE_CHANNELS.map((name) => ({ name, followsFills: name === "orders" || name === "fills" })),
  subscribeChannels: (_markets, channels = constants.PRIVATE_CHANNELS) =>
    channels.map((channel) => ({ op: "subscribe", channel })),
  unsubscribeChannels: (_markets, channels) => channels.map((channel) => ({ op: "unsubscribe", channel })),
  channelOf: (message) => (isFrame(message) ? channelOf(message.channel) : undefined),

  // CHECK: whether a refusal names the channel that it is about.
  subscriptionAnswer(message) {
    if (!isFrame(message) || (message.op !== "subscribe" && message.op !== "unsubscribe")) return undefined;
    const { op: operation } = message;
    const named = channelOf(message.channel);
    const channels = named === undefined ? [] : [named];
    if (message.success === true) return { isAccepted: true, operation, channels };
    return { isAccepted: false, operation, channels, reason: String(message.message ?? "no text") };
  },`;

const LOGIN_KINDS = `    if (message.op === "login") return message.success === true ? "authenticated" : "authFailed";
    if (message.op === "subscribe") return message.success === true ? "subscribed" : "error";
    if (message.op === "unsubscribe") return message.success === true ? "ignored" : "error";`;

const LISTEN_KEY_REQUEST = `
function sendListenKeyRequest({ api, signal }: VenueContext, method: "POST" | "PUT", listenKey?: string) {
  const request = { ...publicRequest(constants.LISTEN_KEY_PATH_URL, { listenKey }), method, isAuthRequired: true };
  return api.send({ ...request, lane: "create" }, signal);
}
`;

const LISTEN_KEY = `  listenKey: {
    keepAliveIntervalMs: constants.LISTEN_KEY_KEEP_ALIVE_MS,
    validForMs: constants.LISTEN_KEY_VALID_MS,
    fetchListenKey: async (context) =>
      read("a listen key", wireListenKey, await sendListenKeyRequest(context, "POST")).listenKey,
    async pingListenKey(context, listenKey) {
      await sendListenKeyRequest(context, "PUT", listenKey);
    },
  },
  loginIsAcknowledged: false,
  // Everything of the account comes without being asked for.
  subscribeChannels: () => [],`;

const LISTEN_KEY_KINDS = `    if (message.op === "listenKeyExpired") return "listenKeyExpired";`;

/** The shapes of orders and fills. */
const WIRE = `// The rows of the private stream are those of REST: both come through these functions. A row of an unknown market is
// undefined; one that cannot be read is left out and reported with what these fields say of whose it is.

// CHECK: the names of the fields; leave out one that the rows do not have.
const ids = { clientOrderId: "clientOrderId", exchangeOrderId: "orderId", symbol: "symbol" };
export const ROWS = {
  orders: { subject: "order", ...ids },
  fills: { subject: "fill", ...ids },
  positions: { subject: "position", symbol: "symbol" },
  balances: { subject: "balance", asset: "asset" },
} as const satisfies Readonly<Record<(typeof constants.PRIVATE_CHANNELS)[number], RowKind>>;

// CHECK: the fields of every row.
const wireOrder = z.object({
  orderId: wireId,
  clientOrderId: z.string().nullish(),
  side: z.enum(["buy", "sell"]),
  type: z.enum(["limit", "market"]),
  postOnly: z.boolean().nullish(),
  reduceOnly: z.boolean().nullish(),
  timeInForce: z.string().nullish(),
  price: optionalWireDecimal,
  size: wireDecimal,
  filledSize: wireDecimal,
  averagePrice: optionalWireDecimal,
  status: z.string(),
  createdTime: wireTimeMs,
  updatedTime: wireTimeMs,
});
const wireFill = z.object({
  id: wireId,
  orderId: wireId,
  clientOrderId: z.string().nullish(),
  side: z.enum(["buy", "sell"]),
  price: wireDecimal,
  size: wireDecimal,
  /** Positive is paid. */
  fee: wireDecimal,
  feeCurrency: z.string(),
  liquidity: z.enum(["maker", "taker"]),
  timestamp: wireTimeMs,
});`;

/** Orders and fills. */
const ORDERS = `const wireMarketRow = z.object({ symbol: z.string() });

/** The market that a row is about. */
export function rowMarket(markets: VenueMarkets, row: unknown): Market | undefined {
  return markets.bySymbol.get(read("a row", wireMarketRow, row).symbol);
}

/** Zero means none: of a market order, of an order without a fill, of a flat position. */
const positive = (value: Decimal | undefined): Decimal | undefined => (value?.gt(0) === true ? value : undefined);

/** An order and its whole self, which tells those that are not ours. */
export function parseOrder(
  markets: VenueMarkets,
  payload: unknown,
): (OrderUpdate & { readonly order: VenueOrder }) | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("an order", wireOrder, payload);
  const state = constants.ORDER_STATE[row.status];
  if (state === undefined) {
    throw new ProtocolError(\`there is no documented order status \${row.status}\`, { venue: constants.VENUE });
  }
  const type = row.type === "market" ? "market" : row.postOnly === true ? "limitMaker" : "limit";
  const isImmediate = row.timeInForce === "IOC" || row.timeInForce === "FOK";
  const common = {
    tradingPair: market.tradingPair,
    clientOrderId: row.clientOrderId || undefined,
    exchangeOrderId: row.orderId,
    state,
    executedAmount: row.filledSize,
    averagePrice: positive(row.averagePrice),
  };
  const terms = { side: row.side, type, price: positive(row.price), amount: row.size } as const;
  const reduceOnly = row.reduceOnly === true;
  return {
    type: "order",
    ...common,
    // CHECK: whether the venue says why an order ended; \`reason\` takes that.
    inferredReason: isImmediate ? "iocRemainder" : undefined,
    timestampMs: row.updatedTime,
    order: { ...common, ...terms, reduceOnly, timestampMs: row.createdTime },
  };
}

// CHECK: how liquidations and auto-deleveraging are told: they are position adjustments, not fills of ours.
export function parseFill(markets: VenueMarkets, payload: unknown): TradeUpdate | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a fill", wireFill, payload);
  return {
    type: "trade",
    fillId: row.id,
    tradingPair: market.tradingPair,
    clientOrderId: row.clientOrderId || undefined,
    exchangeOrderId: row.orderId,
    side: row.side,
    price: row.price,
    amount: row.size,
    fee: flatFee(row.feeCurrency, row.fee),
    isMaker: row.liquidity === "maker",
    timestampMs: row.timestamp,
  };
}`;

/** Balances, and rows by channel. */
const ROWS = `export function parseBalance(payload: unknown, timestampMs: number): BalanceUpdate {
  return { type: "balance", ...read("a balance", wireBalance, payload), timestampMs };
}

type Channel = (typeof constants.PRIVATE_CHANNELS)[number];
const channelOf = (channel: unknown): Channel | undefined =>
  constants.PRIVATE_CHANNELS.find((known) => known === channel);

function parseRow(
  markets: VenueMarkets,
  channel: Channel,
  row: unknown,
  timestampMs: number,
): AccountUpdate | undefined {
  switch (channel) {
    case "orders":
      return parseOrder(markets, row);
    case "fills":
      return parseFill(markets, row);
    case "positions":
      return parsePosition(markets, row, timestampMs);
    case "balances":
      return parseBalance(row, timestampMs);
  }
}`;

/** Parsing of a frame. */
const FRAMES = `  parseUserStreamMessage(markets, message, onUnreadable): readonly AccountUpdate[] {
    const channel = isFrame(message) ? channelOf(message.channel) : undefined;
    if (channel === undefined || !isFrame(message)) return [];
    const timestampMs = read("the time of a frame", wireTimeMs, message.timestamp);
    const rows = read(\`a frame of \${channel}\`, z.array(z.unknown()), message.data);
    const parse = (row: unknown) => parseRow(markets, channel, row, timestampMs);
    return readRows(\`a row of \${channel}\`, rows, parse, onUnreadable, ROWS[channel]);
  },
};`;
