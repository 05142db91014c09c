import type { Timers } from "../../runtime/runtime.ts";
import { SendTimers } from "./send-timers.ts";

/** Topic of a subscription; the key tells topics apart. */
export interface NamedTopic {
  readonly key: string;
}

/** Channel that somebody listens to: its listeners, its waits, and what its protocol keeps of it. */
export class Channel<Topic extends NamedTopic, Listener, State> {
  readonly topic: Topic;
  readonly state: State;
  readonly listeners = new Set<Listener>();
  readonly timers: SendTimers;

  constructor(topic: Topic, state: State, timers: Timers) {
    this.topic = topic;
    this.state = state;
    this.timers = new SendTimers(timers);
  }
}

export interface ChannelRules<Topic extends NamedTopic, Listener, State> {
  /** State of a channel that nobody listened to so far. */
  open(topic: Topic): State;
  /** Sends a new listener the beginning of the channel; to the others first, where they lack what led to it. */
  begin?(channel: Channel<Topic, Listener, State>, listener: Listener): void;
  /** Forgets what was kept for a channel that nobody listens to any more. */
  close?(channel: Channel<Topic, Listener, State>): void;
}

/** Public channels and their listeners. A channel is kept only while somebody listens to it. */
export class ChannelHub<Topic extends NamedTopic, Listener, State> {
  readonly #timers: Timers;
  readonly #rules: ChannelRules<Topic, Listener, State>;
  readonly #channels = new Map<string, Channel<Topic, Listener, State>>();

  constructor(timers: Timers, rules: ChannelRules<Topic, Listener, State>) {
    this.#timers = timers;
    this.#rules = rules;
  }

  get isEmpty(): boolean {
    return this.#channels.size === 0;
  }

  get(key: string): Channel<Topic, Listener, State> | undefined {
    return this.#channels.get(key);
  }

  /** Channels in the order in which they were opened. */
  all(): Iterable<Channel<Topic, Listener, State>> {
    return this.#channels.values();
  }

  subscribe(listener: Listener, topic: Topic): void {
    const channel = this.#channels.get(topic.key) ?? this.#open(topic);
    this.#rules.begin?.(channel, listener);
    channel.listeners.add(listener);
  }

  unsubscribe(listener: Listener, key: string): void {
    const channel = this.#channels.get(key);
    channel?.listeners.delete(listener);
    if (channel?.listeners.size === 0) this.#close(channel);
  }

  stop(): void {
    for (const channel of [...this.#channels.values()]) this.#close(channel);
  }

  #open(topic: Topic): Channel<Topic, Listener, State> {
    const channel = new Channel<Topic, Listener, State>(topic, this.#rules.open(topic), this.#timers);
    this.#channels.set(topic.key, channel);
    return channel;
  }

  #close(channel: Channel<Topic, Listener, State>): void {
    channel.timers.stop();
    this.#channels.delete(channel.topic.key);
    this.#rules.close?.(channel);
  }
}
