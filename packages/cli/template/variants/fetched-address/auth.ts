import type { Authenticator } from "../../../../../src/net/auth.ts";

export const stream: Pick<Authenticator, "wsAuthenticate"> = {
  // <login>
  // The private stream's URL holds a token of the account.
  wsAuthenticate: () => undefined,
  // </login>
};
