import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { WebSocket, WebSocketServer } from "ws";
import { ConfigError } from "../model/error.ts";
import { joinValues } from "./node-http.ts";
import { LARGEST_MESSAGE_BYTES, textOf } from "./node-web-socket.ts";
import type {
  ListeningServer,
  ServerConnection,
  ServerConnectionHandlers,
  ServerHost,
  ServerOptions,
  ServerRequest,
} from "./runtime.ts";
import { transportFailure } from "./transport-failure.ts";

const LARGEST_BODY_BYTES = 16 * 2 ** 20;

export class NodeServerHost implements ServerHost {
  async listen(options: ServerOptions): Promise<ListeningServer> {
    const [{ fastify }, { WebSocketServer }] = await Promise.all([import("fastify"), import("ws")]);
    const targets = new WeakMap<object, string>();
    const app = fastify({
      forceCloseConnections: true,
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
      maxPayload: LARGEST_MESSAGE_BYTES,
    });
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
  const body = await readBody(request.raw);
  if (body === undefined) return reply.code(413).send("the body is too large");
  const response = await options.onRequest(serverRequest(request.raw, target, body));
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

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // Leaving the loop would destroy the socket before the answer.
    if (size <= LARGEST_BODY_BYTES) chunks.push(chunk);
  }
  return size > LARGEST_BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
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
