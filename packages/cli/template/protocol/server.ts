import { formatAmount } from "../../../../src/paper/engine/amount.ts";
import type { MarketView } from "../../../../src/paper/engine/types.ts";
import type { FrameSink } from "../../../../src/paper/protocols/frame.ts";
import type {
  PaperProtocol,
  ProtocolConnection,
  ProtocolPorts,
  ProtocolTruth,
  ProtocolUrls,
} from "../../../../src/paper/protocols/paper-protocol.ts";
import type { ServerRequest, ServerResponse } from "../../../../src/runtime/runtime.ts";

/** Paths begin with this, so that they never meet those of another protocol on the same port. */
const BASE_PATH = "/acme";
const DEPTH = 100;

// CHECK: everything here against the documentation and not against the connector: each side checks the other.
/**
 * The server side of the protocol. It answers for markets, books and prices, and refuses everything else by its name until
 * it is written.
 */
export class AcmeServer implements PaperProtocol {
  readonly truth: ProtocolTruth;
  readonly #ports: ProtocolPorts;

  constructor(ports: ProtocolPorts) {
    const { firstId } = ports;
    this.#ports = ports;
    this.truth = {
      // It takes no orders yet.
      orders: () => [],
      orderId: (engineOrderId) => firstId + engineOrderId,
      fillId: ({ fillId }) => firstId + fillId,
      tradeId: ({ tradeId }) => firstId + tradeId,
      paymentId: ({ paymentId }) => firstId + paymentId,
    };
  }

  urls(authority: string): ProtocolUrls {
    return { rest: `http://${authority}${BASE_PATH}`, ws: `ws://${authority}${BASE_PATH}` };
  }

  ownsRequest(path: string): boolean {
    return path === BASE_PATH || path.startsWith(`${BASE_PATH}/`);
  }

  ownsConnection(target: string): boolean {
    return this.ownsRequest(target.split("?", 1)[0] ?? "");
  }

  answer({ method, target }: ServerRequest): ServerResponse {
    const { pathname, searchParams } = new URL(target, "http://paper.venue");
    const path = pathname.slice(BASE_PATH.length);
    const payload = method === "GET" ? this.#payload(path, searchParams.get("symbol")) : undefined;
    // <envelope>
    if (payload !== undefined) return respond(200, { code: 0, data: payload });
    // </envelope>
    return this.failure(501, `the paper venue does not speak ${method} ${path} yet`);
  }

  failure(status: number, message: string, headers: Readonly<Record<string, string>> = {}): ServerResponse {
    // <failure>
    return respond(status, { code: status, message }, headers);
    // </failure>
  }

  placesOrder({ method, target }: ServerRequest): boolean {
    return method === "POST" && target.startsWith(`${BASE_PATH}/v1/orders`);
  }

  connect(sink: FrameSink): ProtocolConnection {
    const send = (frame: object): void => sink.send({ channel: null, market: null, text: JSON.stringify(frame) });
    return {
      onText(text) {
        if (text === JSON.stringify({ op: "ping" })) send({ op: "pong" });
        else send({ success: false, message: `the paper venue does not speak ${text} yet` });
      },
      onClose: () => undefined,
    };
  }

  /** Nobody listens yet. */
  onEvents(): void {}

  announceRestart(): void {}

  stop(): void {}

  #payload(path: string, symbol: string | null): unknown {
    const { engine, now } = this.#ports;
    const market = engine.markets().find((each) => symbolOf(each) === symbol);
    switch (path) {
      // <sign-of-life>
      case "/v1/time":
        // </sign-of-life>
        return { serverTime: Math.floor(now()) };
      case "/v1/instruments":
        return engine.markets().map(instrumentObject);
      case "/v1/orderbook":
        return market && { ...bookObject(engine.book(market.spec.market, DEPTH)), timestamp: Math.floor(now()) };
      case "/v1/ticker":
        return market && { symbol, lastPrice: formatAmount(market.last ?? market.mark) };
      default:
        return undefined;
    }
  }
}

function respond(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): ServerResponse {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

function symbolOf({ spec }: MarketView): string {
  return `${spec.base}USDT`;
}

function instrumentObject(market: MarketView) {
  const { base, tick, lot, minSize, maxSize, minNotional, fundingIntervalMs } = market.spec;
  return {
    symbol: symbolOf(market),
    type: "perpetual",
    status: "trading",
    baseCurrency: base,
    quoteCurrency: "USDT",
    settleCurrency: "USDT",
    tickSize: formatAmount(tick),
    stepSize: formatAmount(lot),
    minSize: formatAmount(minSize),
    maxSize: formatAmount(maxSize),
    minNotional: formatAmount(minNotional),
    fundingIntervalHours: fundingIntervalMs / 3_600_000,
    // <contract-size>
    // </contract-size>
  };
}

type Levels = readonly (readonly [price: bigint, size: bigint])[];

function bookObject({ bids, asks }: { readonly bids: Levels; readonly asks: Levels }) {
  const levels = (side: Levels) => side.map(([price, size]) => [formatAmount(price), formatAmount(size)]);
  return { bids: levels(bids), asks: levels(asks) };
}
