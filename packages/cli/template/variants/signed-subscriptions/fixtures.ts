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
};
