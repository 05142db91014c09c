import type { RawData, WebSocket } from "ws";
import { AbortError, throwIfAborted } from "../model/error.ts";
import type { WebSocketClient, WebSocketConnection, WebSocketHandlers, WebSocketOptions } from "./runtime.ts";
import { LARGEST_MESSAGE_BYTES, MESSAGE_TOO_BIG, tooLarge } from "./size-limits.ts";
import { splitUrl, transportFailure, withoutQuery } from "./transport-failure.ts";

const TOO_LARGE = { code: MESSAGE_TOO_BIG, reason: tooLarge("a message", LARGEST_MESSAGE_BYTES) };

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
      maxPayload: LARGEST_MESSAGE_BYTES,
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
  let isTooLarge = false;
  socket.on("error", (error: Error & { readonly code?: string }) => {
    isTooLarge ||= error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
    fail(connectFailure(name, error));
  });
  socket.on("close", (code, reason) => {
    if (isConnecting) fail(transportFailure("reset", name, "connection reset", { bytesMayHaveLeft: false }));
    else if (hasOpened && isTooLarge) handlers.onClose(TOO_LARGE);
    else if (hasOpened) handlers.onClose({ code, reason: reason.toString("utf8") });
  });
  socket.on("open", () => {
    if (!isConnecting) return;
    leaveConnecting();
    hasOpened = true;
    socket.on("message", (data) => handlers.onText(textOf(data)));
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
