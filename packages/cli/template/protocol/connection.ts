import type { Frame, FrameSink } from "../../../../src/paper/protocols/frame.ts";
import { JsonConnection, type KeepAlive, readObject } from "../../../../src/paper/protocols/json-connection.ts";
import type { ProtocolConnection, ProtocolFaults } from "../../../../src/paper/protocols/paper-protocol.ts";
import type { Subscriber } from "../../../../src/paper/protocols/subscriber.ts";
import { TopicSubscriptions } from "../../../../src/paper/protocols/topic-subscriptions.ts";
import type { Timers } from "../../../../src/runtime/runtime.ts";
import type { MarketChannels, Topic } from "./market-channels.ts";

// CHECK: how long a connection is kept on which the client says nothing.
const KEEP_ALIVE: KeepAlive = { kind: "silence", afterMs: 60_000, signs: ["client"], reason: "no ping" };

interface ConnectionPorts {
  readonly channels: MarketChannels;
  readonly faults: ProtocolFaults;
  readonly sink: FrameSink;
  readonly timers: Timers;
  now(): number;
}

/** WebSocket of one client. It speaks the public channels, and refuses everything else by its name until it is written. */
export class AcmeConnection implements ProtocolConnection, Subscriber {
  readonly #ports: ConnectionPorts;
  readonly #socket: JsonConnection<object>;
  readonly #topics: TopicSubscriptions<Topic>;

  constructor(ports: ConnectionPorts) {
    const { channels, sink, timers, now } = ports;
    this.#ports = ports;
    this.#socket = new JsonConnection({ sink, timers, now, keepAlive: KEEP_ALIVE, json: JSON.stringify });
    this.#topics = new TopicSubscriptions({
      sink,
      placeOf: ({ channel, symbol }) => [channel, symbol],
      begin: (topic) => channels.subscribe(this, topic),
      end: (topic) => channels.unsubscribe(this, topic),
    });
  }

  send(frame: Frame): void {
    this.#socket.send(frame);
  }

  onText(text: string): void {
    this.#socket.heard();
    const { op, channel, symbol } = readObject(text) ?? {};
    if (op === "ping") this.#socket.reply({ op: "pong" });
    else if (op === "subscribe" || op === "unsubscribe") this.#change(op, channel, symbol);
    else this.#socket.reply({ op, success: false, message: `the paper venue does not speak ${text} yet` });
  }

  onClose(): void {
    this.#topics.clear();
    this.#socket.stop();
  }

  #change(op: "subscribe" | "unsubscribe", channel: unknown, symbol: unknown): void {
    const topic = this.#ports.channels.topicOf(channel, symbol);
    const isRefused = op === "subscribe" && this.#ports.faults.happens("refuseSubscription");
    if (topic === undefined || isRefused) {
      const message = isRefused ? "try again later" : "the paper venue has no such channel of that market";
      this.#socket.reply({ op, channel, symbol, success: false, message });
      return;
    }
    this.#socket.reply({ op, channel, symbol, success: true });
    if (op === "subscribe") this.#topics.add(topic);
    else this.#topics.drop(topic.key);
  }
}
