import { z } from "zod";
import type { VenueDerivative } from "../../../../../src/connector/perpetual-venue.ts";
import type { OrderToPlace } from "../../../../../src/model/order.ts";
import type { VenueContext } from "../../../../../src/net/venue-api.ts";
import { get } from "../../venue/requests.ts";
import { read } from "../../venue/web-utils.ts";
import * as constants from "./constants.ts";

// <wire-position-mode>
const wireMode = z.object({ mode: z.enum(["one_way", "hedge"]) });
// </wire-position-mode>

export function closing(order: OrderToPlace) {
  // <position-side>
  const isHedge = order.positionMode === "hedge";
  const isLong = (order.side === "buy") === (order.positionAction === "open");
  // </position-side>
  return {
    // <closing>
    // CHECK: in hedge mode the position side says what closes; some venues want `reduceOnly` as well, others refuse it.
    reduceOnly: isHedge ? undefined : order.reduceOnly,
    positionSide: isHedge ? (isLong ? "long" : "short") : undefined,
    // </closing>
  };
}

type Send = (context: VenueContext, path: string, data: object) => Promise<void>;

export const modesBy = (send: Send): Pick<VenueDerivative, "setPositionMode" | "fetchPositionMode"> => ({
  // <position-mode>
  // CHECK: whether the mode is the account's or each market's.
  async setPositionMode(context, positionMode) {
    await send(context, constants.POSITION_MODE_PATH_URL, { mode: positionMode === "hedge" ? "hedge" : "one_way" });
  },

  async fetchPositionMode({ api, signal }) {
    const payload = await api.send(get(constants.POSITION_MODE_PATH_URL), signal);
    return read("the position mode", wireMode, payload).mode === "hedge" ? "hedge" : "oneWay";
  },
  // </position-mode>
});
