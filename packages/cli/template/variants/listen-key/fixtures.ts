import { paste } from "../../../../../src/testing/kit/index.ts";

export const notOffered = {
  // <not-offered-access>
  socketLogin: "The private stream is opened with a listen key.",
  socketThatRefusesPrivateChannel: "The stream of a listen key has everything unasked.",
  // </not-offered-access>
};

export const answers = [
  // <private-answers>
  // </private-answers>
];

export const socket = {
  // <private-mark>
  private: { target: "listenKey=" },
  // </private-mark>
};

export const routesBy = (ok: (payload: unknown) => unknown) => [
  // <access-route>
  { method: "POST", path: "/v1/listen-key", body: ok({ listenKey: "listen-key-of-the-tests" }) },
  { method: "PUT", path: "/v1/listen-key", body: ok({}) },
  // </access-route>
];

export const stream = {
  // <private-stream>
  expectedPrivateSubscriptions: [],
  listenKey: paste(
    "the answers that make and keep a listen key, how each is refused, and the frame of its end [signing requests]",
  ),
  // </private-stream>
};
