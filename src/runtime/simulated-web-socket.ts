import { AbortError } from "../model/error.ts";
import { never } from "./process-end.ts";
import type {
  ServerConnection,
  ServerRequest,
  WebSocketClient,
  WebSocketConnection,
  WebSocketHandlers,
  WebSocketOptions,
} from "./runtime.ts";
import type { FrameDirection, SimulatedConnectionInfo } from "./simulated-faults.ts";
import { lowerCaseNames } from "./simulated-http.ts";
import type { SimulatedLink, SimulatedListener, SimulatedNetwork, SimulatedPipe } from "./simulated-network.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { ScheduledEvent, SimulatedScheduler } from "./simulated-scheduler.ts";
import { SimulatedSocketEnd } from "./simulated-socket-end.ts";
import { splitUrl, transportFailure, UNRESOLVED, withoutQuery } from "./transport-failure.ts";

export class SimulatedWebSocketClient implements WebSocketClient {
  readonly #process: SimulatedProcess;
  readonly #network: SimulatedNetwork;
  readonly #scheduler: SimulatedScheduler;

  constructor(process: SimulatedProcess, network: SimulatedNetwork, scheduler: SimulatedScheduler) {
    this.#process = process;
    this.#network = network;
    this.#scheduler = scheduler;
  }

  async connect(url: string, handlers: WebSocketHandlers, options: WebSocketOptions): Promise<WebSocketConnection> {
    if (!this.#process.isAlive) return never();
    if (options.signal?.aborted === true) throw new AbortError();
    if (splitUrl(url) === undefined) {
      throw transportFailure("invalid", withoutQuery(url), "not a WebSocket URL", { bytesMayHaveLeft: false });
    }
    return new Link(url, handlers, options, this.#process, this.#network, this.#scheduler).open();
  }
}

/** A WebSocket connection from its handshake to its end: two ends and a pipe each way. */
class Link implements SimulatedLink {
  readonly client: SimulatedProcess;
  server: SimulatedListener | undefined;
  readonly #url: string;
  readonly #info: SimulatedConnectionInfo;
  readonly #handlers: WebSocketHandlers;
  readonly #options: WebSocketOptions;
  readonly #network: SimulatedNetwork;
  readonly #scheduler: SimulatedScheduler;
  readonly #opened = Promise.withResolvers<WebSocketConnection>();
  readonly #abort = () => this.#giveUp(new AbortError());
  #clientEnd: SimulatedSocketEnd | undefined;
  #serverEnd: SimulatedSocketEnd | undefined;
  #timeout: ScheduledEvent | undefined;
  #state: "connecting" | "open" | "failed" = "connecting";

  constructor(
    url: string,
    handlers: WebSocketHandlers,
    options: WebSocketOptions,
    client: SimulatedProcess,
    network: SimulatedNetwork,
    scheduler: SimulatedScheduler,
  ) {
    this.#url = url;
    this.#handlers = handlers;
    this.#options = options;
    this.client = client;
    this.#network = network;
    this.#scheduler = scheduler;
    this.#info = { clientHost: client.host, url, number: network.nextConnectionNumber() };
  }

  open(): Promise<WebSocketConnection> {
    const { signal, handshakeTimeoutMs } = this.#options;
    this.#network.add(this);
    signal?.addEventListener("abort", this.#abort, { once: true });
    const onTimeout = () => this.#fail("timeout", `no handshake within ${handshakeTimeoutMs} ms`);
    this.#timeout = this.#scheduler.schedule(handshakeTimeoutMs, "handshake timeout", onTimeout, this.client);
    const fault = this.#network.faults.onConnect?.(this.#info);
    if (fault !== undefined) this.#scheduler.record(`fault ${fault} of a connection`);
    if (fault === "hang") return this.#opened.promise;
    if (fault === "unresolved") {
      this.#network.afterLookUp(this.client.host, () => this.#fail("connect", UNRESOLVED));
      return this.#opened.promise;
    }
    const address = splitUrl(this.#url);
    const serverHost = address === undefined ? "" : this.#network.hostOf(address.host, address.port);
    const there = this.#network.pipe(this.client.host, serverHost);
    const back = this.#network.pipe(serverHost, this.client.host);
    if (fault === "refuse") back.send("refuse", () => this.#fail("refused", "connection refused"));
    else {
      const label = `connect ${this.#url} ${JSON.stringify(this.#options.headers)}`;
      there.send(label, () => this.#arrive(there, back));
    }
    return this.#opened.promise;
  }

  #find(): SimulatedListener | undefined {
    const address = splitUrl(this.#url);
    return address === undefined ? undefined : this.#network.find(address.host, address.port);
  }

  #arrive(there: SimulatedPipe, back: SimulatedPipe): void {
    const listener = this.#find();
    if (listener === undefined) {
      back.send("refuse", () => this.#fail("refused", "connection refused"));
      return;
    }
    this.server = listener;
    const clientEnd = this.#makeEnd(this.client, there, "toServer");
    const serverEnd = this.#makeEnd(listener.process, back, "toClient");
    clientEnd.peer = serverEnd;
    serverEnd.peer = clientEnd;
    this.#clientEnd = clientEnd;
    this.#serverEnd = serverEnd;
    serverEnd.startBuffering();
    const answer = listener.options.onConnection(serverConnection(serverEnd, this.#serverRequest()));
    if (!listener.process.isAlive) return;
    if ("refuse" in answer) {
      serverEnd.discard();
      const fail = () => this.#fail("handshake", `refused with status ${answer.refuse}`, answer.refuse);
      back.send(`refuse ${answer.refuse}`, fail);
      return;
    }
    serverEnd.handlers = answer;
    back.send("accept", () => this.#accept(clientEnd));
    serverEnd.flush();
  }

  #makeEnd(process: SimulatedProcess, out: SimulatedPipe, direction: FrameDirection): SimulatedSocketEnd {
    const onEnded = () => {
      if (this.#clientEnd?.isClosed === true && this.#serverEnd?.isClosed === true) this.#network.remove(this);
    };
    return new SimulatedSocketEnd(process, out, direction, this.#info, this.#network, this.#scheduler, onEnded);
  }

  #serverRequest(): ServerRequest {
    const address = splitUrl(this.#url);
    return {
      method: "GET",
      target: address?.target ?? "/",
      headers: lowerCaseNames({ host: `${address?.host}:${address?.port}`, ...this.#options.headers }),
      body: "",
      remoteAddress: this.client.host,
    };
  }

  #accept(clientEnd: SimulatedSocketEnd): void {
    if (this.#state !== "connecting") {
      clientEnd.abandon();
      return;
    }
    this.#leaveConnecting("open");
    if (!this.client.isAlive) return;
    clientEnd.handlers = this.#handlers;
    this.#opened.resolve(clientConnection(clientEnd));
  }

  #fail(kind: "timeout" | "refused" | "connect" | "reset" | "handshake", reason: string, status?: number): void {
    this.#giveUp(transportFailure(kind, withoutQuery(this.#url), reason, { bytesMayHaveLeft: false, status }));
  }

  #giveUp(error: Error): void {
    if (this.#state !== "connecting") return;
    this.#leaveConnecting("failed");
    if (this.#clientEnd === undefined) this.#network.remove(this);
    if (this.client.isAlive) this.#opened.reject(error);
  }

  #leaveConnecting(state: "open" | "failed"): void {
    this.#state = state;
    this.#timeout?.cancel();
    this.#options.signal?.removeEventListener("abort", this.#abort);
  }

  reset(): void {
    this.#scheduler.schedule(0, "reset", () => {
      this.#network.deliver(this.client.host, "reset", () => {
        this.#fail("reset", "connection reset");
        this.#clientEnd?.receiveReset();
      });
      const server = this.server?.process.host;
      if (server !== undefined) this.#network.deliver(server, "reset", () => this.#serverEnd?.receiveReset());
    });
  }

  processEnded(process: SimulatedProcess, isSilent: boolean): void {
    if (process === this.client) {
      this.#giveUp(new AbortError());
      this.#clientEnd?.abandon(isSilent);
    }
    if (process !== this.server?.process) return;
    this.#serverEnd?.abandon(isSilent);
    if (isSilent) return;
    const fail = () => this.#fail("reset", "connection reset");
    if (this.#state === "connecting") this.#network.pipe(process.host, this.client.host).send("reset", fail);
  }
}

function clientConnection(end: SimulatedSocketEnd): WebSocketConnection {
  return {
    get isOpen() {
      return end.isOpen;
    },
    get bufferedAmount() {
      return end.waiting;
    },
    send: (text) => end.send(text),
    ping: () => end.ping(),
    close: (code, reason) => end.close(code, reason),
    terminate: () => end.terminate(),
  };
}

function serverConnection(end: SimulatedSocketEnd, request: ServerRequest): ServerConnection {
  return {
    request,
    get isOpen() {
      return end.isOpen;
    },
    get bufferedAmount() {
      return end.waiting;
    },
    send: (text) => end.send(text),
    ping: () => end.ping(),
    close: (code, reason) => end.close(code, reason),
    terminate: () => end.terminate(),
  };
}
