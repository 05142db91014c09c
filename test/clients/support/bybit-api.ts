import { RestClientV5, WebsocketClient } from "bybit-api";
import { onTestFinished } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { Inbox } from "./inbox.ts";
import type { Endpoint } from "./paper-venue.ts";
import { until } from "./until.ts";

// biome-ignore lint/suspicious/noExplicitAny: the client hands out what the venue sent, and that is what tests look at
export type Wire = any;

type RestOptions = NonNullable<ConstructorParameters<typeof RestClientV5>[0]>;
type SocketOptions = NonNullable<ConstructorParameters<typeof WebsocketClient>[0]>;

export const LINEAR = { category: "linear", symbol: "BTCUSDT" } as const;
export const BTC_BUY = { ...LINEAR, side: "Buy", orderType: "Limit", qty: "0.5", price: "20000" } as const;

export function bybitRest({ host, port, apiKey, apiSecret }: Endpoint, options: RestOptions = {}): RestClientV5 {
  return new RestClientV5({ key: apiKey, secret: apiSecret, baseUrl: `http://${host}:${port}`, ...options });
}

/** The result of a call that succeeded; the client resolves for refusals too. */
export async function resultOf(call: Promise<Wire>): Promise<Wire> {
  const { retCode, retMsg, result } = await call;
  if (retCode !== 0) throw new Error(`refused with ${retCode}: ${retMsg}`);
  return result;
}

/** The rows of a list. */
export async function rowsOf(call: Promise<Wire>): Promise<Wire[]> {
  return (await resultOf(call)).list;
}

/** The code and text of a refusal; throws when the call succeeds. */
export async function refusalOf(call: Promise<Wire>): Promise<{ readonly retCode: number; readonly retMsg: string }> {
  const { retCode, retMsg, result } = await call;
  if (retCode === 0) throw new Error(`not refused, but ${JSON.stringify(result)}`);
  return { retCode, retMsg };
}

/** The row of an order, open or closed, once it has a status. */
export function orderStatus(rest: RestClientV5, orderId: string, status: string): Promise<Wire> {
  return until(`order ${orderId} is ${status}`, async () => {
    const [row] = await rowsOf(rest.getActiveOrders({ ...LINEAR, orderId }));
    return row?.orderStatus === status ? row : undefined;
  });
}

/** Places an order that rests. It is `New` for the client before it is in the book, so the venue tells. */
export async function rested(venue: PaperVenue, rest: RestClientV5, order: Wire): Promise<Wire> {
  const { orderId } = await resultOf(rest.submitOrder(order));
  await until("the order rests", () => isOpen(venue, orderId));
  return orderStatus(rest, orderId, "New");
}

function isOpen(venue: PaperVenue, orderId: string): true | undefined {
  return venue.truth().orders.some((order) => order.orderId === orderId && order.status === "open") || undefined;
}

/** Buys from the venue's trader at 20,000, which makes a position. */
export async function bought(venue: PaperVenue, rest: RestClientV5, qty: string, changes: Wire = {}): Promise<Wire> {
  venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: qty });
  const { orderId } = await resultOf(rest.submitOrder({ ...BTC_BUY, qty, ...changes }));
  return orderStatus(rest, orderId, "Filled");
}

/** bybit-api's WebSocket client and all that it tells. Its `wsUrl` is the URL of every socket, so it has one. */
export interface BybitSocket {
  readonly client: WebsocketClient;
  /** Frames that have a topic. */
  readonly updates: Inbox<Wire>;
  /** Answers to logins, subscriptions and pings. */
  readonly responses: Inbox<Wire>;
  /** `open`, `reconnect`, `reconnected`, `close` and `exception`. */
  readonly states: Inbox<string>;
  readonly log: Inbox<string>;
}

export function bybitSocket(venue: Endpoint, path: string, options: Partial<SocketOptions> = {}): BybitSocket {
  const log = new Inbox<string>();
  const note = (...parts: Wire[]) => log.put(String(parts[0]));
  const client = new WebsocketClient(
    {
      market: "v5",
      key: venue.apiKey,
      secret: venue.apiSecret,
      wsUrl: `ws://${venue.host}:${venue.port}${path}`,
      pongTimeout: 5_000,
      reconnectTimeout: 20,
      ...options,
    },
    { trace: note, info: note, error: note },
  );
  const socket = { client, updates: new Inbox<Wire>(), responses: new Inbox<Wire>(), states: new Inbox<string>(), log };
  client.on("update", (frame: Wire) => socket.updates.put(frame));
  client.on("response", (frame: Wire) => socket.responses.put(frame));
  for (const state of ["open", "reconnect", "reconnected", "close", "exception"] as const) {
    client.on(state, (event: Wire) => {
      if (state === "exception") socket.responses.put(event);
      socket.states.put(state);
    });
  }
  onTestFinished(() => client.closeAll(true));
  return socket;
}

/** A socket of public topics, each of them confirmed. */
export async function publicSocket(venue: Endpoint, ...topics: string[]): Promise<BybitSocket> {
  const socket = bybitSocket(venue, "/v5/public/linear");
  await listenTo(socket, topics, false);
  return socket;
}

/** A socket that has logged in and listens to its account, each topic confirmed. */
export async function privateSocket(
  venue: Endpoint,
  topics: string[] = ["order", "execution", "position", "wallet"],
): Promise<BybitSocket> {
  const socket = bybitSocket(venue, "/v5/private");
  await listenTo(socket, topics, true);
  return socket;
}

async function listenTo({ client, responses }: BybitSocket, topics: string[], isPrivate: boolean): Promise<void> {
  const confirmed = responses.next(({ op, success }) => op === "subscribe" && success === true, `${topics.join()}`);
  client.subscribeV5(topics, "linear", isPrivate);
  await confirmed;
}

/** The rows that a private topic has told so far. */
export function rowsTold({ updates }: BybitSocket, topic: string): Wire[] {
  return updates.items.filter((frame) => frame.topic === topic).flatMap(({ data }) => data);
}

/** The first row of a private topic that was or will be told and is as wanted. */
export async function rowTold(
  { updates }: BybitSocket,
  topic: string,
  what: string,
  isWanted: (row: Wire) => boolean,
): Promise<Wire> {
  const frame = await updates.first((each) => each.topic === topic && each.data.some(isWanted), what);
  return frame.data.find(isWanted);
}
