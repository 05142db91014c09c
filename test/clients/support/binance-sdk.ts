import { USDMClient, WebsocketClient } from "binance";
import { onTestFinished } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { quote } from "./binance-venue.ts";
import { Inbox } from "./inbox.ts";
import type { Endpoint } from "./paper-venue.ts";

// biome-ignore lint/suspicious/noExplicitAny: the client hands out what the venue sent, and that is what tests look at
export type Wire = any;

const restBase = ({ host, port }: Endpoint) => `http://${host}:${port}`;

type RestOptions = NonNullable<ConstructorParameters<typeof USDMClient>[0]>;

export function binanceRest(venue: Endpoint, options: RestOptions = {}): USDMClient {
  return new USDMClient({
    api_key: venue.apiKey,
    api_secret: venue.apiSecret,
    baseUrl: restBase(venue),
    ...options,
  });
}

/** What it rejects with. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
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

/** Copy it: the client writes a client id into the order that it is given. */
export const BTC_BUY = Object.freeze({
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  price: 60_000,
  quantity: 0.5,
} as const);

export const BTC_SELL = Object.freeze({ ...BTC_BUY, side: "SELL" } as const);

let lastClientId = 0;

/** It warns on the console of ids without this prefix, which it would generate itself. */
export function clientId(): string {
  lastClientId += 1;
  return `x-15PC4ZJy${String(lastClientId).padStart(8, "0")}`;
}

/** Buys from the venue's trader at 60,000, which makes a position. */
export async function bought(venue: PaperVenue, rest: USDMClient, quantity: number): Promise<Wire> {
  quote(venue, "sell", 60_000, quantity);
  return rest.submitNewOrder({ ...BTC_BUY, quantity, newOrderRespType: "RESULT" });
}

type SocketOptions = NonNullable<ConstructorParameters<typeof WebsocketClient>[0]>;

/** Its WebSocket client and all that it tells. */
export interface BinanceSocket {
  readonly client: WebsocketClient;
  /** Messages of streams, the user's as well. */
  readonly messages: Inbox<Wire>;
  /** Answers to SUBSCRIBE and UNSUBSCRIBE. */
  readonly responses: Inbox<Wire>;
  readonly exceptions: Inbox<Wire>;
  /** `open`, `reconnecting`, `reconnected` and `close`, each with the name of the connection. */
  readonly states: Inbox<{ readonly state: string; readonly wsKey: string }>;
  readonly log: Inbox<string>;
}

export function binanceSocket(venue: Endpoint, options: SocketOptions = {}): BinanceSocket {
  const log = new Inbox<string>();
  const note = (...words: unknown[]) => log.put(String(words[0]));
  const client = new WebsocketClient(
    {
      api_key: venue.apiKey,
      api_secret: venue.apiSecret,
      wsUrl: `ws://${venue.host}:${venue.port}`,
      restOptions: { baseUrl: restBase(venue) },
      reconnectTimeout: 20,
      ...options,
    },
    { trace: note, info: note, error: note },
  );
  const socket: BinanceSocket = {
    client,
    messages: new Inbox<Wire>(),
    responses: new Inbox<Wire>(),
    exceptions: new Inbox<Wire>(),
    states: new Inbox(),
    log,
  };
  client.on("message", (message) => socket.messages.put(message));
  client.on("response", (response) => socket.responses.put(response));
  client.on("exception", (exception) => socket.exceptions.put(exception));
  for (const state of ["open", "reconnecting", "reconnected", "close"] as const) {
    client.on(state, ({ wsKey }: Wire) => socket.states.put({ state, wsKey }));
  }
  onTestFinished(() => client.closeAll(true));
  return socket;
}

/**
 * Subscribes and waits until the venue has confirmed it. `usdm` lets the client choose where each stream is served; it
 * does not know `@trade`, which is at `usdmPublic`.
 */
export async function subscribed(
  socket: BinanceSocket,
  topics: string[],
  wsKey: "usdm" | "usdmPublic" = "usdm",
): Promise<BinanceSocket> {
  const confirmed = Promise.all(
    topics.map((topic) =>
      socket.responses.first(
        ({ result, request }) => result === null && request?.params.includes(topic),
        `the subscription of ${topic}`,
      ),
    ),
  );
  await socket.client.subscribe(topics, wsKey);
  await confirmed;
  return socket;
}

/** Listens to the account; resolves once the stream is open. */
export async function listening(socket: BinanceSocket): Promise<BinanceSocket> {
  await socket.client.subscribeUsdFuturesUserDataStream();
  return socket;
}
