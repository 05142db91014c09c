import type { ServerConnectionHandlers, WebSocketClose, WebSocketHandlers } from "./runtime.ts";
import type { FrameDirection, SimulatedConnectionInfo } from "./simulated-faults.ts";
import type { SimulatedNetwork, SimulatedPipe } from "./simulated-network.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { ScheduledEvent, SimulatedScheduler } from "./simulated-scheduler.ts";
import { isLongerThan, MAX_MESSAGE_BYTES, MESSAGE_TOO_BIG, tooLarge } from "./size-limits.ts";
import { transportFailure, withoutQuery } from "./transport-failure.ts";

/** Time after which a peer that never answers the closing handshake is dropped, as `ws` does. */
const CLOSE_TIMEOUT_MS = 30_000;

type EndHandlers = ServerConnectionHandlers & Pick<WebSocketHandlers, "onBytes" | "onPing" | "onPong">;

const encoder = new TextEncoder();

/** One end of a connection. */
export class SimulatedSocketEnd {
  readonly process: SimulatedProcess;
  handlers: EndHandlers | undefined;
  peer: SimulatedSocketEnd | undefined;
  readonly #out: SimulatedPipe;
  readonly #direction: FrameDirection;
  readonly #info: SimulatedConnectionInfo;
  readonly #network: SimulatedNetwork;
  readonly #scheduler: SimulatedScheduler;
  readonly #onEnded: () => void;
  #buffer: (() => void)[] | undefined;
  #isForgotten = false;
  #closeTimeout: ScheduledEvent | undefined;
  #state: "open" | "closing" | "dropped" | "closed" = "open";

  constructor(
    process: SimulatedProcess,
    out: SimulatedPipe,
    direction: FrameDirection,
    info: SimulatedConnectionInfo,
    network: SimulatedNetwork,
    scheduler: SimulatedScheduler,
    onEnded: () => void,
  ) {
    this.process = process;
    this.#out = out;
    this.#direction = direction;
    this.#info = info;
    this.#network = network;
    this.#scheduler = scheduler;
    this.#onEnded = onEnded;
  }

  get isOpen(): boolean {
    return this.#state === "open" && this.process.isAlive;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  get waiting(): number {
    return this.#out.waiting;
  }

  /** Buffers messages that a server sends before it has accepted; they follow the acceptance. */
  startBuffering(): void {
    this.#buffer = [];
  }

  flush(): void {
    const buffer = this.#buffer ?? [];
    this.#buffer = undefined;
    for (const operation of buffer) operation();
  }

  discard(): void {
    this.#buffer = undefined;
    this.#state = "closed";
    this.peer?.discardIfOpen();
    this.#onEnded();
  }

  discardIfOpen(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#onEnded();
  }

  send(text: string): void {
    if (!this.process.isAlive) return;
    if (!this.isOpen)
      throw transportFailure("closed", withoutQuery(this.#info.url), "not open", { bytesMayHaveLeft: false });
    if (this.#buffer !== undefined) {
      this.#buffer.push(() => this.send(text));
      return;
    }
    const deliver = () => this.peer?.receiveText(text);
    const fault = this.#network.faults.onFrame?.(this.#direction, text, this.#info);
    if (fault !== undefined) this.#scheduler.record(`fault ${JSON.stringify(fault)} of a frame`);
    if (fault === "drop") return;
    if (fault === "hold") this.#network.hold(() => this.#out.sendLate(text, deliver, 0));
    else if (typeof fault === "object") this.#out.sendLate(text, deliver, fault.delayMs);
    else this.#out.send(text, deliver, 0, text.length);
    if (fault === "repeat") this.#out.send(text, deliver, 0, text.length);
  }

  ping(): void {
    if (!this.isOpen) return;
    if (this.#buffer !== undefined) this.#buffer.push(() => this.ping());
    else this.#out.send("ping", () => this.peer?.receivePing());
  }

  close(code?: number, reason = ""): void {
    if (code !== undefined && !isSendableCode(code)) throw new TypeError(`a close frame cannot carry the code ${code}`);
    if (this.isOpen) this.#startClosing(code ?? 1005, reason);
  }

  #startClosing(code: number, reason: string): void {
    if (this.#buffer !== undefined) {
      this.#buffer.push(() => this.#startClosing(code, reason));
      return;
    }
    this.#state = "closing";
    this.#out.send(`close ${code}`, () => this.peer?.receiveClose({ code, reason }));
    const giveUp = () => this.terminate();
    this.#closeTimeout = this.#scheduler.schedule(CLOSE_TIMEOUT_MS, "close timeout", giveUp, this.process);
  }

  terminate(): void {
    if (this.#state === "dropped" || this.#state === "closed" || !this.process.isAlive) return;
    if (this.#buffer !== undefined) {
      this.#buffer.push(() => this.terminate());
      return;
    }
    this.#state = "dropped";
    this.#scheduler.schedule(0, "terminate", () => this.#finish({ code: 1006, reason: "" }), this.process);
    this.#sendReset();
  }

  /**
   * Ends without a word to its own handlers: the process is gone, or it had given up waiting for the handshake. Where its
   * machine lost its power, the peer hears of it with the answer to what it sends once the machine runs again.
   */
  abandon(isSilent = false): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#isForgotten = isSilent;
    if (!isSilent) this.#sendReset();
    this.#onEnded();
  }

  #sendReset(): void {
    this.#out.send("reset", () => this.peer?.receiveReset());
  }

  /** Something came for a connection of which the machine knows nothing any more. */
  #isUnknown(): boolean {
    if (this.#isForgotten) this.#sendReset();
    return this.#isForgotten;
  }

  receiveText(text: string): void {
    if (this.#isUnknown()) return;
    if (this.#direction === "toServer" && isLongerThan(text, MAX_MESSAGE_BYTES)) this.#refuseMessage();
    else if ((this.#state === "open" || this.#state === "closing") && this.process.isAlive) this.#deliver(text);
  }

  #deliver(text: string): void {
    const { handlers } = this;
    if (handlers?.onBytes?.(encoder.encode(text)) !== true) handlers?.onText(text);
  }

  /** Refuses a message that is too long for a client. The limit of a server is its own affair. */
  #refuseMessage(): void {
    if (this.#state === "closed") return;
    this.#sendReset();
    this.#finish({ code: MESSAGE_TOO_BIG, reason: tooLarge("a message", MAX_MESSAGE_BYTES) });
  }

  receivePing(): void {
    if (this.#isUnknown() || !this.isOpen) return;
    this.#out.send("pong", () => this.peer?.receivePong());
    this.handlers?.onPing?.();
  }

  receivePong(): void {
    if (!this.#isUnknown() && this.isOpen) this.handlers?.onPong?.();
  }

  receiveClose(info: WebSocketClose): void {
    if (this.#isUnknown()) return;
    if (this.#state === "open") this.#out.send(`close ${info.code}`, () => this.peer?.receiveClose(info));
    if (this.#state === "open" || this.#state === "closing") this.#finish(info);
  }

  receiveReset(): void {
    this.#finish({ code: 1006, reason: "" });
  }

  #finish(info: WebSocketClose): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#closeTimeout?.cancel();
    this.#onEnded();
    if (this.process.isAlive) this.handlers?.onClose(info);
  }
}

/** RFC 6455, 7.4: 1004 to 1006 are reserved, 1015 and above are not for endpoints until 3000. */
function isSendableCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);
}
