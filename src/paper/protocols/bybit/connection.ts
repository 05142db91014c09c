import { wordTable } from "../../../model/word-table.ts";
import type { ServerRequest, Timer, Timers } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";
import type { Frame, FrameSink } from "../frame.ts";
import { isObject, textOf } from "../json-fields.ts";
import type { ProtocolConnection } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { type AnsweredFault, passSocketRequest } from "../socket-request.ts";
import { authenticateSocket } from "./auth.ts";
import type { BybitContext } from "./context.ts";
import { BybitError, SERVER_ERROR, TOO_MANY_VISITS } from "./errors.ts";
import { OrderEntry } from "./order-entry.ts";
import type { PrivateHub } from "./private-channels.ts";
import type { PublicHub } from "./public-channels.ts";
import { type SubscriptionChange, Subscriptions } from "./subscriptions.ts";
import type { PrivateChannel } from "./topics.ts";
import { type WireObject, type WireValue, wireJson } from "./wire.ts";

export type SocketKind = "public" | "private" | "trade";

const SOCKET_PATHS: Readonly<Record<string, SocketKind>> = wordTable({
  "/v5/public/linear": "public",
  "/v5/private": "private",
  "/v5/trade": "trade",
});
const IDLE_CUTOFF_MS = 600_000;
const IDLE_LOOK_MS = 30_000;
const REPEATED_AUTH = 20_001;

export function socketKindOf(target: string): SocketKind | undefined {
  return SOCKET_PATHS[splitTarget(target).path.replace(/\/$/, "")];
}

export interface Hubs {
  readonly publicHub: PublicHub;
  readonly privateHub: PrivateHub;
}

/** One client's WebSocket. Frames are handled one by one, in order. */
export class BybitConnection implements ProtocolConnection {
  readonly #kind: SocketKind;
  readonly #context: BybitContext;
  readonly #hubs: Hubs;
  readonly #sink: FrameSink;
  readonly #timers: Timers;
  readonly #connectionId: string;
  readonly #idleMs: number;
  readonly #subscriptions: Subscriptions;
  readonly #orderEntry: OrderEntry;
  #login: Login | undefined;
  #idle: Timer | undefined;
  /** Time when a frame came from the client or a channel last went to it. */
  #flowedMs: number;

  constructor(
    kind: SocketKind,
    context: BybitContext,
    hubs: Hubs,
    sink: FrameSink,
    timers: Timers,
    request: ServerRequest,
  ) {
    this.#kind = kind;
    this.#context = context;
    this.#hubs = hubs;
    this.#sink = sink;
    this.#timers = timers;
    this.#connectionId = context.ids.connection();
    this.#idleMs = idleCutoffMs(kind, request.target);
    this.#subscriptions = new Subscriptions(context, hubs.publicHub, sink);
    this.#orderEntry = new OrderEntry(context, this.#connectionId);
    if (kind === "private") hubs.privateHub.add(this);
    this.#flowedMs = context.now();
    this.#watchIdleness();
  }

  get accountId(): string | undefined {
    return this.#login?.accountId;
  }

  /** The number of its account. */
  get identifier(): number {
    return this.#login?.identifier ?? 0;
  }

  /** The forms under which it listens to a channel. */
  topicsOf(channel: PrivateChannel): readonly string[] {
    return this.#subscriptions.namesOf(channel);
  }

  send(frame: Frame): void {
    this.#flowedMs = this.#context.now();
    this.#sink.send(frame);
  }

  onText(text: string): void {
    this.#flowedMs = this.#context.now();
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      message = undefined;
    }
    if (isObject(message)) this.#handle(message);
    else
      this.#reply({ success: false, ret_msg: "error:invalid json", conn_id: this.#connectionId, req_id: "", op: "" });
  }

  onClose(): void {
    this.#idle?.cancel();
    this.#subscriptions.clear(this);
    this.#hubs.privateHub.remove(this);
  }

  expireLogin(): void {
    if (this.#login !== undefined) this.#sink.close(1_000, "login expired");
  }

  #handle(message: Readonly<Record<string, unknown>>): void {
    switch (message.op) {
      case "ping":
        this.#pong(message.req_id);
        return;
      case "auth":
        if (this.#kind === "public") break;
        this.#authenticate(message);
        return;
      case "subscribe":
      case "unsubscribe":
        if (this.#kind === "trade") break;
        this.#changeSubscriptions(message.op, message);
        return;
      default:
        if (this.#kind !== "trade") break;
        this.#enterOrder(message);
        return;
    }
    this.#acknowledge(textOf(message.op), message.req_id, "error:handler not found");
  }

  #enterOrder(message: Readonly<Record<string, unknown>>): void {
    passSocketRequest<WireObject>({
      faults: this.#context.faults,
      sink: this.#sink,
      kind: /^order\.create(-batch)?$/.test(textOf(message.op)) ? "order" : "change",
      answer: () => this.#orderEntry.answer(message, this.#login),
      refuse: (fault) => this.#orderEntry.refusal(message, faultOf(fault)),
      reply: (answer) => this.#reply(answer),
    });
  }

  /** The forms differ between the sockets. */
  #pong(requestId: unknown): void {
    const now = String(Math.floor(this.#context.now()));
    if (this.#kind === "public") {
      this.#acknowledge("ping", requestId, undefined, "pong");
    } else if (this.#kind === "private") {
      this.#reply({ req_id: echoOf(requestId), op: "pong", args: [now], conn_id: this.#connectionId });
    } else {
      this.#reply({ retCode: 0, retMsg: "OK", op: "pong", data: [now], connId: this.#connectionId });
    }
  }

  #authenticate({ args, req_id }: Readonly<Record<string, unknown>>): void {
    if (this.#login !== undefined) {
      this.#answerAuth(req_id, REPEATED_AUTH, "Repeat auth");
      return;
    }
    try {
      if (this.#context.faults.happens("refuseLogin")) throw new BybitError(SERVER_ERROR, "Internal server error.");
      this.#login = authenticateSocket(args, this.#context.accounts, this.#context.now());
      this.#answerAuth(req_id, 0, "");
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      this.#answerAuth(req_id, error.retCode, error.message);
      this.#sink.close(1_000, "auth failed");
    }
  }

  /** The forms differ between the sockets. */
  #answerAuth(requestId: unknown, retCode: number, text: string): void {
    if (this.#kind === "trade") {
      const retMsg = retCode === 0 ? "OK" : text;
      this.#reply({ retCode, retMsg, op: "auth", connId: this.#connectionId });
    } else {
      this.#acknowledge("auth", requestId, retCode === 0 ? undefined : text);
    }
  }

  #changeSubscriptions(op: SubscriptionChange, { args, req_id }: Readonly<Record<string, unknown>>): void {
    if (this.#kind === "private" && this.#login === undefined) {
      this.#acknowledge(op, req_id, "Request not authorized");
      return;
    }
    const names = Array.isArray(args) ? args.map(textOf) : [];
    const change = this.#subscriptions.prepare(this, op, names, this.accountId);
    if ("refused" in change) {
      this.#acknowledge(op, req_id, change.refused);
      return;
    }
    this.#acknowledge(op, req_id);
    change.apply();
  }

  #acknowledge(op: string, requestId: unknown, error?: string, message = ""): void {
    const success = error === undefined;
    const ret_msg = error ?? message;
    this.#reply({ success, ret_msg, conn_id: this.#connectionId, req_id: echoOf(requestId), op });
  }

  #reply(message: WireObject): void {
    this.#sink.send({ channel: null, market: null, text: wireJson(message) });
  }

  /** Cuts a connection on which neither the client nor a channel has said anything for so long. */
  #watchIdleness(): void {
    const look = () => {
      if (this.#context.now() - this.#flowedMs >= this.#idleMs) this.#sink.close(1_000, "idle");
      else this.#watchIdleness();
    };
    this.#idle = this.#timers.after(IDLE_LOOK_MS, look, { background: true });
  }
}

function faultOf(fault: AnsweredFault): BybitError {
  return fault === "error429"
    ? new BybitError(TOO_MANY_VISITS, "Too many visits!")
    : new BybitError(SERVER_ERROR, "Internal server error.");
}

/** Returns a request's id as it came; clients look for their own. */
function echoOf(requestId: unknown): WireValue {
  return typeof requestId === "string" || typeof requestId === "number" ? requestId : "";
}

/** Ten minutes, or what `?max_active_time=30s` (or minutes, `5m`) asks for on a private socket. */
function idleCutoffMs(kind: SocketKind, target: string): number {
  const match = /[?&]max_active_time=(\d{1,4})(s|m)/.exec(target);
  if (kind === "public" || match === null) return IDLE_CUTOFF_MS;
  const askedMs = Number(match[1]) * (match[2] === "m" ? 60_000 : 1_000);
  return Math.min(Math.max(askedMs, 30_000), IDLE_CUTOFF_MS);
}
