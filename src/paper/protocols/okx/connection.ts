import { wordTable } from "../../../model/word-table.ts";
import type { Timers } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";
import type { Frame, FrameSink } from "../frame.ts";
import { idOf, JsonConnection, type KeepAlive, readObject } from "../json-connection.ts";
import { type Fields, isObject, textOf } from "../json-fields.ts";
import type { ProtocolConnection } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { RollingWindow } from "../rolling-window.ts";
import { passSocketRequest } from "../socket-request.ts";
import { TopicSubscriptions } from "../topic-subscriptions.ts";
import { authenticateSocket } from "./auth.ts";
import type { OkxContext } from "./context.ts";
import { OkxError, serverError, tooManyRequests } from "./errors.ts";
import { answerOperation, isOrderOperation, refuseOperation } from "./order-entry.ts";
import type { PrivateHub } from "./private-channels.ts";
import type { PublicHub } from "./public-channels.ts";
import { type PrivateTopic, readTopic, type SocketKind, type Topic } from "./topics.ts";
import { type WireObject, wireJson } from "./wire.ts";

const SOCKET_PATHS: Readonly<Record<string, SocketKind>> = wordTable({
  "/ws/v5/public": "public",
  "/ws/v5/private": "private",
  "/ws/v5/business": "business",
});
/** A connection on which nothing was sent in either direction for so long is closed (docs v5, WebSocket overview). */
const KEEP_ALIVE: KeepAlive = {
  ...{ kind: "silence", afterMs: 30_000, signs: ["client", "data", "reply"] },
  ...{ code: 4_004, reason: "No data received in 30s." },
};
/** Logins and changes of subscriptions of a connection in an hour, whatever number of channels each has. */
const REQUESTS_AN_HOUR = 480;
const HOUR_MS = 3_600_000;
/** "The total length of multiple channels cannot exceed 64 KB" (docs v5, subscribe). */
const MAX_REQUEST_BYTES = 65_536;
/** Channels of a connection, more than a hundred instruments have: parts of their names may be made up, and each is kept. */
const MAX_CHANNELS = 2_048;
/** Connections of an account that may listen to one private channel (docs v5, connection count limit). */
const MAX_CONNECTIONS_OF_CHANNEL = 30;
const CLOSE_TOO_LONG = 1_009;
const CLOSE_LOGIN_FAILED = 4_001;

export function socketKindOf(target: string): SocketKind | undefined {
  return SOCKET_PATHS[splitTarget(target).path.replace(/\/$/, "")];
}

export interface Hubs {
  readonly publicHub: PublicHub;
  readonly privateHub: PrivateHub;
}

/** One client's WebSocket. Frames are handled one by one, in order. */
export class OkxConnection implements ProtocolConnection {
  readonly #kind: SocketKind;
  readonly #context: OkxContext;
  readonly #hubs: Hubs;
  readonly #sink: FrameSink;
  readonly #connectionId: string;
  readonly #socket: JsonConnection<WireObject>;
  readonly #topics: TopicSubscriptions<Topic>;
  readonly #requests = new RollingWindow(REQUESTS_AN_HOUR, HOUR_MS);
  readonly #onClosed: (connection: OkxConnection) => void;
  #login: Login | undefined;

  constructor(
    kind: SocketKind,
    context: OkxContext,
    hubs: Hubs,
    { sink, timers }: { readonly sink: FrameSink; readonly timers: Timers },
    onClosed: (connection: OkxConnection) => void,
  ) {
    this.#kind = kind;
    this.#context = context;
    this.#hubs = hubs;
    this.#sink = sink;
    this.#connectionId = context.ids.connection();
    this.#onClosed = onClosed;
    this.#socket = new JsonConnection({ sink, timers, keepAlive: KEEP_ALIVE, now: context.now, json: wireJson });
    this.#topics = new TopicSubscriptions({
      sink,
      placeOf: (topic) => [topic.channel, topic.access === "public" ? topic.instId : null],
      begin: (topic) => {
        if (topic.access === "public") hubs.publicHub.channels.subscribe(this, topic);
        else this.#beginPrivate(topic);
      },
      end: (topic) => {
        if (topic.access === "public") hubs.publicHub.channels.unsubscribe(this, topic.key);
        else hubs.privateHub.listeners.remove(this, topic.key);
      },
    });
  }

  send(frame: Frame): void {
    this.#socket.send(frame);
  }

  /** The notice of a service upgrade; the connection closes soon. */
  announceEnd(): void {
    const msg = "The connection will soon be closed for a service upgrade. Please reconnect.";
    this.#socket.reply({ event: "notice", code: "64008", msg, connId: this.#connectionId });
  }

  onText(text: string): void {
    this.#socket.heard();
    if (text === "ping") {
      this.#socket.replyText("pong");
      return;
    }
    if (this.#context.limiter.isOn && Buffer.byteLength(text) > MAX_REQUEST_BYTES) {
      this.#socket.close(CLOSE_TOO_LONG, "Frame too long");
      return;
    }
    const message = readObject(text);
    if (message === undefined) this.#refuse(new OkxError("60012", `Invalid request: ${text}`));
    else this.#handle(message, text);
  }

  onClose(): void {
    this.#socket.stop();
    this.#topics.clear();
    this.#onClosed(this);
  }

  expireLogin(): void {
    if (this.#login !== undefined) this.#socket.close(CLOSE_LOGIN_FAILED, "Login expired");
  }

  #handle(message: Fields, text: string): void {
    const { op, id } = message;
    if (typeof op === "string" && isOrderOperation(op) && this.#kind === "private") {
      this.#enterOrder(op, message);
      return;
    }
    const args = Array.isArray(message.args) ? message.args : [];
    if (op !== "login" && op !== "subscribe" && op !== "unsubscribe") {
      this.#refuse(op === undefined ? new OkxError("60012", `Invalid request: ${text}`) : invalidOp(op), id);
    } else if (args.length === 0) {
      this.#refuse(new OkxError("60012", `Invalid request: ${text}`), id);
    } else if (!this.#mayAsk()) {
      this.#refuse(new OkxError("60014", "Requests too frequent"), id);
    } else if (op === "login") {
      this.#authenticate(args[0]);
    } else {
      for (const arg of args) this.#change(op, arg, id);
    }
  }

  #enterOrder(op: string, message: Fields): void {
    passSocketRequest<WireObject>({
      faults: this.#context.faults,
      sink: this.#sink,
      kind: op === "order" || op === "batch-orders" ? "order" : "change",
      answer: () => answerOperation(this.#context, message, this.#login),
      refuse: (fault) =>
        refuseOperation(this.#context, message, fault === "error429" ? tooManyRequests() : serverError()),
      reply: (answer) => this.#socket.reply(answer),
    });
  }

  #mayAsk(): boolean {
    return !this.#context.limiter.isOn || this.#requests.take(1, this.#context.now()) >= 0;
  }

  /** Authenticates a socket of either kind; a failed login ends the connection. */
  #authenticate(credentials: unknown): void {
    try {
      if (!isObject(credentials)) throw new OkxError("60013", "Invalid args");
      if (this.#context.faults.happens("refuseLogin")) {
        throw new OkxError("63999", "Login failed due to internal error. Please try again later.");
      }
      this.#login = authenticateSocket(credentials, this.#context.accounts, this.#context.now());
      this.#socket.reply({ event: "login", code: "0", msg: "", connId: this.#connectionId });
    } catch (error) {
      if (!(error instanceof OkxError)) throw error;
      this.#refuse(error);
      this.#socket.close(CLOSE_LOGIN_FAILED, "Login failed");
    }
  }

  /** Each of a request's arguments is answered by itself, and then begins with what the channel has. */
  #change(op: "subscribe" | "unsubscribe", arg: unknown, id: unknown): void {
    if (this.#kind === "private" && this.#login === undefined) {
      this.#refuse(new OkxError("60011", "Please log in"), id);
      return;
    }
    if (this.#kind === "private" && isObject(arg) && arg.channel === "fills") {
      this.#refuse(
        new OkxError("60029", "Only users who are VIP5 and above in trading fee tier may subscribe to it"),
        id,
      );
      return;
    }
    const topic = readTopic(this.#context.engine, this.#kind, arg);
    if (topic === undefined || (op === "subscribe" && this.#context.faults.happens("refuseSubscription"))) {
      this.#refuse(noSuchChannel(arg), id);
      return;
    }
    if (op === "subscribe" && this.#topics.size >= MAX_CHANNELS && !this.#topics.has(topic.key)) {
      this.#refuse(new OkxError("60012", "Invalid request: too many channels on this connection"), id);
      return;
    }
    this.#socket.reply({ id: idOf(id), event: op, arg: topic.arg, connId: this.#connectionId });
    if (op === "subscribe") this.#topics.add(topic);
    else this.#topics.drop(topic.key);
  }

  /** Tells how many connections listen to the channel, and ends the subscription where they are too many. */
  #beginPrivate(topic: PrivateTopic): void {
    const { listeners } = this.#hubs.privateHub;
    const accountId = this.#login?.accountId;
    if (accountId === undefined) return;
    const listener = listeners.add(this, topic, accountId);
    const count = this.#hubs.privateHub.connectionCount(accountId, topic.channel);
    const isTooMany = count > MAX_CONNECTIONS_OF_CHANNEL;
    const event = isTooMany ? "channel-conn-count-error" : "channel-conn-count";
    this.#socket.reply({ event, channel: topic.channel, connCount: String(count), connId: this.#connectionId });
    if (isTooMany) this.#topics.drop(topic.key);
    else this.#hubs.privateHub.begin(listener);
  }

  #refuse({ code, message }: OkxError, id?: unknown): void {
    this.#socket.reply({ id: idOf(id), event: "error", code, msg: message, connId: this.#connectionId });
  }
}

const invalidOp = (op: unknown): OkxError => new OkxError("60019", `Invalid op: ${textOf(op)}`);

function noSuchChannel(arg: unknown): OkxError {
  if (!isObject(arg)) return new OkxError("60013", "Invalid args");
  const named = ["channel", "instType", "instFamily", "instId"].flatMap((name) =>
    arg[name] === undefined ? [] : [`${name}:${textOf(arg[name])}`],
  );
  return new OkxError(
    "60018",
    `Wrong URL or ${named.join(",")} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`,
  );
}
