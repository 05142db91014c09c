import type { ProcessLines } from "../../checker/history.ts";
import { PerpwireError } from "../../model/error.ts";
import type {
  HttpClient,
  HttpRequest,
  Runtime,
  WebSocketClient,
  WebSocketConnection,
  WebSocketHandlers,
  WebSocketOptions,
} from "../../runtime/runtime.ts";
import type { HistorySecrets } from "./secrets.ts";

type WithoutOrigin<Line> = Line extends unknown ? Omit<Line, "t" | "host" | "life"> : never;
/** A line before its time and its process are put to it. */
export type ProcessFact = WithoutOrigin<ProcessLines>;
export type WriteFact = (fact: ProcessFact) => void;

const encoder = new TextEncoder();
/** Longer texts are kept by their beginning: lists of all markets of a venue, of which no rule reads anything. */
const MAX_TEXT = 262_144;

/** A runtime that writes down what its process sends and receives, and changes neither a byte nor the order of anything. */
export function recordedRuntime(runtime: Runtime, secrets: HistorySecrets, write: WriteFact): Runtime {
  // Facts from code of a killed process reach nobody.
  const note: WriteFact = (fact) => {
    if (runtime.isEnded?.() !== true) write(fact);
  };
  return {
    ...runtime,
    http: recordedHttp(runtime.http, secrets, note),
    webSocket: recordedWebSocket(runtime.webSocket, secrets, note),
  };
}

function recordedHttp(http: HttpClient, secrets: HistorySecrets, note: WriteFact): HttpClient {
  let count = 0;
  return {
    request(request: HttpRequest) {
      count += 1;
      const id = count;
      const { method, url, body } = request;
      note({ kind: "request", id, method, url: secrets.sent(url), ...(body && { body: secrets.sent(body) }) });
      const answer = http.request(request);
      answer.then(
        ({ status, text }) => note({ kind: "answer", id, status, text: secrets.received(text).slice(0, MAX_TEXT) }),
        (error: unknown) => note({ kind: "answer", id, ...lossOf(error) }),
      );
      return answer;
    },
    close: () => http.close(),
  };
}

function lossOf(error: unknown): { readonly lost: string; readonly mayHaveLeft: boolean } {
  if (!(error instanceof PerpwireError)) return { lost: String(error), mayHaveLeft: true };
  return { lost: error.code, mayHaveLeft: error.outcome === "unknown" };
}

function recordedWebSocket(client: WebSocketClient, secrets: HistorySecrets, note: WriteFact): WebSocketClient {
  let count = 0;
  return {
    connect(url: string, handlers: WebSocketHandlers, options: WebSocketOptions) {
      count += 1;
      const socket = count;
      const { onPing, onPong } = handlers;
      const opened = client.connect(
        url,
        {
          onText(text) {
            note({ kind: "frame", socket, dir: "in", ...cut(secrets.received(text)) });
            if (handlers.onBytes?.(encoder.encode(text)) !== true) handlers.onText(text);
          },
          onClose(info) {
            note({ kind: "socket", socket, what: "closed", code: info.code });
            handlers.onClose(info);
          },
          ...(onPing && { onPing: () => handlers.onPing?.() }),
          ...(onPong && { onPong: () => handlers.onPong?.() }),
        },
        options,
      );
      opened.then(
        (connection) => {
          note({ kind: "socket", socket, what: "open", url: secrets.sent(secrets.received(url)) });
          noteSent(connection, (text) => note({ kind: "frame", socket, dir: "out", ...cut(secrets.sent(text)) }));
        },
        () => {},
      );
      return opened;
    },
  };
}

/** Another object in the connection's place would be there a turn later than the connection is. */
function noteSent(connection: WebSocketConnection, note: (text: string) => void): void {
  const send = connection.send.bind(connection);
  connection.send = (text) => {
    send(text);
    note(text);
  };
}

function cut(text: string): { readonly text: string; readonly length?: number } {
  return text.length <= MAX_TEXT ? { text } : { text: text.slice(0, MAX_TEXT), length: text.length };
}
