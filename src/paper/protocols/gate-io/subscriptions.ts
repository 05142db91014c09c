import type { Login } from "../accounts.ts";
import type { FrameSink } from "../frame.ts";
import { isObject, textOf } from "../json-fields.ts";
import { TopicSubscriptions } from "../topic-subscriptions.ts";
import { authenticateChannel } from "./auth.ts";
import type { GateContext } from "./context.ts";
import { GateError, serverError } from "./errors.ts";
import type { ApiMessage } from "./order-entry.ts";
import type { PrivateHub } from "./private-channels.ts";
import type { GateSubscriber, PublicHub } from "./public-channels.ts";
import { isPrivate, type PublicTopic, readPrivateTopic, readTopics, type Topic } from "./topics.ts";
import { wireJson } from "./wire.ts";

/** The most that one connection may listen to; Gate sets no limit. */
const MAX_TOPICS = 4_096;

/** Codes of refused subscriptions. */
export const BAD_STRUCTURE = 1;
const INVALID_ARGUMENT = 2;
const SERVICE_ERROR = 3;
const NOT_AUTHENTICATED = 4;

export interface SubscriptionPorts {
  readonly context: GateContext;
  readonly publicHub: PublicHub;
  readonly privateHub: PrivateHub;
  readonly sink: FrameSink;
}

/** A subscription that is refused. */
export class Refused extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Subscriptions of one connection. A private topic goes with the account that signed for it. */
export class Subscriptions {
  readonly #context: GateContext;
  readonly #topics: TopicSubscriptions<Topic>;
  /** Accounts of the private topics by key. */
  readonly #owners = new Map<string, string>();

  constructor({ context, publicHub, privateHub, sink }: SubscriptionPorts, subscriber: GateSubscriber) {
    this.#context = context;
    this.#topics = new TopicSubscriptions({
      sink,
      placeOf: (topic) => [topic.channel, topic.access === "public" ? topic.contract : null],
      begin: (topic) => {
        if (topic.access === "public") publicHub.channels.subscribe(subscriber, topic);
        else privateHub.listeners.add(subscriber, topic, this.#owners.get(topic.key));
      },
      end: (topic) => {
        if (topic.access === "public") publicHub.channels.unsubscribe(subscriber, topic.key);
        else privateHub.listeners.remove(subscriber, topic.key);
        this.#owners.delete(topic.key);
      },
    });
  }

  get hasPrivate(): boolean {
    return this.#owners.size > 0;
  }

  clear(): void {
    this.#topics.clear();
  }

  /** Throws `Refused`; what it returns takes effect. */
  prepare(message: ApiMessage, channel: string, event: string, payload: readonly string[]): () => void {
    const isSubscribe = event === "subscribe";
    if (!isSubscribe && event !== "unsubscribe") throw new Refused(BAD_STRUCTURE, `unknown event: ${event}`);
    const name = channel.startsWith("futures.") ? channel.slice("futures.".length) : "";
    if (isSubscribe && this.#context.faults.happens("refuseSubscription")) {
      throw new Refused(SERVICE_ERROR, "service error");
    }
    const owner = isPrivate(name) ? this.#authenticate(message) : undefined;
    const topics =
      owner === undefined
        ? this.#publicTopics(channel, name, payload)
        : this.#privateTopics(name, payload, owner.identifier);
    if (isSubscribe) {
      if (owner === undefined) this.#refuseOtherDepth(topics);
      if (this.#topics.size + topics.length > MAX_TOPICS) {
        throw new Refused(INVALID_ARGUMENT, "too many subscriptions");
      }
    }
    return () => {
      for (const topic of topics) {
        if (isSubscribe && owner !== undefined) this.#owners.set(topic.key, owner.accountId);
        if (isSubscribe) this.#topics.add(topic);
        else this.#topics.drop(topic.key);
      }
    };
  }

  #publicTopics(channel: string, name: string, payload: readonly string[]): readonly Topic[] {
    const topics = readTopics(this.#context, name, payload);
    if (topics === undefined) throw new Refused(INVALID_ARGUMENT, `unknown channel: ${channel}`);
    if (typeof topics === "string") throw new Refused(INVALID_ARGUMENT, topics);
    return topics;
  }

  #privateTopics(name: string, payload: readonly string[], userId: number): readonly Topic[] {
    const topic = readPrivateTopic(this.#context, name, payload, userId);
    if (typeof topic === "string") throw new Refused(INVALID_ARGUMENT, topic);
    return [topic];
  }

  /** A contract's book is listened to in one depth. */
  #refuseOtherDepth(topics: readonly Topic[]): void {
    const known = this.#topics.all().filter(isPublic);
    for (const { key, channel, contract, book } of topics.filter(isPublic)) {
      const isOther = (other: PublicTopic) =>
        other.channel === channel && other.contract === contract && other.key !== key;
      if (book !== undefined && known.some(isOther)) {
        throw new Refused(INVALID_ARGUMENT, `Alert sub futures.${channel} ${contract}: subscribed already`);
      }
    }
  }

  /** Finds who signed the subscription, for each carries its own signature; the text of a refusal is JSON. */
  #authenticate({ auth, channel, event, time }: ApiMessage): Login {
    const { accounts, now, faults } = this.#context;
    const refuse = ({ label, message }: GateError) =>
      new Refused(NOT_AUTHENTICATED, `${wireJson({ label, message })}\n`);
    if (faults.happens("refuseLogin")) throw refuse(serverError());
    const { KEY, SIGN } = isObject(auth) ? auth : {};
    if (typeof KEY !== "string" || typeof SIGN !== "string") {
      throw refuse(new GateError(401, "INVALID_KEY", "Invalid key provided"));
    }
    try {
      const signed = { channel: textOf(channel), event: textOf(event), time: textOf(time) };
      return authenticateChannel(signed, { KEY, SIGN }, accounts, now());
    } catch (error) {
      throw error instanceof GateError ? refuse(error) : error;
    }
  }
}

const isPublic = (topic: Topic): topic is PublicTopic => topic.access === "public";
