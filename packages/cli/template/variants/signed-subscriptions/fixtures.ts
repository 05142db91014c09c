import { paste } from "../../../../../src/testing/kit/index.ts";

export const notOffered = {
  // <not-offered-access>
  listenKey: "Each private subscription is signed by itself.",
  socketLogin: "Each private subscription is signed by itself.",
  // </not-offered-access>
};

export const answers = [
  // <login-answer>
  // </login-answer>
];

export const socket = {
  // <private-mark>
  private: { frames: [{ auth: { signature: "*" } }] },
  // </private-mark>
};

export const stream = {
  // <login-vector>
  // </login-vector>
  // <private-subscriptions>
  expectedPrivateSubscriptions: paste(
    "the signed frames that subscribe the private channels, with * for time and signature [signing requests]",
  ),
  // </private-subscriptions>
};
