import { AbortError, ConfigError } from "../model/error.ts";
import { never } from "./process-end.ts";
import type {
  HttpClient,
  HttpRequest,
  HttpResponse,
  ListeningServer,
  ServerHost,
  ServerOptions,
  ServerResponse,
} from "./runtime.ts";
import type { HttpFault } from "./simulated-faults.ts";
import type { SimulatedLink, SimulatedListener, SimulatedNetwork, SimulatedPipe } from "./simulated-network.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { ScheduledEvent, SimulatedScheduler } from "./simulated-scheduler.ts";
import { isLongerThan, MAX_BODY_BYTES, tooLarge } from "./size-limits.ts";
import { splitUrl, transportFailure, UNRESOLVED, type UrlParts, withoutQuery } from "./transport-failure.ts";

export function lowerCaseNames(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

export class SimulatedHttpClient implements HttpClient {
  readonly #process: SimulatedProcess;
  readonly #network: SimulatedNetwork;
  readonly #scheduler: SimulatedScheduler;
  readonly #exchanges = new Set<Exchange>();
  #isClosed = false;

  constructor(process: SimulatedProcess, network: SimulatedNetwork, scheduler: SimulatedScheduler) {
    this.#process = process;
    this.#network = network;
    this.#scheduler = scheduler;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    if (!this.#process.isAlive) return never();
    if (request.signal?.aborted === true) throw new AbortError();
    if (this.#isClosed) {
      throw transportFailure("closed", withoutQuery(request.url), "the HTTP client is closed", {
        bytesMayHaveLeft: false,
      });
    }
    const exchange = new Exchange(request, this.#process, this.#network, this.#scheduler);
    this.#exchanges.add(exchange);
    try {
      return await exchange.start();
    } finally {
      this.#exchanges.delete(exchange);
    }
  }

  async close(): Promise<void> {
    if (!this.#process.isAlive) return never();
    this.#isClosed = true;
    for (const exchange of [...this.#exchanges]) {
      exchange.breakOff("closed", "the HTTP client was closed", true);
    }
  }
}

/** One request and its response. */
class Exchange implements SimulatedLink {
  readonly client: SimulatedProcess;
  server: SimulatedListener | undefined;
  readonly #request: HttpRequest;
  readonly #network: SimulatedNetwork;
  readonly #scheduler: SimulatedScheduler;
  readonly #settlement = Promise.withResolvers<HttpResponse>();
  readonly #abort = () => this.#fail(new AbortError("aborted after the request had left", { outcome: "unknown" }));
  #timeout: ScheduledEvent | undefined;
  #isSettled = false;

  constructor(
    request: HttpRequest,
    client: SimulatedProcess,
    network: SimulatedNetwork,
    scheduler: SimulatedScheduler,
  ) {
    this.#request = request;
    this.client = client;
    this.#network = network;
    this.#scheduler = scheduler;
  }

  get #name(): string {
    return `${this.#request.method} ${withoutQuery(this.#request.url)}`;
  }

  start(): Promise<HttpResponse> {
    const request = this.#request;
    const address = splitUrl(request.url);
    if (address === undefined) {
      this.breakOff("invalid", "not an HTTP URL", false);
      return this.#settlement.promise;
    }
    this.#network.add(this);
    request.signal?.addEventListener("abort", this.#abort, { once: true });
    const onTimeout = () => this.breakOff("timeout", `no answer within ${request.timeoutMs} ms`, true);
    this.#timeout = this.#scheduler.schedule(request.timeoutMs, `timeout ${this.#name}`, onTimeout, this.client);
    const body = request.body ?? "";
    const fault = this.#network.faults.onHttpRequest?.({
      clientHost: this.client.host,
      method: request.method,
      url: request.url,
      headers: request.headers,
      body,
    });
    if (fault !== undefined) this.#scheduler.record(`fault ${fault.kind} of ${this.#name}`);
    if (fault?.kind === "dropRequest") return this.#settlement.promise;
    if (fault?.kind === "unresolved") {
      this.#network.afterLookUp(this.client.host, () => this.breakOff("connect", UNRESOLVED, false));
      return this.#settlement.promise;
    }
    const serverHost = this.#network.hostOf(address.host, address.port);
    const back = this.#network.pipe(serverHost, this.client.host);
    if (fault?.kind === "refuse") back.send(`refuse ${this.#name}`, () => this.#refuse());
    else if (fault?.kind === "respond") back.send(`answer ${this.#name}`, () => this.#succeed(fault.response));
    else {
      const there = this.#network.pipe(this.client.host, serverHost);
      const delayMs = fault?.kind === "delay" ? fault.ms : 0;
      if (fault?.kind === "staleKeepAlive") there.send(`stale ${this.#name}`, () => this.#sendReset(back));
      else {
        const label = `${request.method} ${request.url} ${JSON.stringify(request.headers)} ${body}`;
        there.send(label, () => this.#arrive(address, back, fault), delayMs);
      }
    }
    return this.#settlement.promise;
  }

  #arrive(address: UrlParts, back: SimulatedPipe, fault: HttpFault | undefined): void {
    const listener = this.#network.find(address.host, address.port);
    if (listener === undefined) {
      back.send(`refuse ${this.#name}`, () => this.#refuse());
      return;
    }
    this.server = listener;
    const headers = lowerCaseNames({ host: `${address.host}:${address.port}`, ...this.#request.headers });
    const answered = answerOf(listener.options, {
      method: this.#request.method,
      target: address.target,
      headers,
      body: this.#request.body ?? "",
      remoteAddress: this.client.host,
    });
    void answered.then((response) => {
      if (!listener.process.isAlive || this.server !== listener) return;
      this.#answer(response, back, fault);
    });
  }

  #answer(response: ServerResponse, back: SimulatedPipe, fault: HttpFault | undefined): void {
    if (fault?.kind === "slow") return;
    const isCut = fault?.kind === "dropResponse" || fault?.kind === "resetInBody";
    if (response.reset === true || isCut) {
      this.#sendReset(back);
      return;
    }
    const delayMs = fault?.kind === "delayResponse" ? fault.ms : 0;
    const label = `${response.status} ${this.#name} ${JSON.stringify(response.headers)} ${response.body}`;
    back.send(label, () => this.#succeed(responseOf(response)), delayMs);
  }

  #sendReset(back: SimulatedPipe): void {
    back.send(`reset ${this.#name}`, () => this.#reset());
  }

  #fail(error: Error): void {
    if (this.#settle()) this.#settlement.reject(error);
  }

  #succeed(response: HttpResponse): void {
    if (isLongerThan(response.text, MAX_BODY_BYTES)) {
      this.breakOff("too_large", tooLarge("an answer", MAX_BODY_BYTES), true);
      return;
    }
    if (this.#settle()) this.#settlement.resolve(response);
  }

  breakOff(
    kind: "closed" | "invalid" | "timeout" | "refused" | "connect" | "reset" | "too_large",
    reason: string,
    bytesMayHaveLeft: boolean,
  ): void {
    this.#fail(transportFailure(kind, this.#name, reason, { bytesMayHaveLeft }));
  }

  #refuse(): void {
    this.breakOff("refused", "connection refused", false);
  }

  #reset(): void {
    this.breakOff("reset", "connection reset", true);
  }

  reset(): void {
    this.server = undefined;
    const label = `reset ${this.#name}`;
    this.#scheduler.schedule(0, label, () => this.#network.deliver(this.client.host, label, () => this.#reset()));
  }

  processEnded(process: SimulatedProcess, isSilent: boolean): void {
    if (process === this.client) this.#settle();
    else if (!isSilent)
      this.#network.pipe(process.host, this.client.host).send(`reset ${this.#name}`, () => this.#reset());
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#timeout?.cancel();
    this.#request.signal?.removeEventListener("abort", this.#abort);
    this.#network.remove(this);
    return this.client.isAlive;
  }
}

async function answerOf(
  options: ServerOptions,
  request: Parameters<ServerOptions["onRequest"]>[0],
): Promise<ServerResponse> {
  try {
    return await options.onRequest(
      options.wantsBody?.({ ...request, body: "" }) === false ? { ...request, body: "" } : request,
    );
  } catch {
    return { status: 500, body: "internal error" };
  }
}

function responseOf(response: ServerResponse): HttpResponse {
  return { status: response.status, headers: lowerCaseNames(response.headers ?? {}), text: response.body };
}

export class SimulatedServerHost implements ServerHost {
  readonly #process: SimulatedProcess;
  readonly #network: SimulatedNetwork;

  constructor(process: SimulatedProcess, network: SimulatedNetwork) {
    this.#process = process;
    this.#network = network;
  }

  async listen(options: ServerOptions): Promise<ListeningServer> {
    if (!this.#process.isAlive) return never();
    const listener = this.#network.listen(this.#process, options);
    if (listener === undefined) {
      throw new ConfigError(`cannot listen on ${options.host}:${options.port}: the port is in use`);
    }
    return {
      host: listener.host,
      port: listener.port,
      close: async () => {
        if (!this.#process.isAlive) return never();
        this.#network.unlisten(listener);
      },
    };
  }
}
