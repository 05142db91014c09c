import type { Target, VenueChoices } from "../choices.ts";
import { source } from "../source.ts";

interface Continuity {
  /** The fields of a message that prove it, with the frame's field for each. */
  readonly ids: Readonly<Record<string, string>>;
  readonly snapshotSource: "stream" | "rest";
}

const SEQUENCE = { sequence: "updateId" };
const LINKED = { sequence: "updateId", previousSequence: "previousUpdateId" };
const CONTINUITY: Readonly<Record<VenueChoices["continuity"], Continuity>> = {
  "previous-id-stream": { ids: LINKED, snapshotSource: "stream" },
  "previous-id-rest": { ids: LINKED, snapshotSource: "rest" },
  "contiguous-stream": { ids: SEQUENCE, snapshotSource: "stream" },
  "contiguous-rest": { ids: SEQUENCE, snapshotSource: "rest" },
  checksum: { ids: { checksum: "checksum" }, snapshotSource: "stream" },
};

/** `order-book-data-source.ts`: the public channels and requests. */
export function orderBookDataSourceFile({ continuity }: VenueChoices, target: Target): string {
  const { ids, snapshotSource } = CONTINUITY[continuity];
  const isStream = snapshotSource === "stream";
  const fields = Object.keys(ids);
  // A snapshot of its own has no message before it.
  const required = fields.filter((field) => field !== "previousSequence");
  const imports = [
    { module: "zod", names: ["z"] },
    { module: "market-data/book-frame", names: ["type BookFrame"] },
    { module: "market-data/frame-checks", names: ["pushLevels"] },
    {
      module: "market-data/venue-order-book-data-source",
      names: ["type PublicAnswer", "type PublicChannel", "type PublicFrameKind", "type VenueOrderBookDataSource"],
    },
    { module: "model/error", names: ["ProtocolError"] },
    { module: "model/funding", names: ["type FundingInfo"] },
    { module: "model/market", names: ["type PublicTrade", "type TradingPair"] },
    { module: "model/venue-markets", names: ["marketOf", "type VenueMarkets"] },
    { module: "net/fan-out", names: ["settleInTurn"] },
    { module: "net/rows", names: ["readRows"] },
    { module: "net/venue-api", names: ["type VenueContext"] },
    { module: "net/wire", names: ["wireDecimal", "wireId", "wireTimeMs"] },
    { module: "./constants", namespace: "constants" },
    { module: "./web-utils", names: ["isFrame", "publicRequest", "read"] },
  ];
  return source(
    target,
    imports,
    `
// CHECK: markPrice, indexPrice and fundingRate in the place of fundingInfo where the venue has a channel for each.
const CHANNELS = {
  orderBook: constants.ORDER_BOOK_CHANNEL,
  trades: constants.TRADES_CHANNEL,
  fundingInfo: constants.FUNDING_INFO_CHANNEL,
} as const;
const CHANNEL_NAMES = ["orderBook", "trades", "fundingInfo"] as const;

// CHECK: the fields of every payload; the book's are read without a schema, because it is the hot path.
type Levels = readonly unknown[];
interface BookData {
  readonly bids: Levels;
  readonly asks: Levels;
${fields.map((field) => `  readonly ${field}${required.includes(field) ? "" : "?"}: number;`).join("\n")}
}
const wireLevels = z.array(z.unknown());
const wireBook = z.object({
  bids: wireLevels,
  asks: wireLevels,
  timestamp: wireTimeMs,${isStream ? "" : `\n  sequence: z.number(),`}
});
${WIRE}

function isBookData(data: unknown): data is BookData {
  if (typeof data !== "object" || data === null) return false;
  const book = data as Partial<Record<keyof BookData, unknown>>;
  return Array.isArray(book.bids) && Array.isArray(book.asks)${required.map((field) => ` && Number.isInteger(book.${field})`).join("")};
}

function fillLevels(frame: BookFrame, { bids, asks }: Pick<BookData, "bids" | "asks">): void {
  pushLevels(frame.bids, bids);
  pushLevels(frame.asks, asks);
}

function parseBook(markets: VenueMarkets, message: unknown, frame: BookFrame, kind: BookFrame["kind"]): boolean {
  if (!isFrame(message) || typeof message.timestamp !== "number" || !isBookData(message.data))
    throw new ProtocolError("an order book frame without time, bids, asks or ${required.join(" or ")}");
  const market = markets.bySymbol.get(String(message.symbol));
  if (market === undefined) return false;
  frame.kind = kind;
  frame.tradingPair = market.tradingPair;
  frame.timestampMs = message.timestamp;
${fields.map((field) => `  frame.${ids[field]} = message.data.${field}${required.includes(field) ? "" : " ?? Number.NaN"};`).join("\n")}
  fillLevels(frame, message.data);
  return true;
}

${FUNDING_AND_REQUESTS}

export const orderBookDataSource: VenueOrderBookDataSource = {
  channels: (_markets, tradingPair) => CHANNEL_NAMES.map((name) => ({ name, tradingPair, socket: "public" })),

  subscribeChannels: (markets, channels) => channelRequest(markets, "subscribe", channels),
  unsubscribeChannels: (markets, channels) => channelRequest(markets, "unsubscribe", channels),
  subscriptionAnswer,

  // CHECK: how answers and errors look.
  channelOriginatingMessage(message): PublicFrameKind {
    if (!isFrame(message)) return "unknown";
    if (message.op === "pong") return "pong";
    if (message.success === false) return "error";
    if (message.op === "subscribe" || message.op === "unsubscribe") return \`\${message.op}d\`;
    switch (message.channel) {
      case constants.ORDER_BOOK_CHANNEL:
${isStream ? '        return message.type === "snapshot" ? "orderBookSnapshot" : "orderBookDiff";' : '        return "orderBookDiff";'}
      case constants.TRADES_CHANNEL:
        return "trade";
      case constants.FUNDING_INFO_CHANNEL:
        return "fundingInfo";
      default:
        return "unknown";
    }
  },

  tradingPairOf(markets, message) {
    if (!isFrame(message) || typeof message.symbol !== "string") return undefined;
    return markets.bySymbol.get(message.symbol)?.tradingPair;
  },

  parseOrderBookDiffMessage: (markets, message, frame) => parseBook(markets, message, frame, "diff"),
${isStream ? "" : "  /** Snapshots come over REST only. */\n"}  parseOrderBookSnapshotMessage: ${isStream ? '(markets, message, frame) => parseBook(markets, message, frame, "snapshot")' : "() => false"},

${TRADES_AND_FUNDING}

  async requestOrderBookSnapshot(context, tradingPair, frame) {
    const { symbol } = marketOf(context.markets, tradingPair);
    const request = publicRequest(constants.ORDER_BOOK_PATH_URL, { symbol, depth: constants.ORDER_BOOK_DEPTH });
    const book = read("an order book", wireBook, await context.api.send(request, context.signal));
    frame.kind = "snapshot";
    frame.tradingPair = tradingPair;
    frame.timestampMs = book.timestamp;
    frame.depth = constants.ORDER_BOOK_DEPTH;
${isStream ? "" : "    frame.updateId = book.sequence;\n"}    fillLevels(frame, book);
  },

${LAST_PRICES}
`,
  );
}

/** The shapes of the other payloads. */
const WIRE = `const wireTrade = z.object({
  id: wireId,
  /** The taker's. */
  side: z.enum(["buy", "sell"]),
  price: wireDecimal,
  size: wireDecimal,
  timestamp: wireTimeMs,
});
const wireFundingInfo = z.object({
  symbol: z.string(),
  indexPrice: wireDecimal,
  markPrice: wireDecimal,
  fundingRate: wireDecimal,
  nextFundingTime: wireTimeMs,
  timestamp: wireTimeMs,
});
const wireTicker = z.object({ lastPrice: wireDecimal });`;

/** Funding info, and what subscribes. */
const FUNDING_AND_REQUESTS = `function parseFundingInfo(markets: VenueMarkets, payload: unknown): FundingInfo | undefined {
  const row = read("funding info", wireFundingInfo, payload);
  const tradingPair = markets.bySymbol.get(row.symbol)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const { indexPrice, markPrice, fundingRate: rate, nextFundingTime: nextFundingTimestampMs, timestamp } = row;
  // CHECK: whether the rate is an estimate of the next settlement or that of the last one.
  const kind = "predicted";
  return { tradingPair, indexPrice, markPrice, rate, nextFundingTimestampMs, kind, timestampMs: timestamp };
}

async function fetchFundingInfo(context: VenueContext, tradingPair: TradingPair): Promise<FundingInfo> {
  const { symbol } = marketOf(context.markets, tradingPair);
  const payload = await context.api.send(publicRequest(constants.FUNDING_INFO_PATH_URL, { symbol }), context.signal);
  const info = parseFundingInfo(context.markets, payload);
  if (info?.tradingPair === tradingPair) return info;
  throw new ProtocolError(\`the funding info of \${tradingPair} is of another market\`, { venue: constants.VENUE });
}

// CHECK: the frames that subscribe, and how many channels one may name.
function channelRequest(markets: VenueMarkets, op: "subscribe" | "unsubscribe", channels: readonly PublicChannel[]) {
  return channels.flatMap(({ name, tradingPair }) => {
    const own = CHANNEL_NAMES.find((known) => known === name);
    return own === undefined ? [] : { op, channel: CHANNELS[own], symbol: marketOf(markets, tradingPair).symbol };
  });
}

// CHECK: whether a refusal names the channels that it is about, and whether it refuses the others of its request too.
function subscriptionAnswer(markets: VenueMarkets, message: unknown): PublicAnswer | undefined {
  if (!isFrame(message) || (message.op !== "subscribe" && message.op !== "unsubscribe")) return undefined;
  const { op: operation, channel, symbol } = message;
  const tradingPair = markets.bySymbol.get(String(symbol))?.tradingPair;
  const name = CHANNEL_NAMES.find((known) => CHANNELS[known] === channel);
  const channels = name === undefined || tradingPair === undefined ? [] : [{ name, tradingPair }];
  if (message.success === true) return { isAccepted: true, operation, channels };
  return { isAccepted: false, operation, channels, reason: String(message.message ?? "no text") };
}`;

/** Trades and funding info of the stream. */
const TRADES_AND_FUNDING = `  parseTradeMessage(markets, message, onUnreadable): readonly PublicTrade[] {
    if (!isFrame(message)) return [];
    const tradingPair = markets.bySymbol.get(String(message.symbol))?.tradingPair;
    const rows = read("a trades frame", z.array(z.unknown()), message.data);
    if (tradingPair === undefined) return [];
    const parse = (row: unknown): PublicTrade => {
      const { id: tradeId, side, price, size: amount, timestamp: timestampMs } = read("a trade", wireTrade, row);
      // CHECK: whether the channel tells liquidations apart.
      return { tradingPair, tradeId, side, price, amount, timestampMs, liquidation: false };
    };
    return readRows("a trade", rows, parse, onUnreadable);
  },

  parseFundingInfoMessage: (markets, message) =>
    isFrame(message) ? parseFundingInfo(markets, message.data) : undefined,`;

/** Last traded prices. */
const LAST_PRICES = `  fetchFundingInfo,

  async fetchLastTradedPrices(context, tradingPairs) {
    const prices = new Map<TradingPair, string>();
    await settleInTurn(context, tradingPairs, async (tradingPair) => {
      const { symbol } = marketOf(context.markets, tradingPair);
      const payload = await context.api.send(publicRequest(constants.TICKER_PATH_URL, { symbol }), context.signal);
      prices.set(tradingPair, read("a ticker", wireTicker, payload).lastPrice.toFixed());
    });
    return prices;
  },
};`;
