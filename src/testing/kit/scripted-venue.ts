import type { ListeningServer, Runtime, ServerConnection, ServerRequest } from "../../runtime/runtime.ts";
import { assertIsRoute, type Route, type SharedPath } from "./fixture-shapes.ts";
import type { ScriptedSocket } from "./scripted-socket.ts";
import { ownPathOf } from "./shared-paths.ts";
import { fill, placeholdersIn, type Values } from "./template.ts";

/** Outcome of a request: an answer, a connection reset after the request had its effect, or silence. */
export type Answer =
  | { readonly status?: number | undefined; readonly body: unknown; readonly headers?: Record<string, string> }
  | { readonly status: number; readonly text: string; readonly headers?: Record<string, string> }
  | "reset"
  | "silence";

export interface ScriptedRequest {
  readonly method: string;
  /** Path without base path and query. */
  readonly path: string;
  readonly target: string;
  /** Parameters of the query, and of a body that is a form. */
  readonly params: Readonly<Record<string, string>>;
  /** A JSON body; the text where it is neither JSON nor a form. */
  readonly body: unknown;
  readonly rawBody: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Request as it was sent, where the path here is not that of the wire: `POST /info meta`. */
  readonly wire?: string | undefined;
  /** Time of arrival by the server's clock. */
  readonly atMs: number;
}

export type Responder = (request: ScriptedRequest) => Answer | Promise<Answer>;

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
  /** One of these must fit. */
  readonly params: readonly Readonly<Record<string, string>>[];
  readonly answers: (Answer | Responder)[];
}

export interface ScriptedVenueOptions {
  readonly basePath: string;
  readonly routes: readonly Route[];
  readonly socket: ScriptedSocket;
  readonly sharedPaths?: readonly SharedPath[] | undefined;
  /** Fills what every payload may hold; `{nowMs}` and `{request.x}` are added. Default: those two. */
  readonly fill?: ((template: unknown, values: Values) => unknown) | undefined;
  now(): number;
}

/** URL of every socket of the scripted venue. */
export const WEB_SOCKET_URL = "ws://venue.test:443/ws";

/** A venue that answers exactly what a test tells it to, and remembers what it was asked. */
export class ScriptedVenue {
  readonly requests: ScriptedRequest[] = [];
  readonly connections: ScriptedConnection[] = [];
  /** Requests that no script was ready for. */
  readonly unscripted: string[] = [];
  /** Answers and frames that were sent with a placeholder in them. */
  readonly unfilled: string[] = [];
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
    return WEB_SOCKET_URL;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  /** Scripts answers; a later script of the same request wins over an earlier one. */
  route(...routes: readonly Route[]): void {
    for (const route of routes) {
      assertIsRoute(route);
      const { method, path, params } = this.#wanted(route);
      this.#scripts.unshift({ method, path, params, answers: [(request) => this.#answerOf(route, request)] });
    }
  }

  /** The answers in order; the last one stays. */
  on(method: string, path: string | RegExp, ...answers: (Answer | Responder)[]): void {
    this.#scripts.unshift({ method, path, params: [{}], answers });
  }

  requestsTo(method: string, path: string | RegExp): ScriptedRequest[] {
    return this.requests.filter((request) => request.method === method && matches(path, request.path));
  }

  /** The requests that one of the routes would answer. */
  requestsOf(routes: readonly Route[]): ScriptedRequest[] {
    return this.requests.filter((request) => routes.some((route) => isFor(this.#wanted(route), request)));
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

  #filled<T>(template: T, values: Values = {}): T {
    return (this.#options.fill ?? fill)(template, values) as T;
  }

  #wanted({ method, path, params = {} }: Route): Pick<Script, "method" | "params"> & Pick<Route, "path"> {
    return this.#filled({ method, path, params: [params].flat() });
  }

  #answerOf({ status, body, pushes = [] }: Route, request: ScriptedRequest): Answer {
    const fields = typeof request.body === "object" && request.body !== null ? request.body : {};
    const values = { nowMs: Math.round(this.#options.now()), request: { ...request.params, ...fields } };
    this.sendPublic(...this.#filled(pushes, values));
    const filled = this.#filled(body, values);
    this.#note(`the answer to ${request.method} ${request.path}`, filled);
    return { status, body: filled };
  }

  #note(what: string, sent: unknown): void {
    for (const placeholder of placeholdersIn(sent)) this.unfilled.push(`${placeholder} in ${what}`);
  }

  #send(isPrivate: boolean, frames: readonly unknown[]): void {
    for (const { connection, target } of this.openConnections(isPrivate)) {
      for (const template of frames) {
        const frame = this.#filled(template, { nowMs: Math.round(this.#options.now()) });
        if (!isPrivate && this.socket.carries?.(target, frame) === false) continue;
        sendFrame(connection, frame);
        this.#note("a frame", frame);
      }
    }
  }

  async #answer(request: ServerRequest): Promise<Answer> {
    const { basePath, now, sharedPaths = [] } = this.#options;
    const url = new URL(request.target, "http://venue.test");
    const path = url.pathname === basePath ? "/" : url.pathname.slice(basePath.length);
    const { body, form } = parseBody(request.body);
    const received: ScriptedRequest = {
      method: request.method,
      path,
      target: request.target,
      params: { ...Object.fromEntries(url.searchParams), ...form },
      body,
      rawBody: request.body,
      headers: request.headers,
      atMs: now(),
    };
    const parsed = atOwnPath(received, sharedPaths);
    this.requests.push(parsed);
    const script = this.#scripts.find((each) => isFor(each, parsed));
    const next = script === undefined || script.answers.length <= 1 ? script?.answers[0] : script.answers.shift();
    if (next === undefined && request.method === "GET" && path in NOTHING_CONDITIONAL) {
      return { body: NOTHING_CONDITIONAL[path] };
    }
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
        const frame = parseJson(text);
        own.received.push(frame);
        if (this.socket.isPrivate(frame)) own.isPrivate = true;
        for (const template of this.socket.answersTo(frame)) {
          const answer = this.#filled(template, { nowMs: Math.round(this.#options.now()) });
          this.#note("an answer of the socket", answer);
          sendFrame(connection, answer);
        }
      },
      onClose: () => undefined,
    };
  }
}

/** Lists of conditional orders, which are empty unless a test scripts some. */
const NOTHING_CONDITIONAL: Readonly<Record<string, unknown>> = {
  "/conditional_orders": { success: true, result: [] },
  "/fapi/v1/openAlgoOrders": [],
  "/api/v5/trade/orders-algo-pending": { code: "0", msg: "", data: [] },
};

function sendFrame(connection: ServerConnection, frame: unknown): void {
  connection.send(typeof frame === "string" ? frame : JSON.stringify(frame));
}

function isFor(script: Pick<Script, "method" | "path" | "params">, request: ScriptedRequest): boolean {
  const hasParams = script.params.some((params) =>
    Object.entries(params).every(([name, value]) => paramOf(request, name) === value),
  );
  return script.method === request.method && matches(script.path, request.path) && hasParams;
}

/** A parameter, wherever the request has it: in the query, in a form, or as a field of a JSON body. */
function paramOf({ params, body }: ScriptedRequest, name: string): string | undefined {
  if (name in params) return params[name];
  if (typeof body !== "object" || body === null || !(name in body)) return undefined;
  return String((body as Values)[name]);
}

/** The request at the path that the fixtures give it, where the venue has one for many things. */
function atOwnPath(request: ScriptedRequest, sharedPaths: readonly SharedPath[]): ScriptedRequest {
  const { body } = request;
  const found = ownPathOf(request.path, body, sharedPaths);
  if (found === undefined) return request;
  const { shared, name, path } = found;
  const own = { ...request, path, wire: `${request.method} ${shared.path} ${name}` };
  if (shared.isQuestion !== true) return own;
  const fields = Object.entries(body as Values).filter(([field]) => field !== shared.field);
  const params = Object.fromEntries(
    fields.map(([field, value]) => [field, typeof value === "object" ? JSON.stringify(value) : String(value)]),
  );
  return { ...own, method: "GET", params, body: undefined };
}

function matches(pattern: string | RegExp, path: string): boolean {
  return typeof pattern === "string" ? pattern === path : pattern.test(path);
}

function parseBody(text: string): { readonly body: unknown; readonly form: Readonly<Record<string, string>> } {
  const body = parseJson(text);
  if (body !== text || text === "") return { body: text === "" ? undefined : body, form: {} };
  const isForm = /^[\w.%-]+=/.test(text);
  return isForm ? { body: undefined, form: Object.fromEntries(new URLSearchParams(text)) } : { body, form: {} };
}

/** The text itself where it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
