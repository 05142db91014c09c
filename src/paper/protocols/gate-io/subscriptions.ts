import type { Login } from "../accounts.ts";
import type { FrameSink } from "../frame.ts";
import { isObject, textOf } from "../json-fields.ts";
import { authenticateChannel } from "./auth.ts";
import type { GateContext } from "./context.ts";
import { GateError, serverError } from "./errors.ts";
import type { ApiMessage } from "./order-entry.ts";
import type { PrivateHub } from "./private-channels.ts";
import type { GateSubscriber, PublicHub } from "./public-channels.ts";
import { isPrivate, type PrivateTopic, type PublicTopic, readPrivateTopic, readTopics } from "./topics.ts";
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

/** The topics of one connection. A request changes all of its topics or none. */
export class Subscriptions {
  readonly #ports: SubscriptionPorts;
  readonly #subscriber: GateSubscriber;
  readonly #public = new Map<string, PublicTopic>();
  readonly #private = new Map<string, PrivateTopic>();

  constructor(ports: SubscriptionPorts, subscriber: GateSubscriber) {
    this.#ports = ports;
    this.#subscriber = subscriber;
  }

  get hasPrivate(): boolean {
    return this.#private.size > 0;
  }

  clear(): void {
    const { publicHub, privateHub } = this.#ports;
    for (const topic of this.#public.values()) publicHub.unsubscribe(this.#subscriber, topic);
    privateHub.remove(this.#subscriber);
  }

  /** Throws `Refused`; what it returns takes effect. */
  prepare(message: ApiMessage, channel: string, event: string, payload: readonly string[]): () => void {
    const isSubscribe = event === "subscribe";
    if (!isSubscribe && event !== "unsubscribe") throw new Refused(BAD_STRUCTURE, `unknown event: ${event}`);
    const name = channel.startsWith("futures.") ? channel.slice("futures.".length) : "";
    const { faults } = this.#ports.context;
    if (isSubscribe && faults.happens("refuseSubscription")) throw new Refused(SERVICE_ERROR, "service error");
    if (isPrivate(name)) return this.#preparePrivate(message, name, isSubscribe, payload);
    const topics = readTopics(this.#ports.context, name, payload);
    if (topics === undefined) throw new Refused(INVALID_ARGUMENT, `unknown channel: ${channel}`);
    if (typeof topics === "string") throw new Refused(INVALID_ARGUMENT, topics);
    if (isSubscribe) this.#refuseOtherDepth(topics);
    return () => {
      for (const topic of topics) this.#changePublic(topic, isSubscribe);
    };
  }

  /** A contract's book is listened to in one depth. */
  #refuseOtherDepth(topics: readonly PublicTopic[]): void {
    const others = [...this.#public.values()];
    for (const { key, channel, contract, book } of topics) {
      const isOther = (other: PublicTopic) =>
        other.channel === channel && other.contract === contract && other.key !== key;
      if (book !== undefined && others.some(isOther)) {
        throw new Refused(INVALID_ARGUMENT, `Alert sub futures.${channel} ${contract}: subscribed already`);
      }
    }
    if (others.length + topics.length > MAX_TOPICS) throw new Refused(INVALID_ARGUMENT, "too many subscriptions");
  }

  #changePublic(topic: PublicTopic, isSubscribe: boolean): void {
    const { publicHub, sink } = this.#ports;
    if (isSubscribe) {
      this.#public.set(topic.key, topic);
      sink.revive(topic.channel, topic.contract);
      publicHub.subscribe(this.#subscriber, topic);
    } else if (this.#public.delete(topic.key)) {
      publicHub.unsubscribe(this.#subscriber, topic);
    }
  }

  #preparePrivate(message: ApiMessage, name: string, isSubscribe: boolean, payload: readonly string[]): () => void {
    const { context, privateHub, sink } = this.#ports;
    const login = this.#authenticate(message);
    const topic = readPrivateTopic(context, name, payload, login.identifier);
    if (typeof topic === "string") throw new Refused(INVALID_ARGUMENT, topic);
    if (isSubscribe && this.#private.size >= MAX_TOPICS) throw new Refused(INVALID_ARGUMENT, "too many subscriptions");
    return () => {
      if (isSubscribe) {
        this.#private.set(topic.key, topic);
        sink.revive(name, null);
        privateHub.add(this.#subscriber, topic, login.accountId);
      } else if (this.#private.delete(topic.key)) {
        privateHub.remove(this.#subscriber, topic.key);
      }
    };
  }

  /** Finds who signed the subscription, for each carries its own signature; the text of a refusal is JSON. */
  #authenticate({ auth, channel, event, time }: ApiMessage): Login {
    const { accounts, now, faults } = this.#ports.context;
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
