export function webSockets(publicUrl: string, privateUrl: string): Readonly<Record<string, string>> {
  // <private-url>
  // CHECK: where the key stands.
  return { public: publicUrl, private: `${privateUrl}?listenKey={listenKey}` };
  // </private-url>
}

// <stream-path>
export const LISTEN_KEY_PATH_URL = "/v1/listen-key";
// </stream-path>
// <listen-key-times>
// CHECK: how long a listen key lives; it is kept alive at half of that.
export const LISTEN_KEY_VALID_MS = 3_600_000;
export const LISTEN_KEY_KEEP_ALIVE_MS = 1_800_000;
// </listen-key-times>
