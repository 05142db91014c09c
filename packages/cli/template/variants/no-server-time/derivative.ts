import type { VenueDerivative } from "../../../../../src/connector/perpetual-venue.ts";
import { publicRequest } from "../../venue/web-utils.ts";
import * as constants from "./constants.ts";

export const network: Pick<VenueDerivative, "checkNetwork"> = {
  // <check-network>
  checkNetwork: async ({ api, signal }) => void (await api.send(publicRequest(constants.PING_PATH_URL), signal)),
  // </check-network>
};

export const paths = {
  // <check-network-path>
  checkNetworkRequestPath: constants.PING_PATH_URL,
  // </check-network-path>
};
