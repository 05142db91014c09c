import type { Timer, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";
import { type Channel, ChannelHub } from "../channel-hub.ts";
import type { ProtocolContext } from "./context.ts";
import type { LeaseEnd } from "./listen-keys.ts";
import { parseStream, type Stream } from "./stream-names.ts";
import { type Batch, openSource, type StreamMessage, type StreamSource } from "./stream-source.ts";
import type { StreamSubscriber } from "./subscriber.ts";
import { listenKeyExpired, userMessages } from "./user-messages.ts";

/** The name under which faults know the user streams. */
export const USER_CHANNEL = "userData";

/** Levels a side of the largest snapshot (docs, order book). */
const MAX_LEVELS = 1_000;

type StreamChannel = Channel<Stream, StreamSubscriber, StreamSource>;

/** Streams and their listeners. A stream's messages are made once, for all who listen, and only while somebody does. */
export class StreamHub {
  readonly #context: ProtocolContext;
  readonly #timers: Timers;
  readonly #streams: ChannelHub<Stream, StreamSubscriber, StreamSource>;
  /** Connections by the listen key that they listen on, or by what may have been one. */
  readonly #users = new Map<string, Set<StreamSubscriber>>();
  #aggregation: Timer | undefined;

  constructor(context: ProtocolContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
    this.#streams = new ChannelHub(timers, {
      open: (stream) => openSource(context, stream),
      begin: (channel) => {
        if (channel.topic.everyMs > 0 && !channel.timers.isAgain) this.#arm(channel);
      },
      close: ({ state }) => state.stop(),
    });
  }

  subscribe(connection: StreamSubscriber, name: string): void {
    if (connection.place === "private") {
      const connections = this.#users.get(name) ?? new Set();
      this.#users.set(name, connections.add(connection));
      connection.revive(USER_CHANNEL, null);
      return;
    }
    const stream = this.#streams.get(name)?.topic ?? parseStream(name, this.#context.symbols);
    if (stream === undefined || stream.place !== connection.place) return;
    for (const { symbol } of stream.symbols) connection.revive(stream.kind, symbol);
    this.#streams.subscribe(connection, stream);
  }

  unsubscribe(connection: StreamSubscriber, name: string): void {
    const users = this.#users.get(name);
    users?.delete(connection);
    if (users?.size === 0) this.#users.delete(name);
    this.#streams.unsubscribe(connection, name);
  }

  remove(connection: StreamSubscriber): void {
    for (const name of connection.subscriptions) this.unsubscribe(connection, name);
  }

  onEvents(events: readonly EngineEvent[]): void {
    const markOf = (market: string) => this.#context.engine.market(market)?.mark ?? 0n;
    const aggregates = this.#context.tape.onEvents(events, markOf);
    this.#context.bookIds.onEvents(events);
    if (this.#context.faults.isOn("staleSnapshot")) this.#keepBooks(events);
    this.#sendBatch({ events, aggregates });
    this.#awaitAggregates();
    for (const [accountId, connections] of this.#listeningAccounts()) {
      for (const message of userMessages(this.#context, accountId, events)) {
        for (const [connection, listenKey] of connections) connection.sendUser(listenKey, message, accountId);
      }
    }
  }

  /** The sockets stay, but nothing comes on this key any more; a closed key takes its own sockets with it. */
  onListenKeyEnd(listenKey: string, end: LeaseEnd): void {
    for (const connection of this.#users.get(listenKey) ?? []) {
      if (end === "expired") connection.sendUser(listenKey, listenKeyExpired(listenKey, this.#context.now()));
      else connection.dropListenKey(listenKey);
    }
    if (end === "closed") this.#users.delete(listenKey);
  }

  stop(): void {
    this.#aggregation?.cancel();
    this.#streams.stop();
  }

  #keepBooks(events: readonly EngineEvent[]): void {
    const { engine, bookIds, pastBooks, now } = this.#context;
    for (const market of new Set(events.flatMap((event) => (event.type === "bookLevel" ? [event.market] : [])))) {
      const view = () => ({ book: engine.book(market, MAX_LEVELS), lastUpdateId: bookIds.current(market) });
      pastBooks.keep(market, now(), view);
    }
  }

  #sendBatch(batch: Batch): void {
    for (const channel of this.#streams.all()) this.#send(channel, channel.state.onBatch(batch));
  }

  /** Lets aggregates of trades be told when no more can be added to them. */
  #awaitAggregates(): void {
    if (this.#aggregation !== undefined) return;
    const { tape, now } = this.#context;
    const endMs = tape.nextEndMs();
    if (endMs === undefined) return;
    const end = () => {
      this.#aggregation = undefined;
      this.#sendBatch({ events: [], aggregates: tape.endAggregates(now()) });
      this.#awaitAggregates();
    };
    this.#aggregation = this.#timers.after(Math.max(0, endMs - now()), end, { background: true });
  }

  #arm(channel: StreamChannel): void {
    channel.timers.again(channel.topic.everyMs, () => {
      this.#send(channel, channel.state.tick());
      this.#arm(channel);
    });
  }

  #send({ topic, listeners }: StreamChannel, messages: readonly StreamMessage[]): void {
    const { key: name, kind } = topic;
    const isDiff = kind === "depth";
    for (const { symbol, message, corrupted } of messages) {
      const text = JSON.stringify(message);
      const spoilt = corrupted === undefined ? undefined : () => JSON.stringify(corrupted());
      for (const listener of listeners) listener.sendStream({ name, kind, symbol, isDiff, text, spoilt });
    }
  }

  /** Accounts with a socket on a listen key that is alive. What happens while there is none is lost. */
  #listeningAccounts(): ReadonlyMap<string, readonly (readonly [StreamSubscriber, string])[]> {
    const accounts = new Map<string, (readonly [StreamSubscriber, string])[]>();
    for (const [listenKey, accountId] of this.#context.listenKeys.alive()) {
      const listeners = [...(this.#users.get(listenKey) ?? [])].map((user) => [user, listenKey] as const);
      if (listeners.length > 0) accounts.set(accountId, [...(accounts.get(accountId) ?? []), ...listeners]);
    }
    return accounts;
  }
}
