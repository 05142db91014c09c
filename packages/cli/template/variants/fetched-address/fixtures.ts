export const notOffered = {
  // <not-offered-access>
  listenKey: "The private stream's URL holds a token.",
  socketLogin: "The private stream's URL holds a token.",
  // </not-offered-access>
};

export const answers = [
  // <login-answer>
  // </login-answer>
];

export const socket = {
  // <private-mark>
  private: { target: "token=" },
  // </private-mark>
};

export const routesBy = (ok: (payload: unknown) => unknown) => [
  // <access-route>
  { method: "POST", path: "/v1/stream-address/public", body: ok({ url: "{webSocketUrl}" }) },
  { method: "POST", path: "/v1/stream-address/private", body: ok({ url: "{webSocketUrl}?token=t" }) },
  // </access-route>
];

export const stream = {
  // <login-vector>
  // </login-vector>
};
