import type { RawData, WebSocket } from "ws";
import { AbortError, throwIfAborted } from "../model/error.ts";
import type {
  WebSocketClient,
  WebSocketClose,
  WebSocketConnection,
  WebSocketHandlers,
  WebSocketOptions,
} from "./runtime.ts";
import { MAX_MESSAGE_BYTES, MESSAGE_TOO_BIG, tooLarge } from "./size-limits.ts";
import { splitUrl, transportFailure, withoutQuery } from "./transport-failure.ts";

const TOO_LARGE = { code: MESSAGE_TOO_BIG, reason: tooLarge("a message", MAX_MESSAGE_BYTES) };

/** `CLOSE` codes of RFC 6455 with which broken frames are answered, by ws's names for what is broken. */
const PROTOCOL_ERROR = 1002;
const CODES: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  // A message in more than 16,384 fragments: each of them takes a hundred times its one byte.
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
};

/** Close reason of a connection that ended because of a frame that cannot be read. */
function brokenFrame({ code = "", message }: Error & { readonly code?: string }): WebSocketClose | undefined {
  if (/^WS_ERR_UNSUPPORTED_(MESSAGE|DATA_PAYLOAD)_LENGTH$/.test(code)) return TOO_LARGE;
  return code.startsWith("WS_ERR_") ? { code: CODES[code] ?? PROTOCOL_ERROR, reason: message } : undefined;
}

export class NodeWebSocketClient implements WebSocketClient {
  #ws: Promise<typeof import("ws")> | undefined;

  async connect(url: string, handlers: WebSocketHandlers, options: WebSocketOptions): Promise<WebSocketConnection> {
    const { signal } = options;
    throwIfAborted(signal);
    if (splitUrl(url) === undefined) {
      throw transportFailure("invalid", withoutQuery(url), "not a WebSocket URL", { bytesMayHaveLeft: false });
    }
    this.#ws ??= import("ws");
    const { WebSocket } = await this.#ws;
    throwIfAborted(signal);
    const socket = new WebSocket(url, {
      headers: { ...options.headers },
      perMessageDeflate: false,
      followRedirects: false,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    return opened(socket, url, handlers, options);
  }
}

function opened(
  socket: WebSocket,
  url: string,
  handlers: WebSocketHandlers,
  options: WebSocketOptions,
): Promise<WebSocketConnection> {
  const { signal, handshakeTimeoutMs } = options;
  const name = withoutQuery(url);
  const { promise, resolve, reject } = Promise.withResolvers<WebSocketConnection>();
  let isConnecting = true;
  let hasOpened = false;
  const leaveConnecting = () => {
    isConnecting = false;
    clearTimeout(timeout);
    signal?.removeEventListener("abort", onAbort);
  };
  const fail = (error: Error) => {
    if (!isConnecting) return;
    leaveConnecting();
    reject(error);
    socket.terminate();
  };
  const onAbort = () => fail(new AbortError());
  const onTimeout = () =>
    fail(
      transportFailure("timeout", name, `no handshake within ${handshakeTimeoutMs} ms`, { bytesMayHaveLeft: false }),
    );
  const timeout = setTimeout(onTimeout, handshakeTimeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  socket.on("unexpected-response", (_request, response) => {
    const status = response.statusCode;
    fail(transportFailure("handshake", name, `refused with status ${status}`, { bytesMayHaveLeft: false, status }));
  });
  let fault: WebSocketClose | undefined;
  socket.on("error", (error: Error & { readonly code?: string }) => {
    fault ??= brokenFrame(error);
    fail(connectFailure(name, error));
  });
  socket.on("close", (code, reason) => {
    if (isConnecting) fail(transportFailure("reset", name, "connection reset", { bytesMayHaveLeft: false }));
    else if (hasOpened) handlers.onClose(fault ?? { code, reason: reason.toString("utf8") });
  });
  socket.on("open", () => {
    if (!isConnecting) return;
    leaveConnecting();
    hasOpened = true;
    socket.on("message", (data) => {
      if (Buffer.isBuffer(data) && handlers.onBytes?.(data) === true) return;
      handlers.onText(textOf(data));
    });
    socket.on("ping", () => handlers.onPing?.());
    socket.on("pong", () => handlers.onPong?.());
    // A message that shares the handshake's TCP segment would reach the handlers before the caller has the connection.
    socket.pause();
    setImmediate(() => socket.resume());
    resolve(connectionOf(socket, name));
  });
  return promise;
}

function connectionOf(socket: WebSocket, name: string): WebSocketConnection {
  const isOpen = () => socket.readyState === socket.OPEN;
  return {
    get isOpen() {
      return isOpen();
    },
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send(text) {
      if (!isOpen()) throw transportFailure("closed", name, "not open", { bytesMayHaveLeft: false });
      socket.send(text);
    },
    ping() {
      if (isOpen()) socket.ping();
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  };
}

function connectFailure(name: string, error: Error & { readonly code?: string }): Error {
  const refused = error.code === "ECONNREFUSED";
  const reason = refused ? "connection refused" : `cannot connect (${error.message || error.code})`;
  return transportFailure(refused ? "refused" : "connect", name, reason, { bytesMayHaveLeft: false, cause: error });
}

export function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString("utf8");
  return Array.isArray(data) ? Buffer.concat(data).toString("utf8") : Buffer.from(data).toString("utf8");
}
