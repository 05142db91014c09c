import type {
  HttpRequest,
  HttpResponse,
  Runtime,
  WebSocketConnection,
  WebSocketHandlers,
} from "../../../src/runtime/runtime.ts";

export interface OpenSocket {
  readonly url: string;
  readonly handlers: WebSocketHandlers;
  readonly connection: WebSocketConnection;
}

/** What a program's network does, told as it happens. */
export interface Ears {
  /** An answer, before the program has it; what is returned is what the program is given. */
  onAnswer?(url: string, response: HttpResponse, request: HttpRequest): HttpResponse;
  onFrame?(text: string, url: string): void;
  onOpen?(socket: OpenSocket): void;
}

/** A runtime whose requests and WebSockets are listened to. */
export function overheard(runtime: Runtime, ears: Ears): Runtime {
  const { http, webSocket } = runtime;
  return {
    ...runtime,
    http: {
      async request(request) {
        const response = await http.request(request);
        return ears.onAnswer?.(request.url, response, request) ?? response;
      },
      close: () => http.close(),
    },
    webSocket: {
      async connect(url, handlers, options) {
        const onText = (text: string): void => {
          ears.onFrame?.(text, url);
          handlers.onText(text);
        };
        const connection = await webSocket.connect(url, { ...handlers, onText }, options);
        ears.onOpen?.({ url, handlers, connection });
        return connection;
      },
    },
  };
}
