import { wordTable } from "../../../model/word-table.ts";
import type { ServerRequest, Timers } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";
import type { Frame, FrameSink } from "../frame.ts";
import { idOf, JsonConnection, readObject } from "../json-connection.ts";
import { type Fields, textOf } from "../json-fields.ts";
import type { ProtocolConnection } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { type AnsweredFault, passSocketRequest } from "../socket-request.ts";
import type { AccountSubscriber } from "../subscriber.ts";
import { authenticateSocket } from "./auth.ts";
import type { BybitContext } from "./context.ts";
import { BybitError, SERVER_ERROR, TOO_MANY_VISITS } from "./errors.ts";
import { OrderEntry } from "./order-entry.ts";
import { type Hubs, type SubscriptionChange, Subscriptions } from "./subscriptions.ts";
import { type WireObject, wireJson } from "./wire.ts";

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

/** One client's WebSocket. Frames are handled one by one, in order. */
export class BybitConnection implements ProtocolConnection, AccountSubscriber {
  readonly #kind: SocketKind;
  readonly #context: BybitContext;
  readonly #sink: FrameSink;
  readonly #connectionId: string;
  readonly #socket: JsonConnection<WireObject>;
  readonly #subscriptions: Subscriptions;
  readonly #orderEntry: OrderEntry;
  #login: Login | undefined;

  constructor(
    kind: SocketKind,
    context: BybitContext,
    hubs: Hubs,
    { sink, timers, target }: { readonly sink: FrameSink; readonly timers: Timers } & Pick<ServerRequest, "target">,
  ) {
    this.#kind = kind;
    this.#context = context;
    this.#sink = sink;
    this.#connectionId = context.ids.connection();
    this.#subscriptions = new Subscriptions(context, hubs, sink, this);
    this.#orderEntry = new OrderEntry(context, this.#connectionId);
    this.#socket = new JsonConnection({
      ...{ sink, timers, now: context.now, json: wireJson },
      keepAlive: {
        ...{ kind: "silence", afterMs: idleCutoffMs(kind, target), signs: ["client", "data"] },
        ...{ lookMs: IDLE_LOOK_MS, reason: "idle" },
      },
    });
  }

  get accountId(): string | undefined {
    return this.#login?.accountId;
  }

  send(frame: Frame): void {
    this.#socket.send(frame);
  }

  onText(text: string): void {
    this.#socket.heard();
    const message = readObject(text);
    if (message !== undefined) this.#handle(message);
    else this.#acknowledge("", undefined, "error:invalid json");
  }

  onClose(): void {
    this.#socket.stop();
    this.#subscriptions.clear();
  }

  expireLogin(): void {
    if (this.#login !== undefined) this.#socket.close(1_000, "login expired");
  }

  #handle(message: Fields): void {
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

  #enterOrder(message: Fields): void {
    passSocketRequest<WireObject>({
      faults: this.#context.faults,
      sink: this.#sink,
      kind: /^order\.create(-batch)?$/.test(textOf(message.op)) ? "order" : "change",
      answer: () => this.#orderEntry.answer(message, this.#login),
      refuse: (fault) => this.#orderEntry.refusal(message, faultOf(fault)),
      reply: (answer) => this.#socket.reply(answer),
    });
  }

  /** The forms differ between the sockets. */
  #pong(requestId: unknown): void {
    const now = String(Math.floor(this.#context.now()));
    if (this.#kind === "public") {
      this.#acknowledge("ping", requestId, undefined, "pong");
    } else if (this.#kind === "private") {
      this.#socket.reply({ req_id: idTextOf(requestId), op: "pong", args: [now], conn_id: this.#connectionId });
    } else {
      this.#socket.reply({ retCode: 0, retMsg: "OK", op: "pong", data: [now], connId: this.#connectionId });
    }
  }

  #authenticate({ args, req_id }: Fields): void {
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
      this.#socket.close(1_000, "auth failed");
    }
  }

  /** The forms differ between the sockets. */
  #answerAuth(requestId: unknown, retCode: number, text: string): void {
    if (this.#kind === "trade") {
      const retMsg = retCode === 0 ? "OK" : text;
      this.#socket.reply({ retCode, retMsg, op: "auth", connId: this.#connectionId });
    } else {
      this.#acknowledge("auth", requestId, retCode === 0 ? undefined : text);
    }
  }

  #changeSubscriptions(op: SubscriptionChange, { args, req_id }: Fields): void {
    if (this.#kind === "private" && this.#login === undefined) {
      this.#acknowledge(op, req_id, "Request not authorized");
      return;
    }
    const names = Array.isArray(args) ? args.map(textOf) : [];
    const change = this.#subscriptions.prepare(op, names);
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
    this.#socket.reply({ success, ret_msg, conn_id: this.#connectionId, req_id: idTextOf(requestId), op });
  }
}

function faultOf(fault: AnsweredFault): BybitError {
  return fault === "error429"
    ? new BybitError(TOO_MANY_VISITS, "Too many visits!")
    : new BybitError(SERVER_ERROR, "Internal server error.");
}

/** Returns a request's id as it came; clients look for their own. */
const idTextOf = (requestId: unknown): string | number => idOf(requestId) ?? "";

/** Ten minutes, or what `?max_active_time=30s` (or minutes, `5m`) asks for on a private socket. */
function idleCutoffMs(kind: SocketKind, target: string): number {
  const match = /[?&]max_active_time=(\d{1,4})(s|m)/.exec(target);
  if (kind === "public" || match === null) return IDLE_CUTOFF_MS;
  const askedMs = Number(match[1]) * (match[2] === "m" ? 60_000 : 1_000);
  return Math.min(Math.max(askedMs, 30_000), IDLE_CUTOFF_MS);
}
