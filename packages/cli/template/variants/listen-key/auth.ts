import type { Authenticator } from "../../../../../src/net/auth.ts";

export const stream: Pick<Authenticator, "wsAuthenticate"> = {
  // <login>
  // The private stream is opened with a listen key.
  wsAuthenticate: () => undefined,
  // </login>
};
