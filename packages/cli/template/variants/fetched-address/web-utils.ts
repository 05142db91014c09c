import { z } from "zod";
import type { VenueWebUtils } from "../../../../../src/connector/perpetual-venue.ts";
import type { SocketAddress } from "../../../../../src/net/socket-address.ts";
import type { RestRequest, VenueContext } from "../../../../../src/net/venue-api.ts";
import { publicRequest, read } from "../../venue/web-utils.ts";
import { STREAM_ADDRESS_PATH_URL } from "./constants.ts";

// <fetch-socket-address>
const wireAddress = z.object({ url: z.string().regex(/^wss?:/) });

// CHECK: paths, which of the two is signed, and whether the answer asks for a heartbeat of its own.
/** The URL of one connection, with its token. */
export async function fetchSocketAddress({ api, signal }: VenueContext, socket: string): Promise<SocketAddress> {
  const isAuthRequired = socket === "private";
  const path = `${STREAM_ADDRESS_PATH_URL}/${socket}`;
  const request: RestRequest = { ...publicRequest(path), method: "POST", isQuestion: true, isAuthRequired };
  return { url: read(`POST ${path}`, wireAddress, await api.send(request, signal)).url };
}
// </fetch-socket-address>

export const webUtils: Pick<VenueWebUtils, "fetchSocketAddress"> = {
  // <socket-address>
  fetchSocketAddress,
  // </socket-address>
};
