import { RestClient, WebsocketClient } from "ftx-api";
import { onTestFinished } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { Inbox } from "./inbox.ts";
import type { Endpoint } from "./paper-venue.ts";
import { until } from "./until.ts";

// biome-ignore lint/suspicious/noExplicitAny: the client hands out what the venue sent, and that is what tests look at
export type Wire = any;

type RestOptions = NonNullable<ConstructorParameters<typeof RestClient>[2]>;

/** `disable_time_sync`, or it would ask otc.ftx.com for the time. */
export function ftxApiRest(venue: Endpoint, options: RestOptions = {}): RestClient {
  return new RestClient(venue.apiKey, venue.apiSecret, {
    baseUrl: `http://${venue.host}:${venue.port}/api`,
    disable_time_sync: true,
    ...options,
  });
}

/** What ftx-api throws for any status but 200. */
export interface Refusal {
  readonly code: number;
  readonly body: { readonly success: boolean; readonly error: string };
}

/** The refusal that a call ends with; throws when it succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const outcome = await call.then(
    (answer) => ({ answer }),
    (refusal: Refusal) => ({ refusal }),
  );
  if ("answer" in outcome) throw new Error(`not refused, but ${JSON.stringify(outcome.answer)}`);
  return outcome.refusal;
}

export function refused(code: number, error: string): object {
  return { code, body: { success: false, error } };
}

export const BTC_BUY = { market: "BTC-PERP", side: "buy", type: "limit", price: 20_000, size: 0.5 } as const;

/** Waits until an order has a status. */
export function orderStatus(rest: RestClient, orderId: number, status: string): Promise<Wire> {
  return until(`order ${orderId} is ${status}`, async () => {
    const { result } = await rest.getOrderStatus(String(orderId));
    return result.status === status ? result : undefined;
  });
}

/** Places an order that rests. */
export async function rested(rest: RestClient, order: Wire): Promise<Wire> {
  const { result } = await rest.placeOrder(order);
  return orderStatus(rest, result.id, "open");
}

/** Buys from the venue's trader at 20,000, which makes a position. */
export async function bought(venue: PaperVenue, rest: RestClient, size: number): Promise<void> {
  venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: String(size) });
  const { result } = await rest.placeOrder({ ...BTC_BUY, size });
  await orderStatus(rest, result.id, "closed");
}

type SocketOptions = ConstructorParameters<typeof WebsocketClient>[0];

/** ftx-api's WebSocket client and all that it tells. */
export interface FtxApiSocket {
  readonly client: WebsocketClient;
  /** Frames that have a channel. */
  readonly updates: Inbox<Wire>;
  /** Frames that have none: errors and notices. */
  readonly responses: Inbox<Wire>;
  /** `open`, `reconnect`, `reconnected` and `close`. */
  readonly states: Inbox<string>;
  readonly log: Inbox<string>;
}

export function ftxApiSocket(venue: Endpoint, options: Partial<SocketOptions> = {}): FtxApiSocket {
  const log = new Inbox<string>();
  const note = (message: string) => log.put(message);
  const client = new WebsocketClient(
    {
      key: venue.apiKey,
      secret: venue.apiSecret,
      wsUrl: `ws://${venue.host}:${venue.port}/ws/`,
      restOptions: { disable_time_sync: true },
      reconnectTimeout: 20,
      ...options,
    },
    { silly: note, debug: note, notice: note, info: note, warning: note, error: note },
  );
  const socket = { client, updates: new Inbox<Wire>(), responses: new Inbox<Wire>(), states: new Inbox<string>(), log };
  client.on("update", (frame) => socket.updates.put(frame));
  client.on("response", (frame) => socket.responses.put(frame));
  client.on("open", () => socket.states.put("open"));
  client.on("reconnect", () => socket.states.put("reconnect"));
  client.on("reconnected", () => socket.states.put("reconnected"));
  client.on("close", () => socket.states.put("close"));
  onTestFinished(() => closeSocket(socket));
  return socket;
}

async function closeSocket({ client, states }: FtxApiSocket): Promise<void> {
  if (states.items.at(-1) === "close") return;
  const closed = states.next((state) => state === "close", "ftx-api closes");
  client.close("ftx");
  await closed;
}

/** Opens a socket and waits until the venue has confirmed each subscription. */
export async function subscribed(socket: FtxApiSocket, topics: Wire[]): Promise<FtxApiSocket> {
  socket.client.subscribe(topics);
  for (const topic of topics) {
    const { channel, market } = typeof topic === "string" ? { channel: topic, market: undefined } : topic;
    await socket.updates.first(
      (frame) => frame.type === "subscribed" && frame.channel === channel && frame.market === market,
      `the subscription of ${channel} ${market ?? ""}`,
    );
  }
  return socket;
}
