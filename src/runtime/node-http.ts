import type { Dispatcher, Pool } from "undici";
import { AbortError, type PerpwireError } from "../model/error.ts";
import { ByteCollector } from "./byte-collector.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "./runtime.ts";
import { MAX_BODY_BYTES, tooLarge } from "./size-limits.ts";
import { splitUrl, transportFailure, type UrlParts, withoutQuery } from "./transport-failure.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 20_000;
const CONNECTIONS_PER_ORIGIN = 256;

export class NodeHttpClient implements HttpClient {
  readonly #pools = new Map<string, Pool>();
  #undici: Promise<typeof import("undici")> | undefined;
  #isClosed = false;

  request(request: HttpRequest): Promise<HttpResponse> {
    if (request.signal?.aborted === true) return Promise.reject(new AbortError());
    const name = `${request.method} ${withoutQuery(request.url)}`;
    const url = splitUrl(request.url);
    if (url === undefined) {
      return Promise.reject(transportFailure("invalid", name, "not an HTTP URL", { bytesMayHaveLeft: false }));
    }
    const exchange = new Exchange(name, request, url.target);
    void this.#send(exchange, url);
    return exchange.result;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  async #send(exchange: Exchange, url: UrlParts): Promise<void> {
    try {
      this.#undici ??= import("undici");
      const { Pool } = await this.#undici;
      if (this.#isClosed) {
        exchange.fail("closed", "the HTTP client is closed");
        return;
      }
      const origin = `${url.isSecure ? "https" : "http"}://${url.host}:${url.port}`;
      let pool = this.#pools.get(origin);
      if (pool === undefined) {
        pool = new Pool(origin, {
          connections: CONNECTIONS_PER_ORIGIN,
          pipelining: 1,
          allowH2: false,
          connectTimeout: CONNECT_TIMEOUT_MS,
          keepAliveTimeout: KEEP_ALIVE_MS,
          headersTimeout: 0,
          bodyTimeout: 0,
        });
        this.#pools.set(origin, pool);
      }
      exchange.dispatch(pool);
    } catch (error) {
      exchange.onError(error);
    }
  }
}

/**
 * One request. undici calls `onRequestStart` when it has a connected socket and is about to write: whatever fails before
 * that provably sent nothing, whatever fails after it may have.
 */
class Exchange {
  readonly result: Promise<HttpResponse>;
  readonly #name: string;
  readonly #request: HttpRequest;
  readonly #target: string;
  readonly #settlement = Promise.withResolvers<HttpResponse>();
  readonly #onAbort = () => this.#abort(this.#abortError());
  readonly #timeout: NodeJS.Timeout;
  readonly #body = new ByteCollector();
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #controller: Dispatcher.DispatchController | undefined;
  #hasStarted = false;
  #isSettled = false;

  constructor(name: string, request: HttpRequest, target: string) {
    this.#name = name;
    this.#request = request;
    this.#target = target;
    this.result = this.#settlement.promise;
    this.#timeout = setTimeout(() => this.#onTimeout(), request.timeoutMs);
    request.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  dispatch(pool: Pool): void {
    if (this.#isSettled) return;
    const { method, headers, body } = this.#request;
    pool.dispatch(
      { method, path: this.#target, headers: { ...headers }, body: body ?? null },
      {
        onRequestStart: (controller) => this.#onStart(controller),
        onResponseStart: (_controller, status, headers) => {
          this.#status = status;
          this.#headers = joinValues(headers);
          if (Number(this.#headers["content-length"]) > MAX_BODY_BYTES) this.#refuseBody();
        },
        onResponseData: (_controller, chunk) => this.#take(chunk),
        onResponseEnd: () => this.#onEnd(),
        onResponseError: (_controller, error) => this.onError(error),
      },
    );
  }

  fail(kind: Parameters<typeof transportFailure>[0], reason: string, cause?: unknown): void {
    if (!this.#settle()) return;
    const options = { bytesMayHaveLeft: this.#hasStarted, cause };
    this.#settlement.reject(transportFailure(kind, this.#name, reason, options));
  }

  onError(error: unknown): void {
    const code = codeOf(error);
    const reason = reasonOf(error, code);
    if (code === "ECONNREFUSED") this.fail("refused", "connection refused", error);
    else if (code === "UND_ERR_INVALID_ARG") this.fail("invalid", reason, error);
    else if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED")
      this.fail("closed", "the HTTP client was closed", error);
    else if (this.#hasStarted) this.fail("reset", `connection reset (${reason})`, error);
    else this.fail("connect", `cannot connect (${reason})`, error);
  }

  #onStart(controller: Dispatcher.DispatchController): void {
    if (this.#isSettled || this.#hasStarted) {
      controller.abort(new Error("settled before it was sent"));
      return;
    }
    this.#controller = controller;
    this.#hasStarted = true;
  }

  /** Bodies come as they are on the wire, not compressed: nothing here asks for it. */
  #take(chunk: Buffer): void {
    if (this.#isSettled) return;
    if (this.#body.length + chunk.length > MAX_BODY_BYTES) this.#refuseBody();
    else this.#body.add(chunk);
  }

  /** Ends the connection: what is left of the body is not read. */
  #refuseBody(): void {
    this.#body.clear();
    const reason = tooLarge("an answer", MAX_BODY_BYTES);
    this.#abort(transportFailure("too_large", this.#name, reason, { bytesMayHaveLeft: true }));
  }

  #onEnd(): void {
    if (!this.#settle()) return;
    this.#settlement.resolve({ status: this.#status, headers: this.#headers, text: this.#body.text() });
  }

  #onTimeout(): void {
    const reason = `no answer within ${this.#request.timeoutMs} ms`;
    this.#abort(transportFailure("timeout", this.#name, reason, { bytesMayHaveLeft: this.#hasStarted }));
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
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
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

export function joinValues(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Readonly<Record<string, string>> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name.toLowerCase()] = typeof value === "string" ? value : value.join(", ");
  }
  return joined;
}
