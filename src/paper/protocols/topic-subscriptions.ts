import type { NamedTopic } from "./channel-hub.ts";
import type { FrameSink } from "./frame.ts";

export interface SubscriptionRules<Topic extends NamedTopic> {
  readonly sink: Pick<FrameSink, "revive">;
  /** Channel and market of a topic as its frames name them. */
  placeOf(topic: Topic): readonly [channel: string, market: string | null];
  begin(topic: Topic): void;
  end(topic: Topic): void;
}

/** Topics of one connection. A request is read and answered before its topics are added or dropped, all of them or none. */
export class TopicSubscriptions<Topic extends NamedTopic> {
  readonly #rules: SubscriptionRules<Topic>;
  readonly #topics = new Map<string, Topic>();

  constructor(rules: SubscriptionRules<Topic>) {
    this.#rules = rules;
  }

  get size(): number {
    return this.#topics.size;
  }

  has(key: string): boolean {
    return this.#topics.has(key);
  }

  /** Topics in the order in which they were added. */
  all(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  /** Begins a topic, or begins it anew: a channel that was dead on this connection lives again. */
  add(topic: Topic): void {
    this.#topics.set(topic.key, topic);
    this.#rules.sink.revive(...this.#rules.placeOf(topic));
    this.#rules.begin(topic);
  }

  /** Ends a topic; one that is not listened to stays as it is. */
  drop(key: string): void {
    const topic = this.#topics.get(key);
    if (topic === undefined) return;
    this.#topics.delete(key);
    this.#rules.end(topic);
  }

  clear(): void {
    for (const key of [...this.#topics.keys()]) this.drop(key);
  }
}
