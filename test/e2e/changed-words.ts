import type { HttpRequest, HttpResponse, Runtime } from "../../src/runtime/runtime.ts";

export interface ChangedWords {
  /** Changes an answer, or delays it. */
  answer(request: HttpRequest, answer: HttpResponse, runtime: Runtime): HttpResponse | Promise<HttpResponse>;
  /** Changes a frame. */
  frame(text: string): string;
}

/** Makes runtimes in which the venue says something else. */
export const changing =
  ({ answer, frame }: ChangedWords) =>
  (runtime: Runtime): Runtime => ({
    ...runtime,
    http: {
      close: () => runtime.http.close(),
      request: async (request) => answer(request, await runtime.http.request(request), runtime),
    },
    webSocket: {
      connect: (url, handlers, options) => {
        const onText = (text: string) => handlers.onText(frame(text));
        return runtime.webSocket.connect(url, { ...handlers, onText }, options);
      },
    },
  });
