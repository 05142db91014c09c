import type { FrameSink } from "../frame.ts";
import type { AccountSubscriber } from "../subscriber.ts";
import { TopicSubscriptions } from "../topic-subscriptions.ts";
import type { BybitContext } from "./context.ts";
import type { PrivateHub } from "./private-channels.ts";
import type { PublicHub } from "./public-channels.ts";
import { mixesForms, readPrivateTopic, readPublicTopic, type Topic } from "./topics.ts";

/** Most characters of all topics that a connection listens to at one time (docs v5, connect). */
const MAX_ARGS_LENGTH = 21_000;

export interface Hubs {
  readonly publicHub: PublicHub;
  readonly privateHub: PrivateHub;
}

export type SubscriptionChange = "subscribe" | "unsubscribe";
type Prepared = { readonly refused: string } | { apply(): void };

/** Subscriptions of one connection, which are public, or private once it has logged in. */
export class Subscriptions {
  readonly #context: BybitContext;
  readonly #hubs: Hubs;
  readonly #connection: AccountSubscriber;
  readonly #topics: TopicSubscriptions<Topic>;

  constructor(context: BybitContext, hubs: Hubs, sink: FrameSink, connection: AccountSubscriber) {
    this.#context = context;
    this.#hubs = hubs;
    this.#connection = connection;
    this.#topics = new TopicSubscriptions({
      sink,
      placeOf: (topic) => [topic.channel, topic.access === "public" ? topic.symbol : null],
      begin: (topic) => this.#begin(topic),
      end: (topic) => this.#end(topic),
    });
  }

  prepare(op: SubscriptionChange, names: readonly string[]): Prepared {
    const refused = this.#refuse(op, names);
    if (refused !== undefined) return { refused };
    const { engine } = this.#context;
    const isPublic = this.#connection.accountId === undefined;
    const topics = names.map((name) => (isPublic ? readPublicTopic(engine, name) : readPrivateTopic(name)));
    const wrong = names[topics.indexOf(undefined)];
    if (wrong !== undefined) return { refused: `Invalid topic: ${wrong}` };
    const known = topics.filter((topic) => topic !== undefined);
    if (mixesForms(known)) return { refused: "error:all-in-one and categorised topics cannot be mixed" };
    const apply = () => {
      for (const topic of known) {
        if (op === "subscribe") this.#topics.add(topic);
        else this.#topics.drop(topic.key);
      }
    };
    return { apply };
  }

  clear(): void {
    this.#topics.clear();
  }

  #refuse(op: SubscriptionChange, names: readonly string[]): string | undefined {
    if (names.length === 0) return "error:args is empty";
    if (op === "unsubscribe") return undefined;
    if (this.#context.faults.happens("refuseSubscription")) return `error:handler not found,topic:${names[0]}`;
    const subscribed = this.#topics.all().map(({ key }) => key);
    if (JSON.stringify([...subscribed, ...names]).length > MAX_ARGS_LENGTH) return "error:args are too long";
    const repeated = names.find((name) => this.#topics.has(name));
    return repeated === undefined ? undefined : `error:already subscribed,topic:${repeated}`;
  }

  #begin(topic: Topic): void {
    const { accountId } = this.#connection;
    if (topic.access === "public") this.#hubs.publicHub.channels.subscribe(this.#connection, topic);
    if (topic.access === "public" || accountId === undefined) return;
    this.#hubs.privateHub.listeners.add(this.#connection, topic, accountId);
    if (isProtecting(topic)) this.#context.protection.attach(accountId);
  }

  #end(topic: Topic): void {
    const { accountId } = this.#connection;
    if (topic.access === "public") this.#hubs.publicHub.channels.unsubscribe(this.#connection, topic.key);
    else this.#hubs.privateHub.listeners.remove(this.#connection, topic.key);
    if (accountId !== undefined && isProtecting(topic)) this.#context.protection.detach(accountId);
  }
}

const isProtecting = (topic: Topic): boolean => topic.channel === "dcp" && !topic.isSilent;
