import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
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
const LARGEST_BODY_BYTES = 2 ** 20;
const LARGEST_FRAME_BYTES = 2 ** 20;
const MOST_CONNECTIONS = 1_024;
const HEADERS_TIMEOUT_MS = 10_000;
/** From the first byte to the last of a request, its body included. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Idle sockets; WebSockets have rules of their own. */
const IDLE_TIMEOUT_MS = 120_000;
const CHECK_EVERY_MS = 1_000;
/** A refused body's sender has this long to read the answer. */
const REFUSED_BODY_MS = 1_000;

export class NodeServerHost implements ServerHost {
  async listen(options: ServerOptions): Promise<ListeningServer> {
    const [{ fastify }, { WebSocketServer }] = await Promise.all([import("fastify"), import("ws")]);
    const targets = new WeakMap<object, string>();
    const { tls } = options;
    const limits = { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CHECK_EVERY_MS };
    const app = fastify({
      forceCloseConnections: true,
      connectionTimeout: IDLE_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      ...(tls === undefined ? { http: limits } : { https: { ...limits, cert: tls.certificate, key: tls.privateKey } }),
      // The router would decode the path and refuse malformed percent-encoding: it only ever sees "/".
      rewriteUrl: (request) => {
        targets.set(request, request.url ?? "/");
        return "/";
      },
    });
    // Answering in this hook leaves the body unparsed, whatever its method and content type.
    app.addHook("onRequest", (request, reply) => answer(options, request, reply, targets.get(request.raw) ?? "/"));
    app.all("/", () => undefined);
    const webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: true,
      perMessageDeflate: false,
      maxPayload: LARGEST_FRAME_BYTES,
    });
    app.server.maxConnections = options.mostConnections ?? MOST_CONNECTIONS;
    app.server.on("upgrade", (request, socket, head) => upgrade(options, webSockets, request, socket, head));
    try {
      await app.listen({ host: options.host, port: options.port });
    } catch (error) {
      await app.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigError(`cannot listen on ${options.host}:${options.port}: ${reason}`, { cause: error });
    }
    const address = app.server.address();
    const port = typeof address === "object" && address !== null ? address.port : options.port;
    return { host: options.host, port, close: () => closeAll(app, webSockets) };
  }
}

async function closeAll(app: FastifyInstance, webSockets: WebSocketServer): Promise<void> {
  for (const socket of webSockets.clients) socket.terminate();
  webSockets.close();
  await app.close();
}

async function answer(
  options: ServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  target: string,
): Promise<FastifyReply> {
  const head = serverRequest(request.raw, target, "");
  const isRefused = hasBody(request.raw) && options.wantsBody?.(head) === false;
  const body = isRefused ? "" : await readBody(request.raw);
  if (!request.raw.complete) dropUnreadBody(request.raw);
  if (body === undefined) return reply.code(413).send("the body is too large");
  const response = await options.onRequest({ ...head, body });
  if (response.reset === true) {
    reply.hijack();
    request.raw.socket.resetAndDestroy();
    return reply;
  }
  return reply
    .code(response.status)
    .headers(response.headers ?? {})
    .send(response.body);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Undefined when it is too large; the rest of it is then still to come. */
function readBody(request: IncomingMessage): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const collected = new ByteCollector();
  const onData = (chunk: Buffer) => {
    if (collected.length + chunk.length <= LARGEST_BODY_BYTES) collected.add(chunk);
    else finish(undefined);
  };
  const finish = (body: string | undefined) => {
    request.off("data", onData);
    resolve(body);
  };
  request.on("data", onData);
  request.once("end", () => finish(collected.text()));
  request.once("close", () => reject(new Error("the request ended before its body did")));
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

function upgrade(
  options: ServerOptions,
  webSockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.on("error", () => socket.destroy());
  if (request.headers.upgrade?.toLowerCase() !== "websocket") {
    refuse(socket, 400);
    return;
  }
  const connection = new NodeServerConnection(serverRequest(request, request.url ?? "/", ""));
  const handlers = options.onConnection(connection);
  if ("refuse" in handlers) {
    refuse(socket, handlers.refuse);
    return;
  }
  let isUpgraded = false;
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    isUpgraded = true;
    attach(webSocket, handlers);
    connection.open(webSocket);
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

/** What is sent before the handshake is answered follows the answer. */
class NodeServerConnection implements ServerConnection {
  readonly request: ServerRequest;
  #webSocket: WebSocket | undefined;
  #buffer: ((webSocket: WebSocket) => void)[] = [];

  constructor(request: ServerRequest) {
    this.request = request;
  }

  get isOpen(): boolean {
    return this.#webSocket === undefined || this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  get bufferedAmount(): number {
    return this.#webSocket?.bufferedAmount ?? 0;
  }

  open(webSocket: WebSocket): void {
    this.#webSocket = webSocket;
    for (const operation of this.#buffer.splice(0)) operation(webSocket);
  }

  send(text: string): void {
    if (!this.isOpen) throw transportFailure("closed", "server connection", "not open", { bytesMayHaveLeft: false });
    this.#do((webSocket) => webSocket.send(text));
  }

  ping(): void {
    if (this.isOpen) this.#do((webSocket) => webSocket.ping());
  }

  close(code?: number, reason?: string): void {
    this.#do((webSocket) => webSocket.close(code, reason));
  }

  terminate(): void {
    this.#do((webSocket) => webSocket.terminate());
  }

  #do(operation: (webSocket: WebSocket) => void): void {
    if (this.#webSocket === undefined) this.#buffer.push(operation);
    else operation(this.#webSocket);
  }
}
