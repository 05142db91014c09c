import type { ListeningServer, Runtime, ServerConnection, ServerRequest } from "../../src/runtime/runtime.ts";

/** One scripted answer of a REST API, as data. `path` is relative to the API's base path. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** The query that a request must have, of whatever else it asks. Default: any. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Default 200. */
  readonly status?: number | undefined;
  readonly body: unknown;
}

/** What became of a request: an answer, a connection reset after the request had its effect, or silence. */
export type Answer =
  | { readonly status?: number | undefined; readonly body: unknown; readonly headers?: Record<string, string> }
  | { readonly status: number; readonly text: string; readonly headers?: Record<string, string> }
  | "reset"
  | "silence";

export interface ScriptedRequest {
  readonly method: string;
  /** Without base path and query. */
  readonly path: string;
  readonly target: string;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly rawBody: string;
  readonly headers: Readonly<Record<string, string>>;
  /** When it arrived, by the server's clock. */
  readonly atMs: number;
}

export type Responder = (request: ScriptedRequest) => Answer | Promise<Answer>;

/** How a venue's socket answers, and which frames or which address make a connection the private one. */
export interface ScriptedSocket {
  answersTo(frame: unknown): readonly unknown[];
  isPrivate(frame: unknown): boolean;
  /** For venues that know the private connection by its address. */
  isPrivateTarget?(target: string): boolean;
  /** For venues with several public sockets: whether a frame belongs on the one of this address. Default: on all. */
  carries?(target: string, frame: unknown): boolean;
}

/** A connection as the server sees it. */
export interface ScriptedConnection {
  readonly connection: ServerConnection;
  readonly target: string;
  readonly received: unknown[];
  isPrivate: boolean;
}

interface Script {
  readonly method: string;
  readonly path: string | RegExp;
  readonly params: Readonly<Record<string, string>>;
  readonly answers: (Answer | Responder)[];
}

export interface ScriptedVenueOptions {
  readonly basePath: string;
  readonly routes: readonly Route[];
  readonly socket: ScriptedSocket;
  now(): number;
}

/** A venue that answers exactly what a test tells it to, and remembers what it was asked. */
export class ScriptedVenue {
  readonly requests: ScriptedRequest[] = [];
  readonly connections: ScriptedConnection[] = [];
  /** Requests that no script was ready for. */
  readonly unscripted: string[] = [];
  socket: ScriptedSocket;
  readonly #options: ScriptedVenueOptions;
  readonly #scripts: Script[] = [];
  #server: ListeningServer | undefined;

  constructor(options: ScriptedVenueOptions) {
    this.#options = options;
    this.socket = options.socket;
    this.route(...options.routes);
  }

  async listen(runtime: Runtime): Promise<void> {
    this.#server = await runtime.server.listen({
      host: "venue.test",
      port: 443,
      onRequest: async (request) => this.#respond(await this.#answer(request)),
      onConnection: (connection) => this.#connect(connection),
    });
  }

  get restUrl(): string {
    return `http://venue.test:443${this.#options.basePath}`;
  }

  get webSocketUrl(): string {
    return "ws://venue.test:443/ws";
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  /** Scripts answers; a later script of the same request wins over an earlier one. */
  route(...routes: readonly Route[]): void {
    for (const { method, path, params = {}, status, body } of routes) {
      this.#scripts.unshift({ method, path, params, answers: [{ status, body }] });
    }
  }

  /** The answers in order; the last one stays. */
  on(method: string, path: string | RegExp, ...answers: (Answer | Responder)[]): void {
    this.#scripts.unshift({ method, path, params: {}, answers });
  }

  requestsTo(method: string, path: string | RegExp): ScriptedRequest[] {
    return this.requests.filter((request) => request.method === method && matches(path, request.path));
  }

  /** The requests that one of the routes would answer. */
  requestsOf(routes: readonly Route[]): ScriptedRequest[] {
    return this.requests.filter((request) =>
      routes.some(({ method, path, params = {} }) => isFor({ method, path, params }, request)),
    );
  }

  sendPrivate(...frames: readonly unknown[]): void {
    this.#send(true, frames);
  }

  sendPublic(...frames: readonly unknown[]): void {
    this.#send(false, frames);
  }

  openConnections(isPrivate: boolean): ScriptedConnection[] {
    return this.connections.filter((each) => each.connection.isOpen && each.isPrivate === isPrivate);
  }

  #send(isPrivate: boolean, frames: readonly unknown[]): void {
    for (const { connection, target } of this.openConnections(isPrivate)) {
      for (const frame of frames) {
        if (!isPrivate && this.socket.carries?.(target, frame) === false) continue;
        connection.send(typeof frame === "string" ? frame : JSON.stringify(frame));
      }
    }
  }

  async #answer(request: ServerRequest): Promise<Answer> {
    const { basePath, now } = this.#options;
    const url = new URL(request.target, "http://venue.test");
    const path = url.pathname === basePath ? "/" : url.pathname.slice(basePath.length);
    const parsed: ScriptedRequest = {
      method: request.method,
      path,
      target: request.target,
      params: Object.fromEntries(url.searchParams),
      body: parseBody(request.body),
      rawBody: request.body,
      headers: request.headers,
      atMs: now(),
    };
    this.requests.push(parsed);
    const script = this.#scripts.find((each) => isFor(each, parsed));
    const next = script === undefined || script.answers.length <= 1 ? script?.answers[0] : script.answers.shift();
    if (next === undefined) {
      this.unscripted.push(`${request.method} ${path}`);
      return { status: 404, body: { unscripted: path } };
    }
    return typeof next === "function" ? next(parsed) : next;
  }

  async #respond(answer: Answer) {
    if (answer === "silence") return new Promise<never>(() => undefined);
    if (answer === "reset") return { status: 500, body: "", reset: true };
    const body = "text" in answer ? answer.text : JSON.stringify(answer.body);
    return { status: answer.status ?? 200, body, headers: answer.headers };
  }

  #connect(connection: ServerConnection) {
    const { target } = connection.request;
    const isPrivate = this.socket.isPrivateTarget?.(target) === true;
    const own: ScriptedConnection = { connection, target, received: [], isPrivate };
    this.connections.push(own);
    return {
      onText: (text: string) => {
        const frame: unknown = JSON.parse(text);
        own.received.push(frame);
        if (this.socket.isPrivate(frame)) own.isPrivate = true;
        for (const answer of this.socket.answersTo(frame)) connection.send(JSON.stringify(answer));
      },
      onClose: () => undefined,
    };
  }
}

function isFor(script: Pick<Script, "method" | "path" | "params">, request: ScriptedRequest): boolean {
  const hasParams = Object.entries(script.params).every(([name, value]) => request.params[name] === value);
  return script.method === request.method && matches(script.path, request.path) && hasParams;
}

function matches(pattern: string | RegExp, path: string): boolean {
  return typeof pattern === "string" ? pattern === path : pattern.test(path);
}

function parseBody(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
