import type { FrameSink } from "../frame.ts";
import type { AccountSubscriber } from "../subscriber.ts";
import type { BybitContext } from "./context.ts";
import type { PublicHub } from "./public-channels.ts";
import {
  mixesForms,
  type PrivateChannel,
  type PrivateTopic,
  type PublicTopic,
  readPrivateTopic,
  readPublicTopic,
} from "./topics.ts";

/** Most characters of all topics that a connection listens to at one time (docs v5, connect). */
const MAX_ARGS_LENGTH = 21_000;

export type SubscriptionChange = "subscribe" | "unsubscribe";
type Prepared = { readonly refused: string } | { apply(): void };

/** The topics of one connection. A request changes all of its topics or none, and is answered before it takes effect. */
export class Subscriptions {
  readonly #context: BybitContext;
  readonly #hub: PublicHub;
  readonly #sink: FrameSink;
  readonly #public = new Map<string, PublicTopic>();
  readonly #private = new Map<string, PrivateTopic>();

  constructor(context: BybitContext, hub: PublicHub, sink: FrameSink) {
    this.#context = context;
    this.#hub = hub;
    this.#sink = sink;
  }

  /** The forms under which a private channel is listened to. */
  namesOf(channel: PrivateChannel): readonly string[] {
    const topics = [...this.#private.values()];
    return topics.filter((topic) => topic.channel === channel && !topic.isSilent).map(({ name }) => name);
  }

  /** `accountId` is that of a private socket; topics are the public ones where it is absent. */
  prepare(
    connection: AccountSubscriber,
    op: SubscriptionChange,
    names: readonly string[],
    accountId: string | undefined,
  ): Prepared {
    const refused = this.#refuse(op, names);
    if (refused !== undefined) return { refused };
    return accountId === undefined
      ? this.#preparePublic(connection, op, names)
      : this.#preparePrivate(op, names, accountId);
  }

  clear(connection: AccountSubscriber): void {
    for (const name of this.#public.keys()) this.#hub.unsubscribe(connection, name);
    const { accountId } = connection;
    if (accountId !== undefined && this.namesOf("dcp").length > 0) this.#context.protection.detach(accountId);
  }

  #refuse(op: SubscriptionChange, names: readonly string[]): string | undefined {
    if (names.length === 0) return "error:args is empty";
    if (op === "unsubscribe") return undefined;
    if (this.#context.faults.happens("refuseSubscription")) return `error:handler not found,topic:${names[0]}`;
    const subscribed = [...this.#public.keys(), ...this.#private.keys()];
    if (JSON.stringify([...subscribed, ...names]).length > MAX_ARGS_LENGTH) return "error:args are too long";
    const repeated = names.find((name) => this.#public.has(name) || this.#private.has(name));
    return repeated === undefined ? undefined : `error:already subscribed,topic:${repeated}`;
  }

  #preparePublic(connection: AccountSubscriber, op: SubscriptionChange, names: readonly string[]): Prepared {
    const topics = names.map((name) => readPublicTopic(this.#context.engine, name));
    const wrong = names[topics.indexOf(undefined)];
    if (wrong !== undefined) return { refused: `Invalid topic: ${wrong}` };
    const known = topics.filter((topic) => topic !== undefined);
    const apply = () => {
      for (const topic of known) this.#changePublic(connection, op, topic);
    };
    return { apply };
  }

  #changePublic(connection: AccountSubscriber, op: SubscriptionChange, topic: PublicTopic): void {
    if (op === "subscribe") {
      this.#public.set(topic.name, topic);
      this.#sink.revive(topic.channel, topic.symbol);
      this.#hub.subscribe(connection, topic);
    } else if (this.#public.delete(topic.name)) {
      this.#hub.unsubscribe(connection, topic.name);
    }
  }

  #preparePrivate(op: SubscriptionChange, names: readonly string[], accountId: string): Prepared {
    const topics = names.map(readPrivateTopic);
    const wrong = names[topics.indexOf(undefined)];
    if (wrong !== undefined) return { refused: `Invalid topic: ${wrong}` };
    const known = topics.filter((topic) => topic !== undefined);
    if (mixesForms(known)) return { refused: "error:all-in-one and categorised topics cannot be mixed" };
    const apply = () => {
      for (const topic of known) this.#changePrivate(op, topic, accountId);
    };
    return { apply };
  }

  #changePrivate(op: SubscriptionChange, topic: PrivateTopic, accountId: string): void {
    const { protection } = this.#context;
    const isProtecting = topic.channel === "dcp" && !topic.isSilent;
    if (op === "subscribe") {
      this.#private.set(topic.name, topic);
      this.#sink.revive(topic.channel, null);
      if (isProtecting) protection.attach(accountId);
    } else if (this.#private.delete(topic.name) && isProtecting) {
      protection.detach(accountId);
    }
  }
}
