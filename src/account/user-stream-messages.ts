import type { AccountUpdate } from "../model/account-update.ts";
import { AuthError, describeError, isAbort, ProtocolError } from "../model/error.ts";
import type { WsAssistant } from "../net/ws-assistant.ts";
import type { MessageFaults } from "./message-faults.ts";
import type { PrivateChannels } from "./private-channels.ts";
import type { AccountUpdateSink, UserStreamDataSourceOptions } from "./user-stream-options.ts";
import type { VenueUserStreamDataSource } from "./venue-user-stream-data-source.ts";

/** One connection, from its opening to its end. */
export interface UserStreamConnection {
  readonly ws: WsAssistant;
  /** Resolves with the reason when the connection is of no more use; rejects with what makes it so. */
  readonly ended: PromiseWithResolvers<string>;
  /** Private channels of a venue that tells them apart. */
  channels: PrivateChannels | undefined;
  /**
   * Number of missing confirmations, on a venue that does not tell its channels apart; infinite until the subscriptions
   * are sent.
   */
  confirmationsMissing: number;
  liveSinceMs: number | undefined;
}

/** Steps of a connection that its messages cause. */
export interface UserStreamSteps {
  readonly subscribe: (connection: UserStreamConnection) => void;
  readonly becomeLive: (connection: UserStreamConnection) => void;
  readonly sink: AccountUpdateSink;
}

/** Reads the messages of a private stream and hands on what they tell. */
export class UserStreamMessages {
  readonly #options: UserStreamDataSourceOptions;
  readonly #faults: MessageFaults;
  readonly #steps: UserStreamSteps;

  constructor(options: UserStreamDataSourceOptions, faults: MessageFaults, steps: UserStreamSteps) {
    this.#options = options;
    this.#faults = faults;
    this.#steps = steps;
  }

  /** Takes one message of a connection. One that cannot be read is counted, and costs no other. */
  receive(connection: UserStreamConnection, text: string): void {
    if (text.trim() === "") return;
    const { venue, parse } = this.#options;
    try {
      const message = parse(text);
      if (isEmpty(message)) return;
      this.#onMessage(connection, message, venue.channelOriginatingMessage(message));
    } catch (error) {
      if (isAbort(error)) throw error;
      this.#faults.unreadable(connection.ws.withoutSecrets(describeError(error)));
    }
  }

  #onMessage(
    connection: UserStreamConnection,
    message: unknown,
    kind: ReturnType<VenueUserStreamDataSource["channelOriginatingMessage"]>,
  ): void {
    switch (kind) {
      case "update":
        this.#deliver(connection, message);
        break;
      case "authenticated":
        if (this.#options.venue.loginIsAcknowledged) this.#steps.subscribe(connection);
        break;
      case "subscribed":
        if (this.#answer(connection, message)) break;
        connection.confirmationsMissing -= 1;
        if (connection.confirmationsMissing <= 0) this.#steps.becomeLive(connection);
        break;
      case "authFailed":
        connection.ended.reject(new AuthError("the venue refused the login of the private stream"));
        break;
      case "reconnect":
        connection.ended.resolve("the venue asked for a new connection");
        break;
      case "listenKeyExpired":
        this.#options.lease?.expire("the stream says that it expired");
        break;
      case "error":
        if (!this.#answer(connection, message)) this.#onErrorMessage(connection);
        break;
      case "unknown":
        this.#faults.unknown();
        break;
      case "ping":
        if (connection.ws.isOpen) connection.ws.send(this.#options.venue.pongOf?.(message));
        break;
      case "challenge":
        connection.ws.authenticate(message).catch((error: unknown) => connection.ended.reject(error));
        break;
      case "pong":
      case "ignored":
        break;
    }
  }

  /** True when the message was an answer to a private subscription. */
  #answer({ channels, ws }: UserStreamConnection, message: unknown): boolean {
    const answer = channels === undefined ? undefined : this.#options.venue.subscriptionAnswer?.(message);
    if (answer === undefined) return false;
    channels?.answer({ ...answer, reason: answer.reason && ws.withoutSecrets(answer.reason) });
    return true;
  }

  #deliver({ channels }: UserStreamConnection, message: unknown): void {
    const { venue, markets, onUnreadable, inUnit } = this.#options;
    const name = venue.channelOf?.(message);
    // Channels are noted before their rows are read: a row that cannot be read shows as well that the channel lives.
    if (name !== undefined) channels?.seen(name);
    const updates = venue.parseUserStreamMessage(markets, message, onUnreadable);
    if (name !== undefined) channels?.told(name, updates);
    if (updates.length > 1 && inUnit !== undefined) inUnit(() => this.#hand(updates));
    else this.#hand(updates);
  }

  #hand(updates: readonly AccountUpdate[]): void {
    for (const update of updates) {
      try {
        this.#steps.sink(update);
      } catch (error) {
        this.#faults.notApplied(update.type, error);
      }
    }
  }

  #onErrorMessage(connection: UserStreamConnection): void {
    if (connection.liveSinceMs === undefined) {
      connection.ended.reject(new ProtocolError("the venue answered a private subscription with an error"));
      return;
    }
    this.#faults.ofVenue();
  }
}

function isEmpty(message: unknown): boolean {
  if (message == null) return true;
  if (typeof message !== "object") return false;
  for (const name in message) if (Object.hasOwn(message, name)) return false;
  return true;
}
