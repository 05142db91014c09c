import { pascalCase, type VenueChoices } from "../choices.ts";
import { source } from "../source.ts";

const FINE: Readonly<Record<VenueChoices["envelope"], string>> = {
  code: "{ code: 0, data: payload }",
  success: "{ success: true, result: payload }",
  bare: "payload",
};
const FAILED: Readonly<Record<VenueChoices["envelope"], string>> = {
  code: "{ code: status, message }",
  success: "{ success: false, code: status, message }",
  bare: "{ code: status, message }",
};

/** `src/paper/protocols/<name>/server.ts`: the venue's protocol in front of the paper engine, as far as it is known. */
export function paperServerFile({ name, displayName, envelope, hasServerTime, ...choices }: VenueChoices): string {
  const [, quote = "USDT"] = choices.exampleTradingPair.split("-");
  const imports = [
    { module: "runtime/runtime", names: ["type ServerRequest", "type ServerResponse"] },
    { module: "../../engine/amount.ts", names: ["formatAmount"] },
    { module: "../../engine/types.ts", names: ["type MarketView"] },
    { module: "../frame.ts", names: ["type FrameSink"] },
    {
      module: "../paper-protocol.ts",
      names: [
        "type ProtocolConnection",
        "type ProtocolPorts",
        "type ProtocolTruth",
        "type ProtocolUrls",
        "type PaperProtocol",
      ],
    },
  ];
  return source(
    "repository",
    imports,
    `
/** Paths begin with this, so that they never meet those of another protocol on the same port. */
const BASE_PATH = "/${name}";
const DEPTH = 100;

// CHECK: as the connector has them, from the documentation and not from the connector: each side checks the other.
/**
 * The server side of ${displayName}'s protocol. It answers what is known and refuses everything else by its name. Once it
 * speaks enough to trade, a row in \`apis.ts\` makes it part of \`perpwire venue\`.
 */
export class ${pascalCase(name)}Server implements PaperProtocol {
  readonly truth: ProtocolTruth;
  readonly #ports: ProtocolPorts;

${TRUTH}

${OWNERSHIP}

  answer({ method, target }: ServerRequest): ServerResponse {
    const { pathname, searchParams } = new URL(target, "http://paper.venue");
    const path = pathname.slice(BASE_PATH.length);
    const payload = method === "GET" ? this.#payload(path, searchParams.get("symbol")) : undefined;
    if (payload !== undefined) return respond(200, ${FINE[envelope]});
    return this.failure(501, \`the paper venue does not speak \${method} \${path} yet\`);
  }

  failure(status: number, message: string, headers: Readonly<Record<string, string>> = {}): ServerResponse {
    return respond(status, ${FAILED[envelope]}, headers);
  }

  placesOrder({ method, target }: ServerRequest): boolean {
    return method === "POST" && target.startsWith(\`\${BASE_PATH}/v1/orders\`);
  }

${CONNECTION}

  #payload(path: string, symbol: string | null): unknown {
    const { engine, now } = this.#ports;
    const market = engine.markets().find((each) => symbolOf(each) === symbol);
    switch (path) {
      case ${hasServerTime ? '"/v1/time"' : '"/v1/ping"'}:
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
  return \`\${spec.base}${quote}\`;
}

function instrumentObject(market: MarketView) {
  const { base, tick, lot, minSize, maxSize, minNotional, fundingIntervalMs } = market.spec;
  return {
    symbol: symbolOf(market),
    type: "perpetual",
    status: "trading",
    baseCurrency: base,
    quoteCurrency: "${quote}",
    settleCurrency: "${quote}",
    tickSize: formatAmount(tick),
    stepSize: formatAmount(lot),
    minSize: formatAmount(minSize),
    maxSize: formatAmount(maxSize),
    minNotional: formatAmount(minNotional),
    fundingIntervalHours: fundingIntervalMs / 3_600_000,
  };
}

${BOOK}
`,
    "../../../",
  );
}

/** Recognition of the protocol's requests and connections. */
const OWNERSHIP = `  urls(authority: string): ProtocolUrls {
    return { rest: \`http://\${authority}\${BASE_PATH}\`, ws: \`ws://\${authority}\${BASE_PATH}\` };
  }

  ownsRequest(path: string): boolean {
    return path === BASE_PATH || path.startsWith(\`\${BASE_PATH}/\`);
  }

  ownsConnection(target: string): boolean {
    return this.ownsRequest(target.split("?", 1)[0] ?? "");
  }`;

/** A socket that refuses by name. */
const CONNECTION = `  connect(sink: FrameSink): ProtocolConnection {
    const send = (frame: object): void => sink.send({ channel: null, market: null, text: JSON.stringify(frame) });
    return {
      onText(text) {
        if (text === JSON.stringify({ op: "ping" })) send({ op: "pong" });
        else send({ success: false, message: \`the paper venue does not speak \${text} yet\` });
      },
      onClose: () => undefined,
    };
  }

  /** Nobody listens yet. */
  onEvents(): void {}

  announceRestart(): void {}

  stop(): void {}`;

/** Nothing to tell yet. */
const TRUTH = `  constructor(ports: ProtocolPorts) {
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
  }`;

/** The book's levels. */
const BOOK = `type Levels = readonly (readonly [price: bigint, size: bigint])[];

function bookObject({ bids, asks }: { readonly bids: Levels; readonly asks: Levels }) {
  const levels = (side: Levels) => side.map(([price, size]) => [formatAmount(price), formatAmount(size)]);
  return { bids: levels(bids), asks: levels(asks) };
}`;
