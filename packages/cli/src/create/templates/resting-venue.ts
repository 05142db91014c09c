import type { VenueChoices } from "../choices.ts";

const WRAPPED: Readonly<Record<VenueChoices["envelope"], string>> = {
  code: '({ code: 0, message: "", data: payload })',
  success: "({ success: true, result: payload })",
  bare: "payload",
};

/** CRC-32 of "5000.5:10:5001:6:4995:5", the levels below. */
const CHECKSUM = 2_476_850_846;

const IDS: Readonly<Record<VenueChoices["continuity"], string>> = {
  "previous-id-stream": "  sequence: 100,\n  previousSequence: 99,\n",
  "previous-id-rest": "  sequence: 100,\n  previousSequence: 99,\n",
  "contiguous-stream": "  sequence: 100,\n",
  "contiguous-rest": "  sequence: 100,\n",
  checksum: `  checksum: ${CHECKSUM},\n`,
};

/** Beginning of the fixtures: the venue at rest, in the shapes that the generated files guess. */
export function restingConstants(choices: VenueChoices): string {
  const { continuity, exampleTradingPair } = choices;
  const [base = "", quote = ""] = exampleTradingPair.split("-");
  return `// The venue at rest, as its files guess it. CHECK: with payloads of its documentation.
const START = 1_767_225_600_000;
const ok = (payload: unknown): unknown => ${WRAPPED[choices.envelope]};
const get = (path: string, payload: unknown, params?: Route["params"]): Route => {
  return { method: "GET", path, params, body: ok(payload) };
};
const INSTRUMENT = {
  symbol: "${base}${quote}",
  type: "perpetual",
  status: "trading",
  baseCurrency: "${base}",
  quoteCurrency: "${quote}",
  settleCurrency: "${quote}",
  tickSize: "0.5",
  stepSize: "0.0001",
  minSize: "0.001",
  maxSize: "1000",
  minNotional: "5",
  fundingIntervalHours: 8,
};
const OTHER = { ...INSTRUMENT, symbol: "${otherBase(choices)}${quote}", baseCurrency: "${otherBase(choices)}" };
const BOOK = {
  bids: [
    ["5000.5", "10"],
    ["4995", "5"],
  ],
  asks: [["5001", "6"]],
  timestamp: START,
${IDS[continuity]}};
const FUNDING = {
  symbol: INSTRUMENT.symbol,
  indexPrice: "4999.25",
  markPrice: "5000.75",
  fundingRate: "0.000011",
  nextFundingTime: START + 3_600_000,
  timestamp: START,
};
const POSITION = { symbol: INSTRUMENT.symbol, ${choices.positionModes === "hedge" ? 'positionSide: "both", ' : ""}size: "0", leverage: "10" };`;
}

/** A second market with the same quote asset. */
export function otherBase({ exampleTradingPair }: VenueChoices): string {
  return exampleTradingPair.startsWith("ETH-") ? "BTC" : "ETH";
}

/** The fixtures \`socket\` and \`restingRoutes\`. */
export function restingFixtures(choices: VenueChoices): string {
  const { access, continuity, hasServerTime, positionModes, exampleTradingPair } = choices;
  const [, quote = ""] = exampleTradingPair.split("-");
  const isFromRest = continuity.endsWith("-rest");
  return `  socket: {
    answers: [
      { to: { op: "ping" }, with: [{ op: "pong" }] },
${access === "login" ? LOGIN : ""}      {
        to: { op: "*", symbol: "*" },
        with: [{ op: "{frame.op}", channel: "{frame.channel}", symbol: "{frame.symbol}", success: true }],
      },
${isFromRest ? "" : SNAPSHOT}      {
        to: { op: "subscribe", channel: "funding" },
        with: [{ channel: "funding", symbol: "{frame.symbol}", data: { ...FUNDING, symbol: "{frame.symbol}" } }],
      },
    ],
    private: ${access === "login" ? '{ frames: [{ op: "login" }] }' : '{ target: "listenKey=" }'},
  },
  restingRoutes: [
    get("/v1/instruments", [INSTRUMENT, OTHER]),
    get("${hasServerTime ? "/v1/time" : "/v1/ping"}", { serverTime: "{nowMs:number}" }),
    get("/v1/funding", FUNDING, { symbol: INSTRUMENT.symbol }),
    get("/v1/funding", { ...FUNDING, symbol: OTHER.symbol }, { symbol: OTHER.symbol }),
    get("/v1/orderbook", BOOK),
    get("/v1/balances", [{ asset: "${quote}", total: "10000", available: "10000" }]),
    get("/v1/positions", [POSITION, { ...POSITION, symbol: OTHER.symbol }]),
    get("/v1/fees", { makerFeeRate: "0.0002", takerFeeRate: "0.0005" }),
    ...["/v1/open-orders", "/v1/fills", "/v1/funding-payments"].map((path) => get(path, [])),
${positionModes === "hedge" ? MODE : ""}${access === "listen-key" ? LISTEN_KEY : ""}  ],`;
}

const LOGIN = `      { to: { op: "login" }, with: [{ op: "login", success: true }] },
      ...["orders", "fills", "balances", "positions"].map((channel) => {
        return { to: { op: "subscribe", channel }, with: [{ op: "subscribe", channel, success: true }] };
      }),
`;

const SNAPSHOT = `      {
        to: { op: "subscribe", channel: "orderbook" },
        with: [{ channel: "orderbook", type: "snapshot", symbol: "{frame.symbol}", timestamp: START, data: BOOK }],
      },
`;

const MODE = `    get("/v1/position-mode", { mode: "one_way" }),
`;

const LISTEN_KEY = `    { method: "POST", path: "/v1/listen-key", body: ok({ listenKey: "listen-key-of-the-tests" }) },
    { method: "PUT", path: "/v1/listen-key", body: ok({}) },
`;
