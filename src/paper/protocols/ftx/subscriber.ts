import type { AccountSubscriber } from "../subscriber.ts";

/** A channel that a client listens to; the name tells subscriptions apart. */
export interface Subscription {
  readonly name: string;
  readonly channel: string;
  /** The name on the wire. */
  readonly market: string | null;
  readonly grouping: bigint | null;
}

export interface FtxSubscriber extends AccountSubscriber {
  readonly subscriptions: Map<string, Subscription>;
}
