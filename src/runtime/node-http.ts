import type { Dispatcher, Pool } from "undici";
import { AbortError, type PerpwireError } from "../model/error.ts";
import { ByteCollector } from "./byte-collector.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "./runtime.ts";
import { MAX_BODY_BYTES, tooLarge } from "./size-limits.ts";
import { SpareConnections } from "./spare-connections.ts";
import { splitUrl, transportFailure, type UrlParts, withoutQuery } from "./transport-failure.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 20_000;
const CONNECTIONS_PER_ORIGIN = 256;

interface Server {
  readonly pool: Pool;
  readonly spare: SpareConnections;
}

export class NodeHttpClient implements HttpClient {
  readonly #servers = new Map<string, Server>();
  #undici: Promise<typeof import("undici")> | undefined;
  #isClosed = false;

  request(request: HttpRequest): Promise<HttpResponse> {
    if (request.signal?.aborted === true) return Promise.reject(new AbortError());
    const url = splitUrl(request.url);
    if (url === undefined) {
      const options = { bytesMayHaveLeft: false };
      return Promise.reject(transportFailure("invalid", nameOf(request), "not an HTTP URL", options));
    }
    const exchange = new Exchange(request, url.target);
    const server = this.#servers.get(originOf(url));
    if (server === undefined) void this.#send(exchange, url);
    else exchange.dispatch(server.pool);
    return exchange.result;
  }

  keepReady(url: string, connections: number): () => void {
    const parts = splitUrl(url);
    let spare: SpareConnections | undefined;
    let isWanted = parts !== undefined;
    const open = async (): Promise<void> => {
      const undici = await this.#load();
      if (!isWanted || this.#isClosed || parts === undefined) return;
      spare = this.#serverOf(parts, undici).spare;
      spare.keep(spare.wanted + connections);
    };
    // A request tells what is wrong, if anything is.
    open().catch(() => undefined);
    return () => {
      isWanted = false;
      spare?.keep(spare.wanted - connections);
      spare = undefined;
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    for (const { spare } of servers) spare.keep(0);
    await Promise.all(servers.map(({ pool }) => pool.destroy()));
  }

  async #send(exchange: Exchange, url: UrlParts): Promise<void> {
    try {
      const undici = await this.#load();
      if (this.#isClosed) exchange.fail("closed", "the HTTP client is closed");
      else exchange.dispatch(this.#serverOf(url, undici).pool);
    } catch (error) {
      exchange.onResponseError(undefined, error);
    }
  }

  #load(): Promise<typeof import("undici")> {
    this.#undici ??= import("undici");
    return this.#undici;
  }

  #serverOf(url: UrlParts, { Pool, buildConnector }: typeof import("undici")): Server {
    const origin = originOf(url);
    const known = this.#servers.get(origin);
    if (known !== undefined) return known;
    const { host, port, isSecure } = url;
    const target = { hostname: host.replace(/^\[|\]$/g, ""), host, port: String(port) };
    const spare = new SpareConnections(buildConnector({ timeout: CONNECT_TIMEOUT_MS, allowH2: false }), {
      ...target,
      protocol: isSecure ? "https:" : "http:",
    });
    const pool = new Pool(origin, {
      connections: CONNECTIONS_PER_ORIGIN,
      pipelining: 1,
      allowH2: false,
      connect: spare.connect,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const server = { pool, spare };
    this.#servers.set(origin, server);
    return server;
  }
}

const originOf = ({ isSecure, host, port }: UrlParts): string => `${isSecure ? "https" : "http"}://${host}:${port}`;

const nameOf = ({ method, url }: HttpRequest): string => `${method} ${withoutQuery(url)}`;

/**
 * One request. undici calls `onRequestStart` when it has a connected socket and is about to write: whatever fails before
 * that provably sent nothing, whatever fails after it may have.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly result: Promise<HttpResponse>;
  readonly #request: HttpRequest;
  readonly #target: string;
  readonly #settlement = Promise.withResolvers<HttpResponse>();
  readonly #timeout: NodeJS.Timeout;
  readonly #body = new ByteCollector();
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #controller: Dispatcher.DispatchController | undefined;
  #hasStarted = false;
  #isSettled = false;

  constructor(request: HttpRequest, target: string) {
    this.#request = request;
    this.#target = target;
    this.result = this.#settlement.promise;
    this.#timeout = setTimeout(() => this.#onTimeout(), request.timeoutMs);
    if (request.signal !== undefined) exchangesOf(request.signal).add(this);
  }

  dispatch(pool: Pool): void {
    if (this.#isSettled) return;
    const { method, headers, body } = this.#request;
    try {
      // undici reads the headers and changes nothing of them.
      pool.dispatch(
        { method, path: this.#target, headers: headers as Record<string, string>, body: body ?? null },
        this,
      );
    } catch (error) {
      this.#fails(error);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isSettled || this.#hasStarted) {
      controller.abort(new Error("settled before it was sent"));
      return;
    }
    this.#controller = controller;
    this.#hasStarted = true;
  }

  onResponseStart(_controller: unknown, status: number, headers: ResponseHeaders): void {
    this.#status = status;
    this.#headers = joinValues(headers);
    if (Number(this.#headers["content-length"]) > MAX_BODY_BYTES) this.#refuseBody();
  }

  /** Bodies come as they are on the wire, not compressed: nothing here asks for it. */
  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#isSettled) return;
    if (this.#body.length + chunk.length > MAX_BODY_BYTES) this.#refuseBody();
    else this.#body.add(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    this.#settlement.resolve({ status: this.#status, headers: this.#headers, text: this.#body.text() });
  }

  onResponseError(_controller: unknown, error: unknown): void {
    this.#fails(error);
  }

  onAbort(): void {
    this.#abort(this.#abortError());
  }

  fail(kind: Parameters<typeof transportFailure>[0], reason: string, cause?: unknown): void {
    if (!this.#settle()) return;
    const options = { bytesMayHaveLeft: this.#hasStarted, cause };
    this.#settlement.reject(transportFailure(kind, nameOf(this.#request), reason, options));
  }

  #fails(error: unknown): void {
    const code = codeOf(error);
    const reason = reasonOf(error, code);
    if (code === "ECONNREFUSED") this.fail("refused", "connection refused", error);
    else if (code === "UND_ERR_INVALID_ARG") this.fail("invalid", reason, error);
    else if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED")
      this.fail("closed", "the HTTP client was closed", error);
    else if (this.#hasStarted) this.fail("reset", `connection reset (${reason})`, error);
    else this.fail("connect", `cannot connect (${reason})`, error);
  }

  /** Ends the connection: what is left of the body is not read. */
  #refuseBody(): void {
    this.#body.clear();
    const reason = tooLarge("an answer", MAX_BODY_BYTES);
    this.#abort(transportFailure("too_large", nameOf(this.#request), reason, { bytesMayHaveLeft: true }));
  }

  #onTimeout(): void {
    const reason = `no answer within ${this.#request.timeoutMs} ms`;
    this.#abort(transportFailure("timeout", nameOf(this.#request), reason, { bytesMayHaveLeft: this.#hasStarted }));
  }

  #abortError(): AbortError {
    return this.#hasStarted
      ? new AbortError("aborted after the request had left", { outcome: "unknown" })
      : new AbortError();
  }

  #abort(error: PerpwireError): void {
    if (!this.#settle()) return;
    this.#settlement.reject(error);
    this.#controller?.abort(error);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timeout);
    if (this.#request.signal !== undefined) exchangesOf(this.#request.signal).delete(this);
    return true;
  }
}

/** undici asserts what it takes for granted of an answer: a status of 000 or a 101 without an upgrade fails there. */
function reasonOf(error: unknown, code: string | undefined): string {
  if (code === "ERR_ASSERTION") return "an answer that is not HTTP/1.1";
  return error instanceof Error && error.message !== "" ? error.message : (code ?? String(error));
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Requests under way that a signal ends, by signal: a listener of each would be looked for among those of all others. */
const exchangesBySignal = new WeakMap<AbortSignal, Set<Exchange>>();

function exchangesOf(signal: AbortSignal): Set<Exchange> {
  const known = exchangesBySignal.get(signal);
  if (known !== undefined) return known;
  const exchanges = new Set<Exchange>();
  exchangesBySignal.set(signal, exchanges);
  const abortAll = (): void => {
    for (const exchange of [...exchanges]) exchange.onAbort();
  };
  signal.addEventListener("abort", abortAll, { once: true });
  return exchanges;
}

type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export function joinValues(headers: ResponseHeaders): Readonly<Record<string, string>> {
  const joined: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) joined[name.toLowerCase()] = typeof value === "string" ? value : value.join(", ");
  }
  return joined;
}
