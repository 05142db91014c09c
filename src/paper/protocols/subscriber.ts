import type { Frame } from "./frame.ts";

/** Listens to channels: a hub needs no more of a connection, so that neither imports the other. */
export interface Subscriber {
  send(frame: Frame): void;
}

/** Listens to channels of an account, once it has logged in. */
export interface AccountSubscriber extends Subscriber {
  readonly accountId: string | undefined;
}

export function sendAll(listeners: Iterable<Subscriber>, frame: Frame): void {
  for (const listener of listeners) listener.send(frame);
}
