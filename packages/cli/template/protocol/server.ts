import { formatAmount } from "../../../../src/paper/engine/amount.ts";
import type { EngineEvent, MarketView } from "../../../../src/paper/engine/types.ts";
import type { ApiKey } from "../../../../src/paper/protocols/accounts.ts";
import type { FrameSink } from "../../../../src/paper/protocols/frame.ts";
import type {
  PaperProtocol,
  ProtocolConnection,
  ProtocolPorts,
  ProtocolTruth,
  ProtocolUrls,
} from "../../../../src/paper/protocols/paper-protocol.ts";
import type { ServerRequest, ServerResponse } from "../../../../src/runtime/runtime.ts";
import { AcmeConnection } from "./connection.ts";
import { MarketChannels, symbolOf } from "./market-channels.ts";

/** Paths begin with this, so that they never meet those of another protocol on the same port. */
const BASE_PATH = "/acme";

// CHECK: everything here against the documentation and not against the connector: each side checks the other.
/** The server side of the protocol. It tells of markets, and refuses everything else by its name until it is written. */
export class AcmeServer implements PaperProtocol {
  readonly truth: ProtocolTruth;
  readonly #ports: ProtocolPorts;
  readonly #channels: MarketChannels;

  constructor(ports: ProtocolPorts) {
    const { firstId } = ports;
    this.#ports = ports;
    this.#channels = new MarketChannels(ports, ports.timers);
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

  /** CHECK: what clients name beside key and secret, and its form: here a user is its name. */
  credentialsOf(key: ApiKey): Readonly<Record<string, string>> {
    return {
      // <credentials>
      apiKey: key.apiKey,
      apiSecret: key.apiSecret,
      // </credentials>
    };
  }

  ownsRequest(path: string): boolean {
    return path === BASE_PATH || path.startsWith(`${BASE_PATH}/`);
  }

  ownsConnection(target: string): boolean {
    return this.ownsRequest(target.split("?", 1)[0] ?? "");
  }

  answer(request: ServerRequest): ServerResponse {
    const { method } = request;
    const { pathname, searchParams } = new URL(request.target, "http://paper.venue");
    const path = pathname.slice(BASE_PATH.length);
    // <stream-address>
    // </stream-address>
    const payload = method === "GET" ? this.#payload(path, searchParams.get("symbol")) : undefined;
    return payload === undefined ? this.#notSpoken(method, path) : respond(200, good(payload));
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
    const { faults, timers, now } = this.#ports;
    return new AcmeConnection({ channels: this.#channels, faults, sink, timers, now });
  }

  onEvents(events: readonly EngineEvent[]): void {
    this.#channels.onEvents(events);
  }

  announceRestart(): void {}

  stop(): void {
    this.#channels.stop();
  }

  #notSpoken(method: string, path: string): ServerResponse {
    return this.failure(501, `the paper venue does not speak ${method} ${path} yet`);
  }

  #payload(path: string, symbol: string | null): unknown {
    const { engine, now } = this.#ports;
    const market = this.#channels.market(symbol);
    switch (path) {
      // <sign-of-life>
      case "/v1/time":
        // </sign-of-life>
        return { serverTime: Math.floor(now()) };
      case "/v1/instruments":
        return engine.markets().map(instrumentObject);
      case "/v1/orderbook":
        return market && this.#channels.orderBook(market);
      case "/v1/funding":
        return market && this.#channels.fundingObject(market);
      case "/v1/ticker":
        return market && { symbol, lastPrice: formatAmount(market.last ?? market.mark) };
      default:
        return undefined;
    }
  }
}

// <good>
const good = (payload: unknown) => ({ code: 0, data: payload });
// </good>

function respond(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): ServerResponse {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
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
