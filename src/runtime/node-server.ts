import { createServer, type IncomingMessage, type ServerResponse as Reply, type Server, STATUS_CODES } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import { ConfigError } from "../model/error.ts";
import { ByteCollector } from "./byte-collector.ts";
import { joinValues } from "./node-http.ts";
import { textOf } from "./node-web-socket.ts";
import type {
  ListeningServer,
  ServerConnection,
  ServerConnectionHandlers,
  ServerHost,
  ServerOptions,
  ServerRequest,
} from "./runtime.ts";
import { transportFailure } from "./transport-failure.ts";

/** A batch of orders has a few kilobytes. */
const MAX_BODY_BYTES = 2 ** 20;
const MAX_FRAME_BYTES = 2 ** 20;
const MAX_CONNECTIONS = 1_024;
const HEADERS_TIMEOUT_MS = 10_000;
/** Time from the first byte of a request to its last, its body included. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Idle sockets; WebSockets have rules of their own. */
const IDLE_TIMEOUT_MS = 120_000;
/** Longest pause between two requests of one connection. Node's own five seconds cut clients that poll more slowly. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
const CHECK_EVERY_MS = 1_000;
/** A refused body's sender has this long to read the answer. */
const REFUSED_BODY_MS = 1_000;

export class NodeServerHost implements ServerHost {
  async listen(options: ServerOptions): Promise<ListeningServer> {
    const { WebSocketServer } = await import("ws");
    const turns = new LoopTurns();
    const server = createHttpServer(options, turns);
    const webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: true,
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
    });
    server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
    server.on("upgrade", (request, socket, head) => upgrade({ options, webSockets, turns }, request, socket, head));
    const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject).listen({ host: options.host, port: options.port }, resolve);
    try {
      await listening;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigError(`cannot listen on ${options.host}:${options.port}: ${reason}`, { cause: error });
    }
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : options.port;
    return { host: options.host, port, close: () => closeAll(server, webSockets) };
  }
}

function createHttpServer(options: ServerOptions, turns: LoopTurns): Server {
  const { tls } = options;
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
  };
  const onRequest = (request: IncomingMessage, reply: Reply) => void answer(options, request, reply, turns);
  const server: Server =
    tls === undefined
      ? createServer(limits, onRequest)
      : createSecureServer({ ...limits, cert: tls.certificate, key: tls.privateKey }, onRequest);
  return server.setTimeout(IDLE_TIMEOUT_MS);
}

async function closeAll(server: Server, webSockets: WebSocketServer): Promise<void> {
  for (const socket of webSockets.clients) socket.terminate();
  webSockets.close();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await closed;
}

/** Answers one request; whatever goes wrong on the way is an answer 500, or nothing where the client has gone. */
async function answer(options: ServerOptions, request: IncomingMessage, reply: Reply, turns: LoopTurns): Promise<void> {
  try {
    await answerRequest(options, request, reply, turns);
  } catch {
    if (!reply.headersSent) send(reply, 500, {}, "");
  }
}

async function answerRequest(
  options: ServerOptions,
  request: IncomingMessage,
  reply: Reply,
  turns: LoopTurns,
): Promise<void> {
  const head = serverRequest(request, request.url ?? "/", "");
  const isRefused = hasBody(request) && options.wantsBody?.(head) === false;
  const body = isRefused ? "" : await readBody(request);
  if (!request.complete) dropUnreadBody(request);
  if (body === undefined) {
    send(reply, 413, {}, "the body is too large");
    return;
  }
  await turns.end();
  const response = await options.onRequest({ ...head, body });
  turns.letGo();
  if (response.reset === true) dropConnection(request);
  else send(reply, response.status, response.headers ?? {}, response.body);
}

/**
 * Turns of the loop. Requests that were read in one are answered together at its end, in their order: answered each between
 * two reads, they took up to twice the time of the processor. Frames of one turn leave each client's socket with one write,
 * which costs several times what a frame does; an answer lets those that were sent before it leave first.
 */
class LoopTurns {
  readonly #corked = new Set<Duplex>();
  #end: Promise<void> | undefined;

  end(): Promise<void> {
    this.#end ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#end = undefined;
        resolve();
      });
    });
    return this.#end;
  }

  /** Holds up what is written to a socket until the turn ends. */
  gather(socket: Duplex): void {
    if (this.#corked.has(socket)) return;
    if (this.#corked.size === 0) setImmediate(() => this.letGo());
    this.#corked.add(socket);
    socket.cork();
  }

  letGo(): void {
    for (const socket of this.#corked) socket.uncork();
    this.#corked.clear();
  }

  letGoOf(socket: Duplex): void {
    if (this.#corked.delete(socket)) socket.uncork();
  }
}

/** A reset where the socket can be reset: one under TLS is closed without a word. */
function dropConnection({ socket }: IncomingMessage): void {
  if ("encrypted" in socket) socket.destroy();
  else socket.resetAndDestroy();
}

function send(reply: Reply, status: number, headers: Readonly<Record<string, string>>, body: string): void {
  reply.statusCode = status;
  // Names of headers have no case to setHeader: "Content-Type" takes the place of this one and does not stand beside it.
  if (body !== "") reply.setHeader("content-type", "text/plain; charset=utf-8");
  for (const [name, value] of Object.entries(headers)) reply.setHeader(name, value);
  reply.end(body);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Undefined when it is too large; the rest of it is then still to come. */
function readBody(request: IncomingMessage): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const collected = new ByteCollector();
  const onData = (chunk: Buffer) => {
    if (collected.length + chunk.length <= MAX_BODY_BYTES) collected.add(chunk);
    else finish(undefined);
  };
  // Requests close after each answer as well: the trace of an error that nobody sees costs as much as the signature.
  const onClose = () => reject(new Error("the request ended before its body did"));
  const finish = (body: string | undefined) => {
    request.off("data", onData).off("close", onClose);
    resolve(body);
  };
  request.on("data", onData).once("close", onClose);
  request.once("end", () => finish(collected.text()));
  return promise;
}

/** Answers before the body is there: what still comes is thrown away, and after a moment the connection with it. */
function dropUnreadBody(request: IncomingMessage): void {
  request.resume();
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, REFUSED_BODY_MS);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
}

function serverRequest(request: IncomingMessage, target: string, body: string): ServerRequest {
  return {
    method: request.method ?? "GET",
    target,
    headers: joinValues(request.headers),
    body,
    remoteAddress: request.socket.remoteAddress ?? "",
  };
}

interface Upgrades {
  readonly options: ServerOptions;
  readonly webSockets: WebSocketServer;
  readonly turns: LoopTurns;
}

function upgrade(
  { options, webSockets, turns }: Upgrades,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.on("error", () => socket.destroy());
  if (request.headers.upgrade?.toLowerCase() !== "websocket") {
    refuse(socket, 400);
    return;
  }
  const connection = new NodeServerConnection(serverRequest(request, request.url ?? "/", ""), turns);
  const handlers = options.onConnection(connection);
  if ("refuse" in handlers) {
    refuse(socket, handlers.refuse);
    return;
  }
  let isUpgraded = false;
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    isUpgraded = true;
    attach(webSocket, handlers);
    connection.open(webSocket, socket);
  });
  // `ws` answers a malformed handshake itself and calls nobody.
  if (!isUpgraded) handlers.onClose({ code: 1006, reason: "" });
}

function attach(webSocket: WebSocket, handlers: ServerConnectionHandlers): void {
  webSocket.on("error", () => webSocket.terminate());
  webSocket.on("message", (data) => handlers.onText(textOf(data)));
  webSocket.on("close", (code, reason) => handlers.onClose({ code, reason: reason.toString("utf8") }));
}

function refuse(socket: Duplex, status: number): void {
  // A peer that never closes its half would keep the server from closing.
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
}

/** Server side of a connection. Messages sent before the handshake is answered follow the answer. */
class NodeServerConnection implements ServerConnection {
  readonly request: ServerRequest;
  readonly #turns: LoopTurns;
  #webSocket: WebSocket | undefined;
  #socket: Duplex | undefined;
  #buffer: ((webSocket: WebSocket) => void)[] = [];

  constructor(request: ServerRequest, turns: LoopTurns) {
    this.request = request;
    this.#turns = turns;
  }

  get isOpen(): boolean {
    return this.#webSocket === undefined || this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  get bufferedAmount(): number {
    return this.#webSocket?.bufferedAmount ?? 0;
  }

  open(webSocket: WebSocket, socket: Duplex): void {
    this.#webSocket = webSocket;
    this.#socket = socket;
    for (const operation of this.#buffer.splice(0)) operation(webSocket);
  }

  send(text: string): void {
    if (!this.isOpen) throw transportFailure("closed", "server connection", "not open", { bytesMayHaveLeft: false });
    if (this.#socket !== undefined) this.#turns.gather(this.#socket);
    this.#do((webSocket) => webSocket.send(text));
  }

  ping(): void {
    if (this.isOpen) this.#do((webSocket) => webSocket.ping());
  }

  close(code?: number, reason?: string): void {
    this.#do((webSocket) => webSocket.close(code, reason));
  }

  terminate(): void {
    if (this.#socket !== undefined) this.#turns.letGoOf(this.#socket);
    this.#do((webSocket) => webSocket.terminate());
  }

  #do(operation: (webSocket: WebSocket) => void): void {
    if (this.#webSocket === undefined) this.#buffer.push(operation);
    else operation(this.#webSocket);
  }
}
