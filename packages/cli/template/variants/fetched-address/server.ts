import type { ServerRequest, ServerResponse } from "../../../../../src/runtime/runtime.ts";

interface Place {
  readonly BASE_PATH: string;
  respond(status: number, body: unknown): ServerResponse;
  good(payload: unknown): unknown;
}

export function streamAddress(request: ServerRequest, path: string, { BASE_PATH, respond, good }: Place) {
  const { method } = request;
  // <stream-address>
  // CHECK: how the URL of a socket is told. A client comes back to the host that it asked.
  const socket = /^\/v1\/stream-address\/(public|private)$/.exec(path)?.[1];
  if (method === "POST" && socket !== undefined) {
    const url = `ws://${request.headers.host ?? "paper.venue"}${BASE_PATH}?token=${socket}`;
    return respond(200, good({ url }));
  }
  // </stream-address>
  return undefined;
}
