import type { Timers } from "../../../runtime/runtime.ts";
import { parseExact } from "../../exact-json.ts";
import type { Login } from "../accounts.ts";
import type { Frame } from "../frame.ts";
import { idOf, JsonConnection, type KeepAlive, readObject } from "../json-connection.ts";
import { textOf } from "../json-fields.ts";
import type { ProtocolConnection } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { type AnsweredFault, passSocketRequest } from "../socket-request.ts";
import { envelope } from "./books.ts";
import type { SizeForm } from "./contracts.ts";
import { GateError, serverError, tooManyRequests } from "./errors.ts";
import { type ApiMessage, kindOfOperation, LOGIN_CHANNEL, OrderEntry, readRequest } from "./order-entry.ts";
import type { GateSubscriber } from "./public-channels.ts";
import { BAD_STRUCTURE, Refused, type SubscriptionPorts, Subscriptions } from "./subscriptions.ts";
import { type WireObject, wholeSeconds, wireJson } from "./wire.ts";

const SOCKET_PATHS: readonly string[] = ["/v4/ws/usdt", "/v4/ws/futures/usdt"];
const KEEP_ALIVE: KeepAlive = { kind: "ping", everyMs: 20_000 };
const MAX_TEXT = 256;

/** Tells that a target is a socket of Gate: live and testnet hosts have a path each. */
export function isSocketTarget(target: string): boolean {
  return SOCKET_PATHS.includes(splitTarget(target).path.replace(/\/$/, ""));
}

export interface ConnectionPorts extends SubscriptionPorts {
  readonly timers: Timers;
  readonly form: SizeForm;
  onClosed(connection: GateConnection): void;
}

/** WebSocket of one client: public and private channels and order entry. */
export class GateConnection implements ProtocolConnection, GateSubscriber {
  readonly form: SizeForm;
  readonly #ports: ConnectionPorts;
  readonly #id: string;
  readonly #socket: JsonConnection<WireObject>;
  readonly #entry: OrderEntry;
  readonly #subscriptions: Subscriptions;
  #login: Login | undefined;

  constructor(ports: ConnectionPorts) {
    const { context, form, sink, timers } = ports;
    this.#ports = ports;
    this.form = form;
    this.#id = context.ids.connection();
    this.#socket = new JsonConnection({ sink, timers, keepAlive: KEEP_ALIVE, now: context.now, json: wireJson });
    this.#entry = new OrderEntry({ context, connectionId: this.#id, form });
    this.#subscriptions = new Subscriptions(ports, this);
  }

  send(frame: Frame): void {
    this.#socket.send(frame);
  }

  onText(text: string): void | Promise<void> {
    const message = readObject(text, (json) => parseExact(json, (digits) => digits));
    if (message === undefined) {
      const error = { code: BAD_STRUCTURE, message: "bad struct" };
      this.#socket.reply({ ...this.#times(), channel: "", event: "", error });
    } else if (message.channel === "futures.ping") {
      this.#socket.reply(envelope("pong", "", null, this.#ports.context.now()));
    } else if (message.event === "api") {
      return this.#onApi(message);
    } else {
      this.#change(message);
    }
  }

  onClose(): void {
    this.#socket.stop();
    this.#subscriptions.clear();
    this.#ports.onClosed(this);
  }

  expireLogin(): void {
    if (this.#login !== undefined || this.#subscriptions.hasPrivate) this.#socket.close(1_000, "login expired");
  }

  /** Sends the notice that comes before an upgrade. */
  announceUpgrade(): void {
    const result = { type: "upgrade", msg: "server upgrade, please reconnect" };
    this.#socket.reply(envelope("system", "update", result, this.#ports.context.now()));
  }

  #onApi(message: ApiMessage): void | Promise<void> {
    const request = readRequest(message);
    const { context, sink } = this.#ports;
    const isLogin = request.channel === LOGIN_CHANNEL;
    return passSocketRequest<WireObject>({
      faults: context.faults,
      sink,
      kind: kindOfOperation(request.channel),
      answer: () => {
        if (isLogin) return this.#logIn(message);
        const acknowledgement = this.#entry.acknowledgement(request, this.#login);
        if (acknowledgement !== undefined) this.#socket.reply(acknowledgement);
        return this.#entry.answer(request, this.#login);
      },
      refuse: (fault) => this.#entry.refusal(request, faultOf(fault)),
      reply: (answer) => this.#socket.reply(answer),
    });
  }

  #logIn(message: ApiMessage): WireObject {
    const request = readRequest(message);
    try {
      this.#login = this.#entry.login(request);
      return this.#entry.loggedIn(request, this.#login);
    } catch (error) {
      if (!(error instanceof GateError)) throw error;
      return this.#entry.refusal(request, error);
    }
  }

  /** A request changes all of its topics or none, and is answered before it takes effect. */
  #change(message: ApiMessage): void {
    const channel = textOf(message.channel).slice(0, MAX_TEXT);
    const event = textOf(message.event).slice(0, MAX_TEXT);
    const payload = Array.isArray(message.payload)
      ? message.payload.map((each) => textOf(each).slice(0, MAX_TEXT))
      : [];
    const names = { conn_id: this.#id, trace_id: this.#id, channel, event };
    const head = { ...this.#times(), id: idOf(message.id), ...names, payload };
    try {
      const apply = this.#subscriptions.prepare(message, channel, event, payload);
      this.#socket.reply({ ...head, result: { status: "success" } });
      apply();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { code, message: text } = error;
      this.#socket.reply({ ...head, error: { code, message: text }, result: { status: "fail" } });
    }
  }

  #times(): WireObject {
    const nowMs = this.#ports.context.now();
    return { time: wholeSeconds(nowMs), time_ms: Math.floor(nowMs) };
  }
}

function faultOf(fault: AnsweredFault): GateError {
  return fault === "error429" ? tooManyRequests() : serverError();
}
