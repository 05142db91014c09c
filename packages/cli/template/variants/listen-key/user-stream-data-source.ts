import { z } from "zod";
import type {
  PrivateFrameKind,
  VenueUserStreamDataSource,
} from "../../../../../src/account/venue-user-stream-data-source.ts";
import type { VenueContext } from "../../../../../src/net/venue-api.ts";
import { publicRequest, read, type WireFrame } from "../../venue/web-utils.ts";
import * as constants from "./constants.ts";

// <wire-listen-key>
const wireListenKey = z.object({ listenKey: z.string().min(1) });
// </wire-listen-key>

// <listen-key-request>
function sendListenKeyRequest({ api, signal }: VenueContext, method: "POST" | "PUT", listenKey?: string) {
  const request = { ...publicRequest(constants.LISTEN_KEY_PATH_URL, { listenKey }), method, isAuthRequired: true };
  return api.send({ ...request, lane: "create" }, signal);
}
// </listen-key-request>

type Access = Pick<VenueUserStreamDataSource, "listenKey" | "loginIsAcknowledged" | "subscribeChannels">;

export const access: Access = {
  // <access>
  listenKey: {
    keepAliveIntervalMs: constants.LISTEN_KEY_KEEP_ALIVE_MS,
    validForMs: constants.LISTEN_KEY_VALID_MS,
    fetchListenKey: async (context) =>
      read("a listen key", wireListenKey, await sendListenKeyRequest(context, "POST")).listenKey,
    async pingListenKey(context, listenKey) {
      await sendListenKeyRequest(context, "PUT", listenKey);
    },
  },
  loginIsAcknowledged: false,
  // Everything of the account comes without being asked for.
  subscribeChannels: () => [],
  // </access>
};

export function kindOf(message: WireFrame): PrivateFrameKind {
  // <frame-kinds>
  if (message.op === "listenKeyExpired") return "listenKeyExpired";
  // </frame-kinds>
  return "unknown";
}
