import type { Target, VenueChoices } from "../choices.ts";
import { source } from "../source.ts";

/** `constants.ts`: where the venue is, what its paths and channels are called, how often it may be asked. */
export function constantsFile(choices: VenueChoices, target: Target): string {
  const { access, continuity, hasServerTime, positionModes, signing } = choices;
  const key = access === "listen-key" ? "?listenKey={listenKey}" : "";
  const imports = [
    { module: "connector/perpetual-venue", names: ["type OrderStateTable", "type VenueUrls"] },
    { module: "net/throttler", names: ["type RateLimit"] },
  ];
  return source(
    target,
    imports,
    `
export const VENUE = "${choices.domains[0].name}";
export const DISPLAY_NAME = "${choices.displayName}";

/** The sockets of a host, by the names that the data sources use. */
export function webSockets(url: string): Readonly<Record<string, string>> {
  // CHECK: the paths of the public and of the private stream.
  return { public: \`\${url}/public\`, private: \`\${url}/private${key}\` };
}

// CHECK: the hosts of every domain.
export const URLS: Readonly<Record<string, VenueUrls>> = {
${choices.domains.map(urls).join("\n")}
};
export const DEFAULT_DOMAIN = VENUE;
export const DOMAINS: readonly string[] = Object.keys(URLS);

// CHECK: every path.
export const ${hasServerTime ? 'SERVER_TIME_PATH_URL = "/v1/time"' : 'PING_PATH_URL = "/v1/ping"'};
${PATHS}
${positionModes === "hedge" ? 'export const POSITION_MODE_PATH_URL = "/v1/position-mode";\n' : ""}${access === "listen-key" ? 'export const LISTEN_KEY_PATH_URL = "/v1/listen-key";\n' : ""}
// CHECK: the names of the channels.
export const ORDER_BOOK_CHANNEL = "orderbook";
export const TRADES_CHANNEL = "trades";
export const FUNDING_INFO_CHANNEL = "funding";
export const PRIVATE_CHANNELS = ["orders", "fills", "balances", "positions"] as const;

// CHECK: the depth of the book${continuity === "checksum" ? ", which the checksum is made over" : ""}, and how many rows a page holds.
export const ORDER_BOOK_DEPTH = 100;
export const PAGE_SIZE = 100;

// CHECK: how often a connection must be heard of.
export const HEARTBEAT_TIME_INTERVAL_MS = 20_000;
export const HEARTBEAT_TIMEOUT_MS = 10_000;
${signing.parts.includes("window") ? "/** How long a signed request is valid. CHECK: its default and its limit. */\nexport const RECEIVE_WINDOW_MS = 5_000;\n" : ""}${access === "listen-key" ? LISTEN_KEY_TIMES : ""}
${ORDER_STATES_AND_LIMITS}
`,
  );
}

const LISTEN_KEY_TIMES = `// CHECK: how long a listen key lives; it is kept alive at half of that.
export const LISTEN_KEY_VALID_MS = 3_600_000;
export const LISTEN_KEY_KEEP_ALIVE_MS = 1_800_000;
`;

function urls({ name, restUrl, webSocketUrl }: VenueChoices["domains"][0]): string {
  return `  ${name}: {
    rest: "${restUrl}",
    webSockets: webSockets("${webSocketUrl}"),
  },`;
}

/** The paths that every venue has. */
const PATHS = `export const INSTRUMENTS_PATH_URL = "/v1/instruments";
export const TICKER_PATH_URL = "/v1/ticker";
export const FUNDING_INFO_PATH_URL = "/v1/funding";
export const ORDER_BOOK_PATH_URL = "/v1/orderbook";
export const ORDERS_PATH_URL = "/v1/orders";
export const OPEN_ORDERS_PATH_URL = "/v1/open-orders";
export const FILLS_PATH_URL = "/v1/fills";
export const BALANCES_PATH_URL = "/v1/balances";
export const POSITIONS_PATH_URL = "/v1/positions";
export const FUNDING_PAYMENTS_PATH_URL = "/v1/funding-payments";
export const FEES_PATH_URL = "/v1/fees";
export const LEVERAGE_PATH_URL = "/v1/leverage";`;

/** Words for states, and rate limits. */
const ORDER_STATES_AND_LIMITS = `// CHECK: every status that an order can have.
export const ORDER_STATE: OrderStateTable = {
  new: "open",
  open: "open",
  partially_filled: "partiallyFilled",
  filled: "filled",
  canceled: "canceled",
  expired: "expired",
  rejected: "failed",
};

export const REQUESTS_LIMIT_ID = "requests";
export const ORDERS_LIMIT_ID = "orders";
const linkedLimits = [{ limitId: REQUESTS_LIMIT_ID, weight: 1 }];

// CHECK: pools, their sizes and what counts against which.
export const RATE_LIMITS: readonly RateLimit[] = [
  { limitId: REQUESTS_LIMIT_ID, limit: 20, timeIntervalMs: 1_000 },
  { limitId: ORDERS_LIMIT_ID, limit: 10, timeIntervalMs: 1_000, linkedLimits },
];`;
