import type { OrderStateTable, VenueUrls } from "../../../../src/connector/perpetual-venue.ts";
import type { RateLimit } from "../../../../src/net/throttler.ts";

export const VENUE = "acme_perpetual";
export const DISPLAY_NAME = "Acme";

/** The sockets by the names that the data sources use. */
export function webSockets(publicUrl: string, privateUrl: string): Readonly<Record<string, string>> {
  // <private-url>
  return { public: publicUrl, private: privateUrl };
  // </private-url>
}

// CHECK: the hosts of every domain.
export const URLS: Readonly<Record<string, VenueUrls>> = {
  // <domain>
  acme_perpetual: {
    rest: "https://api.acme.example",
    webSockets: {
      public: "wss://stream.acme.example/ws",
      private: "wss://stream.acme.example/ws",
    },
  },
  // </domain>
};
export const DEFAULT_DOMAIN = VENUE;
export const DOMAINS: readonly string[] = Object.keys(URLS);

// CHECK: every path.
// <sign-of-life-path>
export const SERVER_TIME_PATH_URL = "/v1/time";
// </sign-of-life-path>
export const INSTRUMENTS_PATH_URL = "/v1/instruments";
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
export const LEVERAGE_PATH_URL = "/v1/leverage";
// <position-mode-path>
// </position-mode-path>
// <stream-path>
// </stream-path>

// CHECK: the names of the channels.
export const ORDER_BOOK_CHANNEL = "orderbook";
export const TRADES_CHANNEL = "trades";
export const FUNDING_INFO_CHANNEL = "funding";
export const PRIVATE_CHANNELS = ["orders", "fills", "balances", "positions"] as const;

// <depth-comment>
// CHECK: the depth of the book, and how many rows a page holds.
// </depth-comment>
export const ORDER_BOOK_DEPTH = 100;
export const PAGE_SIZE = 100;

// CHECK: how often a connection must be heard of.
export const HEARTBEAT_TIME_INTERVAL_MS = 20_000;
export const HEARTBEAT_TIMEOUT_MS = 10_000;
// <receive-window>
// </receive-window>
// <listen-key-times>
// </listen-key-times>

// CHECK: every status that an order can have.
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
  { limitId: REQUESTS_LIMIT_ID, limit: 20, timeIntervalMs: 1_000, servesCancels: true },
  { limitId: ORDERS_LIMIT_ID, limit: 10, timeIntervalMs: 1_000, linkedLimits },
];
