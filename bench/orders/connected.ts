import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/connect.ts";
import type { VenueModule } from "../../src/connector/perpetual-venue.ts";
import { loadVenue } from "../../src/registry.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { HttpRequest, HttpResponse, Runtime, WebSocketHandlers } from "../../src/runtime/runtime.ts";

export const PAIR = "BTC-USDT";
export const PRICE = "19000";
export const AMOUNT = "0.001";

export const CREATE_PATH = "/v5/order/create";
export const CANCEL_PATH = "/v5/order/cancel";

/** Answers a request about an order; undefined sends it to the exchange in the box. */
export type OrderPort = (request: HttpRequest, path: string) => Promise<HttpResponse> | undefined;

type Journal = "memory" | "wal";

/** The same venue without rate limits: what the venue allows a second says nothing about the code. */
function unlimited(module: VenueModule): VenueModule {
  return {
    ...module,
    createVenue(options) {
      const venue = module.createVenue(options);
      return { ...venue, rateLimits: venue.rateLimits.map((limit) => ({ ...limit, limit: 1_000_000_000 })) };
    },
  };
}

/** A private message as Bybit sends it. */
const messageOf = (topic: string, row: object): string => {
  const creationTime = Date.now();
  return JSON.stringify({ id: `b-${topic}`, topic, creationTime, data: [row] });
};

/** The row of an order that nothing was executed of. */
function rowOf(orderId: string, orderLinkId: string, orderStatus: "New" | "Cancelled") {
  const nowMs = String(Date.now());
  const isOpen = orderStatus === "New";
  return {
    ...{ category: "linear", symbol: "BTCUSDT", orderId, orderLinkId, side: "Buy", positionIdx: 0, orderStatus },
    ...{ orderType: "Limit", timeInForce: "GTC", price: PRICE, qty: AMOUNT, cumExecQty: "0", cumExecValue: "0" },
    ...{ cumExecFee: "0", leavesQty: isOpen ? AMOUNT : "0", leavesValue: isOpen ? "19" : "0", avgPrice: "" },
    ...{ cancelType: isOpen ? "UNKNOWN" : "CancelByUser", rejectReason: isOpen ? "EC_NoError" : "EC_PerCancelRequest" },
    ...{ stopOrderType: "", triggerPrice: "", takeProfit: "", stopLoss: "", reduceOnly: false, closeOnTrigger: false },
    ...{ createdTime: nowMs, updatedTime: nowMs },
  };
}

/**
 * A connector of Bybit that has become ready on the exchange in the box. Requests about its orders go to `port` instead,
 * and what the private stream would say of them is said by `say`.
 */
export async function connectedBybit(port: OrderPort, journal: Journal) {
  const { module } = await loadVenue("bybit_perpetual");
  const real = nodeRuntime();
  let privateHandlers: WebSocketHandlers | undefined;
  const runtime: Runtime = {
    ...real,
    http: {
      request: (request) => port(request, new URL(request.url).pathname) ?? real.http.request(request),
      keepReady: (url, connections) => real.http.keepReady?.(url, connections) ?? (() => undefined),
      close: () => real.http.close(),
    },
    webSocket: {
      connect(url, handlers, options) {
        if (url.includes("/private")) privateHandlers = handlers;
        return real.webSocket.connect(url, handlers, options);
      },
    },
  };
  const folder = journal === "wal" ? mkdtempSync(join(tmpdir(), "perpwire-bench-")) : undefined;
  const journalPath = folder === undefined ? ":memory:" : join(folder, "journal.db");
  const paper = { seed: 1, quiet: true } as const;
  const options = { tradingPairs: [PAIR], runtime, paper, logger: SILENT_LOGGER, journalPath };
  const connector = await connect(unlimited(module), options);
  // News waits for the first listener for a while, and the orders that it is of are kept until then.
  connector.on("orderCanceled", () => undefined);
  return {
    connector,
    say(orderId: string, clientOrderId: string, state: "New" | "Cancelled"): void {
      privateHandlers?.onText(messageOf("order", rowOf(orderId, clientOrderId, state)));
    },
    async end(): Promise<void> {
      await connector.stop();
      await real.http.close();
      if (folder !== undefined) rmSync(folder, { recursive: true });
    },
  };
}

/** What Bybit answers to a request that it takes. */
export const accepted = (orderId: string, orderLinkId: string): string =>
  `{"retCode":0,"retMsg":"OK","result":{"orderId":"${orderId}","orderLinkId":"${orderLinkId}"},"retExtInfo":{},"time":${Date.now()}}`;
