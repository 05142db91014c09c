import { keyRoute, type PrivateCall, type Route } from "./context.ts";
import { refused } from "./errors.ts";
import type { WireValue } from "./wire.ts";

const PATH = "/fapi/v1/listenKey";

/** Routes of listen keys. They want the API key alone; a signature is not looked at. */
export const listenKeyRoutes: readonly Route[] = [
  keyRoute("POST", PATH, 1, ({ context, login }) => ({ listenKey: context.listenKeys.open(login) })),
  keyRoute("PUT", PATH, 1, extend),
  keyRoute("DELETE", PATH, 1, ({ context, login }) => {
    context.listenKeys.close(login.apiKey);
    return {};
  }),
];

function extend({ context, login, parameters }: PrivateCall): WireValue {
  const named = parameters.text("listenKey");
  if (named !== undefined && context.listenKeys.accountOf(named) !== login.accountId) throw refused(-1125);
  const listenKey = context.listenKeys.extend(login.apiKey);
  if (listenKey === undefined) throw refused(-1125);
  return { listenKey };
}
