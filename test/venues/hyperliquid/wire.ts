import type { OrderReference } from "../../../src/model/order.ts";
import { createVenueMarkets, type VenueMarkets } from "../../../src/model/venue-markets.ts";
import type { RestRequest, VenueContext } from "../../../src/net/venue-api.ts";
import { derivative } from "../../../src/venues/hyperliquid/derivative.ts";

/** What the tests of the venue's traps share: markets, a context that answers by the type of the question, and rows. */

export const NOW = 1_790_000_000_000;
export const USER = "0x14791697260e4c9a71f18484c9f997b308e59325";
export const VAULT = "0x1719884eb866cb12b2287399b15f7db5e7d775ea";
export const OTHER = "0x00000000000000000000000000000000000000a1";
export const KEY = `0x${"0123456789".repeat(6)}0123`;
export const CLOID = `0x${"1".padStart(32, "0")}`;

export const META = {
  universe: [
    { szDecimals: 5, name: "BTC", maxLeverage: 40, marginTableId: 56 },
    { szDecimals: 1, name: "MATIC", maxLeverage: 20, marginTableId: 20, isDelisted: true },
    { szDecimals: 4, name: "ETH", maxLeverage: 25, marginTableId: 55 },
    { szDecimals: 0, name: "kPEPE", maxLeverage: 10, marginTableId: 52 },
    { szDecimals: 1, name: "ISO", maxLeverage: 3, marginTableId: 3, onlyIsolated: true, marginMode: "strictIsolated" },
  ],
};

export function marketsOf(account: Readonly<Record<string, string>> = { accountAddress: USER }): VenueMarkets {
  const { markets } = derivative.parseExchangeInfo(META);
  return createVenueMarkets("hyperliquid_perpetual", "hyperliquid_perpetual", markets, account);
}

type Answers = Readonly<Record<string, unknown>>;

/** Answers by type: a function is given the body; `actions` and `asked` are what was sent. */
export function contextOf(answers: Answers, markets: VenueMarkets = marketsOf()) {
  const asked: Readonly<Record<string, unknown>>[] = [];
  const requests: RestRequest[] = [];
  const unreadable: string[] = [];
  const send = async (request: RestRequest): Promise<unknown> => {
    const body = request.data as Readonly<Record<string, unknown>>;
    const type = String(body.type ?? (body.action as { readonly type: string }).type);
    requests.push(request);
    asked.push(body);
    if (!(type in answers)) throw new TypeError(`no answer to ${type}`);
    const answer = answers[type];
    const given: unknown = typeof answer === "function" ? answer(body) : answer;
    if (given instanceof Error) throw given;
    return given;
  };
  const context: VenueContext = {
    api: { send },
    markets,
    now: () => NOW,
    onUnreadable: ({ what, reason }) => unreadable.push(`${what}: ${reason}`),
  };
  return { context, asked, requests, unreadable };
}

/** An order as lists have it. */
export const ORDER = {
  ...{ coin: "BTC", side: "B", limitPx: "59000.0", sz: "0.01", origSz: "0.01", oid: 556_696_349_186, timestamp: NOW },
  ...{ cloid: CLOID, isTrigger: false, triggerPx: "0.0", reduceOnly: false, orderType: "Limit", tif: "Gtc" },
};

export const FILL = {
  ...{ coin: "BTC", px: "59000.0", sz: "0.004", side: "B", time: NOW + 250, startPosition: "0.0", dir: "Open Long" },
  ...{ closedPnl: "0.0", oid: ORDER.oid, crossed: false, fee: "0.0354", tid: 118_906_512_037_719, cloid: CLOID },
  feeToken: "USDC",
};

export const REFERENCE: Omit<OrderReference, "amount"> = {
  ...{ clientOrderId: CLOID, exchangeOrderId: String(ORDER.oid), tradingPair: "BTC-USD", side: "buy", type: "limit" },
  ...{ timeInForce: "GTC", createdAtMs: NOW, reduceOnly: false },
};
